/* SPDX-License-Identifier: Apache-2.0 */
#include "rt/task.h"

#include <errno.h>
#include <stddef.h>

#include "base/mem.h"

static void report_early(struct rt_task *t, int code, const char *text)
{
    struct err err = ERR_INIT;

    (void)err_set(&err, code, "%s", text);
    rt_task_report(t, &err, NULL);
    if (t->early)
        t->early(t);
}

static void on_deadline(struct loop_timer *timer)
{
    report_early(container_of(timer, struct rt_task, deadline), -ETIMEDOUT, "deadline exceeded");
}

static void on_cancelled(struct loop_defer *defer)
{
    report_early(container_of(defer, struct rt_task, cancelled), -ECANCELED, "cancelled");
}

static void on_later(struct loop_defer *defer)
{
    struct rt_task *t = container_of(defer, struct rt_task, later);

    t->fn(t);
}

static void cancel(struct rt_op *op)
{
    struct rt_task *t = container_of(op, struct rt_task, op);

    if (!t->reported)
        loop_defer_start(&t->cancelled);
}

struct rt_op *rt_task_init(struct rt_task *t, struct loop *loop, const struct rt_call *call, int64_t bound_ms)
{
    int64_t deadline_ms = call->deadline_ms > 0 ? call->deadline_ms : bound_ms;

    *t = (struct rt_task){ .op.cancel = cancel, .call = *call };
    loop_timer_init(&t->deadline, loop, "operation deadline", on_deadline);
    loop_defer_init(&t->cancelled, loop, "operation cancel", on_cancelled);
    loop_defer_init(&t->later, loop, "operation", on_later);
    if (deadline_ms > 0)
        loop_timer_start(&t->deadline, deadline_ms);
    return &t->op;
}

void rt_task_later(struct rt_task *t, rt_task_fn fn)
{
    t->fn = fn;
    loop_defer_start(&t->later);
}

void rt_task_report(struct rt_task *t, const struct err *err, const void *result)
{
    if (t->reported)
        return;
    t->reported = true;
    loop_timer_stop(&t->deadline);
    loop_defer_stop(&t->cancelled);
    if (err && err->code)
        t->call.done(t->call.user, err, NULL);
    else
        t->call.done(t->call.user, NULL, result);
}

void rt_task_done(struct rt_task *t)
{
    loop_timer_stop(&t->deadline);
    loop_defer_stop(&t->cancelled);
    loop_defer_stop(&t->later);
}
