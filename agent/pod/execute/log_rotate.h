/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

struct pods;

/* Looks at the logs of running containers now and then and rotates those that have grown too large. */
void log_rotate_start(struct pods *p);
