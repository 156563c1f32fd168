/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker.h - short blocking steps off the loop thread.
 *
 * run() executes on a pool thread with nothing but its job; done() executes later on the loop,
 * exactly once, also for a cancelled job. All functions are for the loop thread. A job is embedded
 * in a request that the caller keeps alive until done(). A pool thread never changes namespaces,
 * working directory, umask, credentials or signal mask: what needs that is a child (proc.h). What
 * can hang for ever is a child too, with a deadline.
 */
#pragma once

#include <stdbool.h>

#include "base/list.h"

struct loop;

/* Each class has its own bound, so that one kind never starves another. */
enum worker_class {
    WORKER_RUNTIME, /* netlink, cgroup files, mounts: milliseconds */
    WORKER_DISK,    /* hashing, copying, fsync: may take seconds */
    WORKER_CLASS_NR,
};

struct worker_job;
typedef void (*worker_fn)(struct worker_job *job);
struct worker_job {
    worker_fn run;  /* pool thread */
    worker_fn done; /* loop thread */
    bool cancelled; /* set before done() when run() was never called */
    /* private */
    struct list node;
    struct loop *loop;
    enum worker_class class_;
    void *impl;
};

void worker_submit(struct loop *loop, enum worker_class class_, struct worker_job *job,
                   worker_fn run, worker_fn done);
/* Before run() has begun: done() comes with cancelled set. Afterwards: no effect. */
void worker_cancel(struct worker_job *job);
/* Waits until every job of this loop is done (its done() has run). For tests and an orderly end. */
void worker_drain(struct loop *loop);
