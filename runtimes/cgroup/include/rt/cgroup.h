/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroup.h - control groups, version 1 and 2 behind one header.
 *
 * A group is named by a path that starts with '/' and is the same below each hierarchy
 * ("/kubepods/burstable/pod1234"). Which hierarchies exist, and which version they are, is read
 * once from mountinfo; a version 2 hierarchy without the controllers we need, mounted beside
 * version 1 ones (the hybrid), counts as version 1 and is only cleaned up in.
 *
 * Every function blocks for a short while (moving a process can take 15 ms):
 * workers only, but for those marked pure. A struct rt_cgroups is immutable after opening, so that
 * any thread may use it. Mounts are never touched: only directories are made and removed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "rt/runtime.h"

struct rt_cgroups;

struct rt_cgroups_config {
    const char *mountinfo_path; /* NULL: /proc/self/mountinfo */
    /* Put in front of every group's path ("/oarsman-test-7"); NULL or "": the top of each
     * hierarchy. */
    const char *prefix;
    /* One file for each group that was made, written before it is made: what is not recorded is not
     * removed. On a tmpfs. NULL: nothing is recorded, and removal trusts the caller. */
    const char *record_dir;
};

/* -ENOTSUP: neither cpu and memory hierarchies of version 1, nor a version 2 with these
 * controllers. */
int rt_cgroups_open(const struct rt_cgroups_config *config, struct rt_cgroups **ret,
                    struct err *err);
struct rt_cgroups *rt_cgroups_free(struct rt_cgroups *c); /* NULL */
DEFINE_CLEANUP(struct rt_cgroups *, rt_cgroups_free)
int rt_cgroups_version(const struct rt_cgroups *c); /* 1 or 2. Pure */

/* Makes the group (and its parents) and sets its limits. An existing one is fine: only the limits
 * are set. limits may be NULL: none. On failure what was made stays, recorded: remove it. */
int rt_cgroup_make(const struct rt_cgroups *c, const char *path, const struct rt_resources *limits,
                   struct err *err);
/* Fields that are 0 are left as they are. memory and cpu_quota of -1 mean unlimited. oom_score_adj
 * is not a group's matter. -ENOENT: no such group. */
int rt_cgroup_update(const struct rt_cgroups *c, const char *path,
                     const struct rt_resources *limits, struct err *err);

struct rt_cgroup_usage { /* a value that the kernel does not give is 0 */
    uint64_t cpu_usage_ns;
    uint64_t memory_usage_bytes;
    uint64_t memory_working_set_bytes; /* usage without inactive file cache */
    uint64_t memory_rss_bytes;
    uint64_t memory_limit_bytes; /* UINT64_MAX: none */
    uint64_t pids;
    uint64_t oom_kills; /* processes of this group killed for memory since it was made (v1: without
                           its children) */
};
int rt_cgroup_usage(const struct rt_cgroups *c, const char *path, struct rt_cgroup_usage *ret,
                    struct err *err);
bool rt_cgroup_exists(const struct rt_cgroups *c, const char *path); /* in any hierarchy */

/* The files into which a process of one thread must write "0" to be in the group: caller owns,
 * strv_free(). For struct proc_spec. With version 1 these are the hierarchies of cpu, memory and
 * pids and those that an init system tracks services by. Pure.
 *
 * Version 1: `tasks`, not cgroup.procs. Moving a whole process, or another one, takes a lock that the
 * kernel hands out after a grace period of RCU: 7 to 15 ms, unless somebody has just waited for it. The
 * thread that moves itself needs no lock (Linux 5.5, cgroup_procs_write_start()).
 * Version 2 (the hybrid's, too) has cgroup.procs alone, and so that wait; who is to be in from the
 * first has himself made there instead, by clone3() with CLONE_INTO_CGROUP and that file's folder. */
enum { RT_CGROUP_JOIN_V1 = 1, RT_CGROUP_JOIN_V2 = 2, RT_CGROUP_JOIN_ALL = 3 };
char **rt_cgroup_join_files(const struct rt_cgroups *c, const char *path, unsigned which);

/* Kills everything in the group and below, again and again until nothing is left; -ETIMEDOUT past
 * timeout_ms. */
int rt_cgroup_kill(const struct rt_cgroups *c, const char *path, int64_t timeout_ms,
                   struct err *err);
/* Kills what is left in it and removes the group and all below it from every hierarchy, also
 * directories that an OCI runtime made there, and forgets its record. An absent group is fine. Refuses
 * an empty path, "/", one with "." or ".." in it, and, with a record_dir, a group that is not recorded
 * (-EPERM, nothing touched). */
int rt_cgroup_remove(const struct rt_cgroups *c, const char *path, int64_t timeout_ms,
                     struct err *err);

/* The recorded groups in no order, as they were made: for cleaning up after a crash. Non-zero from
 * fn stops. */
typedef int (*rt_cgroup_each_fn)(const char *path, void *user);
int rt_cgroup_each_recorded(const struct rt_cgroups *c, rt_cgroup_each_fn fn, void *user,
                            struct err *err);

/* cpu.shares (2 … 262144) as cpu.weight (1 … 10000), linearly, as KEP-2254 has it. Pure. */
uint64_t rt_cgroup_weight_from_shares(uint64_t shares);
