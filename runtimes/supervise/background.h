/* SPDX-License-Identifier: Apache-2.0 */
/* background.h - small blocking steps that nobody waits for. They keep copies of what they need. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

struct rt_supervisor;

/* Moves a process into the groups of these cgroup.procs files (version 2). */
void background_move(struct rt_supervisor *s, char *const *procs_files, pid_t pid);
/* Kills whatever is left in a group. */
void background_kill_group(struct rt_supervisor *s, const char *cgroup_path);
