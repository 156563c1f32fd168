/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operation.h - one call on a container: waits for its turn, runs, gives the turn on.
 *
 * run() is called with the container held, or with c == NULL when there is none (any more). It ends, then or
 * later, with operation_end(). An operation whose caller has gone before its turn (cancelled, too late) does
 * nothing at all.
 */
#pragma once

#include "container.h"
#include "conmon.h"
#include "rt/task.h"
#include "runtime_command.h"

struct operation;
typedef void (*operation_fn)(struct operation *o);

struct operation {
    struct rt_task task; /* first */
    struct rt_supervisor *s;
    struct container *c; /* NULL: no such container */
    struct list node;    /* in waiting, or in for_exit */
    operation_fn run;
    operation_fn skip;   /* its caller has gone before its turn; NULL: nothing to take back */
    operation_fn next;   /* after a sub-step (clean.c, waiting for the exit) */
    struct err err;      /* of the last step */
    struct worker_job job;
    struct runtime_command command;
    struct conmon_launch conmon;
    /* create */
    struct rt_bundle bundle;
    const struct rt_bundler *bundler; /* who takes it */
    struct err bundle_err; /* why it is being undone */
    /* clean */
    struct err command_err;
    unsigned pending; /* steps that run side by side */
    /* start */
    bool begun_before; /* by a predecessor, whose start may still run */
    bool has_started;
    /* stop */
    int64_t grace_ms;
    /* update, stats */
    struct rt_resources resources;
    struct rt_container_stats stats;
};

#define OPERATION_BOUND_MS (2 * 60 * 1000)

/* c may be NULL. The turn comes later, never from within. bound_ms: 0 for OPERATION_BOUND_MS. */
struct operation *operation_new(struct rt_supervisor *s, const struct rt_call *call, struct container *c,
                                int64_t bound_ms, operation_fn run);
/* Reports, gives the turn on, frees. err NULL: success. */
void operation_end(struct operation *o, const struct err *err, const void *result);
void operation_end_with_view(struct operation *o); /* struct rt_container of o->c */
/* Gives the turn on without an end: what follows must not change the container. */
void operation_release(struct operation *o);
/* Leaves the turn aside and comes back with next() when the container has exited. */
void operation_wait_for_exit(struct operation *o, operation_fn next);
/* The container has exited: those that wait for it go on, in later rounds. */
void operation_tell_exit(struct container *c);
void operation_worker(struct operation *o, enum worker_class class_, worker_fn run, worker_fn done);
