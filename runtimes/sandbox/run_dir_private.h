/* SPDX-License-Identifier: Apache-2.0 */
/* run_dir_private.h - for run_dir.c and its test. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Whether the mount of this id has peers, by the text of /proc/PID/mountinfo. Pure. */
bool run_dir_is_shared(const char *mountinfo, uint64_t mount_id);
