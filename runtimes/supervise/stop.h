/* SPDX-License-Identifier: Apache-2.0 */
/* stop.h - the end of grace. */
#pragma once

#include "base/loop.h"

struct container;

void stop_on_kill_timer(struct loop_timer *t); /* of struct container */
void stop_kill(struct container *c);           /* SIGKILL, now */
