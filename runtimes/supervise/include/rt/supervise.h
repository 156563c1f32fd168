/* SPDX-License-Identifier: Apache-2.0 */
/*
 * supervise.h - the life of containers under conmon, for every backend whose runtime speaks the OCI command line
 * (create, start, state, kill, delete).
 *
 * conmon is the parent of a container's first process and outlives the agent: it writes the CRI log, keeps the
 * exit code and serves attach. This component makes, starts, stops, removes, lists and re-adopts; what stands in
 * the bundle (root file system, config.json) is the backend's, behind struct rt_bundler.
 *
 * Below run_dir, a tmpfs:
 *   containers/ID/  the bundle: record.json, config.json, pidfile, conmon.pid, attach, ctl, oom
 *   exits/ID        the exit code, renamed into place by conmon
 *   state/          the runtime's own
 * The record is written before anything else is made, and goes last.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "rt/cgroup.h"
#include "rt/runtime.h"
#include "rt/sandbox.h"

struct loop;

/* One bundle being made. */
struct rt_bundle {
    struct arena *arena;  /* lives until free() */
    const char *id;       /* the container's */
    const char *dir;      /* exists, absolute */
    const char *cgroup_path;
    const struct rt_container_config *config; /* a copy in arena */
    const struct rt_sandbox_place *place;     /* valid in prepare() alone */
    const char *stop_signal; /* prepare() sets it when the image has one and config has none; in arena */
    enum rt_namespace_mode pid; /* the sandbox's, or TARGET */
    const struct rt_user *user; /* make() sets it: whom the process will be; valid until free() */
    int64_t target_pid; /* first process of config->security.target_container_id; 0: none */
    void *data; /* the backend's */
};
enum { RT_BUNDLE_NOT_MINE = 1 };
typedef void (*rt_bundle_ready_fn)(struct rt_bundle *b, const struct err *err);

/*
 * One way to make a container. A supervisor may know several: each container is made by the first that takes it, and
 * what comes after (exits, logs, adoption) is the same for all.
 */
struct rt_bundler {
    void *user;
    const char *runtime; /* absolute path of the program that runs what it makes; NULL: the supervisor's */
    /* Loop, fast: what that program's start does, without a process. -EALREADY: it was started before. NULL: it is run. */
    int (*start)(void *user, const char *state_dir, const char *id, struct err *err);
    bool leaves_files_only; /* what that program keeps of a container that has ended is its folder in state/: its delete
                             * is not run */
    bool in_mount_ns;    /* that program's create, and so conmon, has to live in the supervisor's mount_ns_fd */
    /* Loop: looks up what make() needs, copies it into the bundle. Fast. RT_BUNDLE_NOT_MINE: another one's, and nothing
     * is kept; the last one takes all. */
    int (*prepare)(void *user, struct rt_bundle *b, struct err *err);
    /* Loop, after prepare(), for what takes long before anything is made (a compilation): ready() is called once, later,
     * on the loop, with err NULL on success. NULL: nothing does. */
    void (*await)(void *user, struct rt_bundle *b, rt_bundle_ready_fn ready);
    /* Nobody waits any more: ready() does not come. */
    void (*unawait)(void *user, struct rt_bundle *b);
    /* Worker: root file system and config.json. What it leaves behind when it fails, unmake() takes away. */
    int (*make)(struct rt_bundle *b, struct err *err);
    /* Loop, after make() or when that never ran: releases data. */
    void (*free)(void *user, struct rt_bundle *b);
    /* Worker: takes away what make() made outside of plain files in dir; nothing there is fine. */
    int (*unmake)(void *user, const char *id, const char *dir, struct err *err);
};

struct rt_supervise_config {
    const char *name;    /* scheme of the ids */
    const char *run_dir; /* absolute, on a tmpfs; made when absent */
    const char *conmon;  /* absolute path of the program */
    const char *runtime; /* the same; recorded for each container, so that it may differ after a restart */
    const char *const *runtime_args; /* NULL-terminated, in front of the command; NULL: none */
    int mount_ns_fd;     /* 0: none; for bundlers with in_mount_ns; taken */
    const char *cgroup_prefix; /* what the cgroups put in front of paths; NULL: nothing */
    const char *conmon_cgroup; /* group for the supervisors; NULL: they stay in the caller's */
    struct rt_cgroups *cgroups;     /* borrowed until free */
    struct rt_sandboxes *sandboxes; /* borrowed until free */
    const struct rt_bundler *bundlers; /* asked in this order; copied */
    size_t bundlers_len;
};

struct rt_supervisor; /* owns a struct rt_containers */

/* Makes the folders, adopts what is there (blocking: a few hundred microseconds a container) and watches it.
 * Strings are copied. A record that cannot be read is an error that names its file. */
int rt_supervisor_new(struct loop *loop, const struct rt_supervise_config *config, struct rt_supervisor **ret,
                      struct err *err);
struct rt_supervisor *rt_supervisor_free(struct rt_supervisor *s); /* containers run on; no operation under way. NULL */
struct rt_containers *rt_supervisor_containers(struct rt_supervisor *s); /* borrowed */
void rt_supervisor_set_events(struct rt_supervisor *s, rt_event_fn fn, void *user);
