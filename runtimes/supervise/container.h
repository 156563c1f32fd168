/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container.h - a container as this component knows it, and the supervisor that holds them all.
 *
 * Operations that change a container hold it one after the other, in order of arrival; stop holds it only to
 * send its signal and then waits beside the others. What a container's state is, is derived (container_state):
 *
 *   record.made   refused  started  exited    state
 *   no            -        -        -         UNKNOWN  (remains of an unfinished creation)
 *   yes           yes      -        -         CREATED until start is asked for, then EXITED 128 StartError
 *   yes           no       no       no        CREATED
 *   yes           no       yes      no        RUNNING; UNKNOWN when its supervisor is lost
 *   yes           no       -        yes       EXITED
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/loop.h"
#include "base/map.h"
#include "base/worker.h"
#include "record.h"
#include "rt/supervise.h"

struct operation;

struct rt_supervisor {
    struct loop *loop;
    struct rt_containers containers;
    struct rt_containers_ops ops;
    char *name;
    char *run_dir, *containers_dir, *exits_dir, *state_dir;
    char *conmon, *runtime, *cgroup_prefix;
    char **runtime_args;
    char **conmon_joins; /* files of its group, version 1: joined before it is executed; NULL: it stays with us */
    char **conmon_moves; /* version 2: it is moved afterwards, off the path of the start */
    int mount_ns_fd;
    struct rt_cgroups *cgroups;
    struct rt_sandboxes *sandboxes;
    struct rt_bundler *bundlers;
    size_t bundlers_len;
    struct map by_id;       /* id → struct container */
    struct map by_identity; /* sandbox/name#attempt → struct container */
    int exits_fd;           /* inotify */
    struct loop_fd exits_watch;
    rt_event_fn event_fn;
    void *event_user;
    struct err adopt_err; /* of adopt_one() */
};

struct container {
    struct rt_supervisor *s;
    struct arena *arena;
    struct container_record record; /* strings in arena */
    char *identity;
    char *dir;
    bool gone;    /* removed: operations that still wait find nothing */
    bool exited;
    int exit_code;
    int64_t finished_wall_ns;
    bool oom_killed;
    bool supervisor_lost;
    bool ended_unseen; /* exited, and nobody knows how */
    bool start_asked; /* makes a refused container EXITED */
    int watch_fd;     /* pidfd of conmon, or of the container when conmon is lost; -1 */
    struct loop_fd watch;
    struct operation *holder;
    struct list waiting;  /* operations that will hold it */
    struct list for_exit; /* operations to be told of the exit */
    struct loop_timer kill_timer;
    int64_t kill_at_ms; /* boot time; 0: no stop under way */
};

/* In both maps of s. Fails only when identity is taken already: -EEXIST. record is copied as a struct. */
struct container *container_new(struct rt_supervisor *s, struct arena *arena_taken,
                                const struct container_record *record);
/* Out of the maps; freed when nobody holds it or waits. */
void container_drop(struct container *c);
void container_free_if_unused(struct container *c);
char *container_identity(const char *sandbox_id, const char *name, int64_t attempt); /* caller owns. Pure */

enum rt_container_state container_state(const struct container *c); /* Pure */
/* View for status and list; strings are c's. */
void container_view(const struct container *c, struct rt_container *ret);
int container_save(struct container *c, struct err *err); /* writes the record */

/* ---- exits.c: how the end of a container or of its supervisor becomes known ---- */

int exits_watch(struct rt_supervisor *s, struct err *err);
void exits_unwatch(struct rt_supervisor *s);
/* Watches the supervisor of a made container; notices at once what has happened already, with events or without. */
void exits_watch_container(struct container *c, bool quiet);
void exits_unwatch_container(struct container *c);
/* Reads exits/ID. Whether there is one. */
bool exits_collect(struct container *c);

/* Who made a container; of one that a predecessor has made: by the program that runs it. */
const struct rt_bundler *supervisor_bundler(const struct rt_supervisor *s, const char *runtime);

void supervisor_event(struct rt_supervisor *s, enum rt_event_kind kind, const struct container *c);

/* ---- signals ---- */

/* To the container's first process, if it is still that. 0; -ESRCH: it has ended. */
int container_signal(const struct container *c, int signum);
