/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_dir.h - a folder in which mounts and namespaces are pinned, seen alike in every mount namespace.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/* Makes path a shared mount point, once: a tmpfs when it does not lie on one, else a bind mount of itself. A mount made
 * below it later is then also seen in mount namespaces that exist already. Blocking. */
int rt_run_dir_prepare(const char *path, struct err *err);
/* The same for a folder whose files stay where they are; nothing is done when mounts there are shared already, as
 * systemd has it (*ret_made tells). Blocking. */
int rt_run_dir_share(const char *path, bool *ret_made, struct err *err);
/* Takes back what the above has made, unless something is mounted below. */
void rt_run_dir_unshare(const char *path);
/* Takes that mount away, with all below it; nothing there is fine. For tests and uninstalling. */
int rt_run_dir_remove(const char *path, struct err *err);
