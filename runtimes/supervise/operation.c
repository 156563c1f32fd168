/* SPDX-License-Identifier: Apache-2.0 */
#include "operation.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"

static void take_turn(struct rt_task *t)
{
    struct operation *o = container_of(t, struct operation, task);

    if (o->task.reported) { /* nobody waits for it any more, and nothing has been done */
        if (o->skip && o->c && !o->c->gone)
            o->skip(o);
        operation_end(o, NULL, NULL);
        return;
    }
    if (o->c && o->c->gone) {
        operation_release(o);
        o->c = NULL;
    }
    o->run(o);
}

struct operation *operation_new(struct rt_supervisor *s, const struct rt_call *call, struct container *c,
                                int64_t bound_ms, operation_fn run)
{
    struct operation *o = NEW(struct operation);

    (void)rt_task_init(&o->task, s->loop, call, bound_ms > 0 ? bound_ms : OPERATION_BOUND_MS);
    o->s = s;
    o->c = c;
    o->run = run;
    list_init(&o->node);
    if (c && c->holder) {
        list_push_back(&c->waiting, &o->node);
    } else {
        if (c)
            c->holder = o;
        rt_task_later(&o->task, take_turn);
    }
    return o;
}

void operation_release(struct operation *o)
{
    struct container *c = o->c;

    if (!c || c->holder != o)
        return;
    c->holder = list_first(&c->waiting, struct operation, node);
    if (c->holder) {
        list_remove(&c->holder->node);
        rt_task_later(&c->holder->task, take_turn);
    } else {
        container_free_if_unused(c);
    }
}

void operation_end(struct operation *o, const struct err *err, const void *result)
{
    struct container *c = o->c;

    rt_task_report(&o->task, err, result);
    list_remove(&o->node);
    if (c && c->holder == o)
        operation_release(o);
    else if (c)
        container_free_if_unused(c);
    rt_task_done(&o->task);
    arena_unref(o->bundle.arena);
    free(o);
}

void operation_end_with_view(struct operation *o)
{
    struct rt_container view;

    container_view(o->c, &view);
    operation_end(o, NULL, &view);
}

void operation_wait_for_exit(struct operation *o, operation_fn next)
{
    o->next = next;
    list_push_back(&o->c->for_exit, &o->node);
}

static void go_on(struct rt_task *t)
{
    struct operation *o = container_of(t, struct operation, task);

    list_remove(&o->node);
    o->next(o);
}

void operation_tell_exit(struct container *c)
{
    struct operation *o;

    list_each(o, &c->for_exit, struct operation, node)
        rt_task_later(&o->task, go_on);
}

void operation_worker(struct operation *o, enum worker_class class_, worker_fn run, worker_fn done)
{
    worker_submit(o->s->loop, class_, &o->job, run, done);
}
