/* SPDX-License-Identifier: Apache-2.0 */
/*
 * effect.h - where the agent may be killed.
 *
 * effect("mount") stands directly before each step that changes the world outside the process (a mount, a
 * namespace, a cgroup, an address, a process, a file that another step relies on, a request that writes to the
 * API). In a build with OARSMAN_CRASH_POINTS and the environment CRASH_AT=n, the process kills itself with
 * SIGKILL before its n-th effect, and CRASH_LOG=FILE receives one line for each effect reached. Without the
 * option it costs nothing.
 */
#pragma once

#ifdef OARSMAN_CRASH_POINTS
void effect(const char *name); /* any thread */
#else
static inline void effect(const char *name)
{
    (void)name;
}
#endif
