/* SPDX-License-Identifier: Apache-2.0 */
/* binding.h - what admission, the API server and the scheduler would have added to pods of files. */
#pragma once

struct err;
struct manifest;

/* Replaces the pods of m: with a UID, the node, the overhead of their runtime class if that is there. -EINVAL: there is
 * no pod. */
int binding_of_pods(struct manifest *m, const char *node_name, struct err *err);
