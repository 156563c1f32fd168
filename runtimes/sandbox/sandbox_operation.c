/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/mem.h"
#include "sandbox_internal.h"

#define OPERATION_BOUND_MS (2 * 60 * 1000)

static void take_turn(struct rt_task *t);

static void give_on(struct sandbox_operation *o)
{
    struct sandbox *b = o->b;

    if (!b || b->holder != o)
        return;
    b->holder = list_first(&b->waiting, struct sandbox_operation, node);
    if (!b->holder) {
        sandbox_free_if_unused(b);
        return;
    }
    list_remove(&b->holder->node);
    rt_task_later(&b->holder->task, take_turn);
}

static void take_turn(struct rt_task *t)
{
    struct sandbox_operation *o = container_of(t, struct sandbox_operation, task);

    if (o->task.reported) { /* nobody waits for it any more, and nothing has been done */
        if (o->skip && o->b && !o->b->gone)
            o->skip(o);
        sandbox_operation_end(o, NULL, NULL);
        return;
    }
    if (o->b && o->b->gone) {
        give_on(o);
        o->b = NULL;
    }
    o->run(o);
}

struct sandbox_operation *sandbox_operation_new(struct sandboxes *s, const struct rt_call *call, struct sandbox *b,
                                                sandbox_operation_fn run)
{
    struct sandbox_operation *o = NEW(struct sandbox_operation);

    (void)rt_task_init(&o->task, s->loop, call, OPERATION_BOUND_MS);
    o->s = s;
    o->b = b;
    o->run = run;
    list_init(&o->node);
    if (b && b->holder) {
        list_push_back(&b->waiting, &o->node);
        return o;
    }
    if (b)
        b->holder = o;
    rt_task_later(&o->task, take_turn);
    return o;
}

void sandbox_operation_end(struct sandbox_operation *o, const struct err *err, const void *result)
{
    rt_task_report(&o->task, err, result);
    list_remove(&o->node);
    give_on(o);
    rt_task_done(&o->task);
    arena_unref(o->arena);
    free(o);
}

void sandbox_operation_end_with_view(struct sandbox_operation *o)
{
    struct rt_sandbox view;

    sandbox_view(o->b, &view);
    sandbox_operation_end(o, NULL, &view);
}

void sandbox_operation_worker(struct sandbox_operation *o, worker_fn run, worker_fn done)
{
    worker_submit(o->s->loop, WORKER_RUNTIME, &o->job, run, done);
}
