/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroup_internal.h - what the parts share: hierarchies, and what differs between version 1 and 2
 * as tables.
 *
 * Version 1 has one hierarchy per controller (or a few together), version 2 one for all. Both are a
 * list of hierarchies with a set of controllers each; a group is the same path below each of them.
 */
#pragma once

#include "rt/cgroup.h"

enum cgroup_controller {
    CGROUP_CPU = 1 << 0,
    CGROUP_CPUACCT = 1 << 1,
    CGROUP_MEMORY = 1 << 2,
    CGROUP_PIDS = 1 << 3,
    CGROUP_FREEZER = 1 << 4,
    CGROUP_SERVICES = 1 << 5, /* no controller: where an init system keeps its services
                                 (name=systemd, the hybrid's v2) */
    CGROUP_OTHER = 1 << 6,    /* only cleaned up in */
};
/* Groups are made in the hierarchies of these; an OCI runtime makes what else it needs. */
#define CGROUP_MADE (CGROUP_CPU | CGROUP_CPUACCT | CGROUP_MEMORY | CGROUP_PIDS | CGROUP_SERVICES)

struct cgroup_hierarchy {
    char *mount; /* where it is mounted */
    unsigned controllers;
    bool v2;
};

struct cgroup_version; /* what differs */

struct rt_cgroups {
    const struct cgroup_version *version;
    struct cgroup_hierarchy *items;
    size_t len;
    char *prefix;     /* "" or "/…" */
    char *record_dir; /* NULL: none */
};

/* ---- cgroup_mounts.c ---- */
/* Fills version, items, len from the text of mountinfo. has_controllers(mount) tells whether the
 * version 2 hierarchy mounted there offers cpu and memory. Pure but for that. -ENOTSUP. */
typedef bool (*cgroup_probe_fn)(const char *mount);
int cgroup_mounts_parse(struct rt_cgroups *c, const char *mountinfo,
                        cgroup_probe_fn has_controllers, struct err *err);

/* ---- cgroup_path.c: pure ---- */
int cgroup_path_check(const char *path,
                      struct err *err); /* -EINVAL: empty, "/", relative, "." or "..", too long */
/* mount + prefix + path (+ "/" + file); caller owns. file may be NULL. */
char *cgroup_path_in(const struct rt_cgroups *c, const struct cgroup_hierarchy *h, const char *path,
                     const char *file);
char *cgroup_path_encode(const char *path); /* as a file name; caller owns */
char *cgroup_path_decode(const char *name); /* NULL: not one of ours */
const struct cgroup_hierarchy *cgroup_hierarchy_of(const struct rt_cgroups *c,
                                                   unsigned controller); /* NULL: none */

/* ---- cgroup_limits.c ---- */
struct cgroup_setting {
    unsigned controller;
    const char *file; /* static */
    char value[48];
};
enum { CGROUP_SETTINGS_MAX = 8 };
/* What must be written for these limits, in this order. Pure. */
size_t cgroup_limits_v1(const struct rt_resources *limits,
                        struct cgroup_setting ret[CGROUP_SETTINGS_MAX]);
size_t cgroup_limits_v2(const struct rt_resources *limits,
                        struct cgroup_setting ret[CGROUP_SETTINGS_MAX]);
int cgroup_limits_write(const struct rt_cgroups *c, const char *path,
                        const struct rt_resources *limits, struct err *err);

/* ---- cgroup_usage.c ---- */
struct cgroup_counter {
    unsigned controller;
    const char *file;
    const char *key; /* NULL: the file is the number */
    size_t offset;   /* in struct cgroup_raw */
    uint64_t scale;
};
extern const struct cgroup_counter cgroup_counters_v1[],
    cgroup_counters_v2[]; /* end with file NULL */
/* The number in text: of the line that begins with key, or the first. "max" is UINT64_MAX. Pure.
 * -ENOENT */
int cgroup_usage_number(const char *text, const char *key, uint64_t *ret);

/* ---- cgroup_kill.c ---- */
int cgroup_kill_v1(const struct rt_cgroups *c, const char *path);
int cgroup_kill_v2(const struct rt_cgroups *c, const char *path);
/* Calls fn for the group's directory in one hierarchy and all below it, children first. */
typedef int (*cgroup_walk_fn)(int dirfd, const char *name, void *user);
int cgroup_walk(const char *dir, cgroup_walk_fn fn, void *user);

/* ---- cgroup_record.c ---- */
int cgroup_record_add(const struct rt_cgroups *c, const char *path, struct err *err);
bool cgroup_record_has(const struct rt_cgroups *c,
                       const char *path); /* true when nothing is recorded at all */
int cgroup_record_drop(const struct rt_cgroups *c, const char *path, struct err *err);

struct cgroup_version {
    int number;
    size_t (*limits)(const struct rt_resources *limits,
                     struct cgroup_setting ret[CGROUP_SETTINGS_MAX]);
    const struct cgroup_counter *counters;
    int (*kill)(const struct rt_cgroups *c,
                const char *path); /* once, all that are there now; 0: none was there */
};
extern const struct cgroup_version cgroup_version_1, cgroup_version_2;
