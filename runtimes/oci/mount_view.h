/* SPDX-License-Identifier: Apache-2.0 */
/* mount_view.h - a mount namespace for crun's create on machines with a hybrid cgroup tree. */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/* Whether version 2 is mounted beside version 1 hierarchies: crun refuses to run then. Blocking, once. */
bool mount_view_needed(void);
/* A mount namespace like ours without that mount; the descriptor keeps it. Blocking. */
int mount_view_new(int *ret_fd, struct err *err);
