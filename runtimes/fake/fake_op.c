/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An operation of the fake: effect, latency, done(). A deadline or a cancel before the effect means
 * that there is none; after it, cancel comes too late and the result is reported (as the contract
 * has it).
 */
#include <errno.h>

#include "base/str.h"
#include "fake_internal.h"

void fake_op_drop(struct fake_op *op)
{
    loop_timer_stop(&op->timer);
    loop_timer_stop(&op->deadline);
    list_remove(&op->node);
    arena_unref(op->arena);
    free(op);
}

static void report(struct fake_op *op)
{
    struct rt_call call = op->call;
    struct err err = op->err;
    struct arena *keep = arena_ref(op->arena);
    const void *result = op->result;
    if (!err.code && op->look)
        (void)op->look(op, &result, &err);
    fake_op_drop(op);
    if (err.code)
        call.done(call.user, &err, NULL);
    else
        call.done(call.user, NULL, result);
    arena_unref(keep);
}

static int nothing(struct fake_op *op, const void **ret_result, struct err *err)
{
    (void)op, (void)ret_result, (void)err;
    return 0;
}

static void apply(struct fake_op *op)
{
    struct rt_fake *f = op->fake;
    int r;
    op->applied = true;
    if (f->runtime_down)
        r = err_set(&op->err, -EIO, "%s", f->runtime_down);
    else
        r = op->apply(op, &op->result, &op->err);
    if (r == FAKE_OP_WAITS)
        op->waiting = true;
    else
        loop_timer_start(&op->timer, f->faults.latency_ms);
}

static void on_timer(struct loop_timer *t)
{
    struct fake_op *op = container_of(t, struct fake_op, timer);
    if (op->applied)
        report(op);
    else
        apply(op);
}

static void end_early(struct fake_op *op, int code, const char *text)
{
    if (op->applied && !op->waiting)
        return; /* its result is on the way */
    op->waiting = false;
    op->applied = true;
    (void)err_set(&op->err, code, "%s", text);
    loop_timer_start(&op->timer, 0);
}

static void on_deadline(struct loop_timer *t)
{
    end_early(container_of(t, struct fake_op, deadline), -ETIMEDOUT, "deadline exceeded");
}

static void cancel(struct rt_op *op)
{
    end_early((struct fake_op *)op, -ECANCELED, "cancelled");
}

struct fake_op *fake_op_new(struct rt_fake *f, const struct rt_call *call, int64_t delay_ms,
                            fake_apply_fn apply_fn)
{
    struct fake_op *op = NEW(struct fake_op);
    op->op.cancel = cancel;
    op->fake = f;
    op->call = *call;
    op->apply = apply_fn;
    op->arena = arena_new(FAKE_ARENA_BYTES);
    list_push_back(&f->ops, &op->node);
    loop_timer_init(&op->timer, f->loop, "fake operation", on_timer);
    loop_timer_init(&op->deadline, f->loop, "fake deadline", on_deadline);
    if (!f->faults.hangs)
        loop_timer_start(&op->timer, delay_ms);
    if (call->deadline_ms > 0)
        loop_timer_start(&op->deadline, call->deadline_ms);
    return op;
}

struct fake_op *fake_op_new_look(struct rt_fake *f, const struct rt_call *call, fake_apply_fn look)
{
    struct fake_op *op = fake_op_new(f, call, 0, nothing);
    op->look = look;
    return op;
}

void fake_op_finish(struct fake_op *op)
{
    op->waiting = false;
    loop_timer_start(&op->timer, op->fake->faults.latency_ms);
}

void fake_op_stopped(struct rt_fake *f, const char *container_id)
{
    struct fake_op *op;
    list_each (op, &f->ops, struct fake_op, node) {
        if (op->waiting && str_eq(op->id, container_id))
            fake_op_finish(op);
    }
}
