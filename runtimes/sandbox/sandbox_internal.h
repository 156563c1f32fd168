/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox_internal.h - a sandbox as this component knows it, and the operations on it.
 *
 * Operations hold a sandbox one after the other, in order of arrival. Its state is derived: READY when it is made,
 * not stopped, and its oarsman-pause, if it has one, lives.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/map.h"
#include "base/worker.h"
#include "rt/sandbox.h"
#include "rt/task.h"
#include "sandbox_record.h"

struct sandboxes {
    struct rt_sandboxes handle; /* first */
    struct rt_sandboxes_ops ops;
    struct loop *loop;
    char *name, *run_dir, *dir, *pause;
    struct rt_network *network;
    struct rt_cgroups *cgroups;
    struct map by_id;       /* id → struct sandbox */
    struct map by_identity; /* uid#attempt → struct sandbox */
    rt_event_fn event_fn;
    void *event_user;
    struct err adopt_err;
};

struct sandbox {
    struct sandboxes *s;
    struct arena *arena;
    struct sandbox_record record; /* strings in arena */
    char *identity;
    char *dir, *net_path, *ipc_path, *uts_path, *pid_path, *shm_path, *resolv_path, *hostname_path;
    struct rt_sandbox_place place;
    bool gone;
    bool pause_dead;
    int pause_fd; /* pidfd; -1 */
    struct loop_fd pause_watch;
    struct sandbox_operation *holder;
    struct list waiting;
};

struct sandbox *sandbox_new(struct sandboxes *s, struct arena *arena_taken, const struct sandbox_record *record);
void sandbox_drop(struct sandbox *b);
void sandbox_free_if_unused(struct sandbox *b);
char *sandbox_identity(const char *uid, int64_t attempt); /* caller owns. Pure */
void sandbox_view(const struct sandbox *b, struct rt_sandbox *ret);
int sandbox_save(struct sandbox *b, struct err *err);
/* Watches oarsman-pause, if there is one. */
void sandbox_watch_pause(struct sandbox *b, bool quiet);

/* ---- operations ---- */

struct pause_process { /* pid 0: none */
    int64_t pid;
    uint64_t start_ticks;
};

struct sandbox_operation;
typedef void (*sandbox_operation_fn)(struct sandbox_operation *o);

struct sandbox_operation {
    struct rt_task task; /* first */
    struct sandboxes *s;
    struct sandbox *b; /* NULL: no such sandbox */
    struct list node;
    sandbox_operation_fn run, next, after;
    sandbox_operation_fn skip; /* its caller has gone before its turn; NULL: nothing to take back */
    struct err err, first_err;
    struct worker_job job;
    struct arena *arena; /* of the configuration; create alone */
    const struct rt_sandbox_config *config;
    struct pause_process pause;
};

struct sandbox_operation *sandbox_operation_new(struct sandboxes *s, const struct rt_call *call, struct sandbox *b,
                                                sandbox_operation_fn run);
void sandbox_operation_end(struct sandbox_operation *o, const struct err *err, const void *result);
void sandbox_operation_end_with_view(struct sandbox_operation *o);
void sandbox_operation_worker(struct sandbox_operation *o, worker_fn run, worker_fn done);

/* ---- the steps ---- */

/* Worker: everything but the network. What it leaves when it fails, release and erase take away. */
int sandbox_make(const struct sandbox *b, const struct rt_sandbox_config *config, struct pause_process *ret_pause,
                 struct err *err);
/* Worker: lets go of the namespaces and the mounts, ends oarsman-pause. Files and the group stay. */
int sandbox_release(const struct sandbox *b, struct err *err);
/* Worker: the rest, the record last. */
int sandbox_erase(const struct sandbox *b, struct err *err);
/* Loop: network, release, erase. next() comes with o->err. */
void sandbox_end_stop(struct sandbox_operation *o, sandbox_operation_fn next);
void sandbox_end_remove(struct sandbox_operation *o, sandbox_operation_fn next);

struct rt_op *sandbox_create_call(struct rt_sandboxes *h, const struct rt_sandbox_config *config,
                                  const struct rt_call *call);
struct rt_op *sandbox_stop_call(struct rt_sandboxes *h, const char *id, const struct rt_call *call);
struct rt_op *sandbox_remove_call(struct rt_sandboxes *h, const char *id, const struct rt_call *call);

/* ---- oarsman-pause ---- */

/* Worker: starts it in the sandbox's namespaces and group and holds its pid namespace at pid_path. */
int pause_start(const struct sandbox *b, struct pause_process *ret, struct err *err);
