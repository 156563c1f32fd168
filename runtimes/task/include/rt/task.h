/* SPDX-License-Identifier: Apache-2.0 */
/*
 * task.h - an operation of a backend: it reports once, and may outlive its report.
 *
 * What an operation has begun (a mount, a child process) cannot be torn off in the middle, so a cancel or a
 * deadline ends only the caller's waiting: done() is called with -ECANCELED or -ETIMEDOUT at once, while the
 * steps under way go on to their natural end and leave the object in a known state. The owner embeds the task,
 * ends with rt_task_report() and then rt_task_done(), whether or not somebody still listens.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "rt/op.h"
#include "rt/runtime.h"

struct rt_task;
typedef void (*rt_task_fn)(struct rt_task *t);

struct rt_task {
    struct rt_op op; /* first: what rt_op_cancel() gets */
    struct rt_call call;
    struct loop_timer deadline;
    struct loop_defer cancelled, later;
    rt_task_fn fn;
    rt_task_fn early; /* called after an early report, which ended nothing: what only waits may stop. NULL: nothing does */
    bool reported;
};

/* bound_ms: the deadline when the call has none; 0: none. Returns what the backend gives to its caller. */
struct rt_op *rt_task_init(struct rt_task *t, struct loop *loop, const struct rt_call *call, int64_t bound_ms);
/* fn runs on the loop, in this round or the next, never from within. */
void rt_task_later(struct rt_task *t, rt_task_fn fn);
/* Calls done() unless that has happened. err NULL or empty: success. Not from within the operation's start. */
void rt_task_report(struct rt_task *t, const struct err *err, const void *result);
void rt_task_done(struct rt_task *t); /* nothing is called any more; the owner may free it */
