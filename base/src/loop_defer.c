/* SPDX-License-Identifier: Apache-2.0 */
/* loop_defer.c - calls at the end of the round. Those started by such a call wait for the next
 * round. */
#include <stdlib.h>

#include "base/mem.h"
#include "loop_impl.h"

struct defer_impl {
    struct loop_defer *owner;
    struct list node;
};

static void release(struct loop_defer *d)
{
    struct defer_impl *impl = (struct defer_impl *)d->impl;

    d->impl = NULL;
    list_remove(&impl->node);
    list_push_front(&d->loop->defers_free, &impl->node);
}

static void stay_awake(uv_idle_t *idle)
{
    (void)idle;
}

static void run_due(uv_check_t *check)
{
    struct loop *loop = container_of(check, struct loop, defer_check);
    struct list now;

    if (list_empty(&loop->defers_due))
        return;
    list_push_front(&loop->defers_due, &now); /* takes over the whole list */
    list_remove(&loop->defers_due);
    while (!list_empty(&now)) {
        struct loop_defer *d = list_first(&now, struct defer_impl, node)->owner;
        const char *name = d->name;
        uint64_t entered_ns = loop_enter();

        release(d);
        d->fn(d);
        loop_leave(loop, name, entered_ns);
    }
    if (list_empty(&loop->defers_due))
        (void)uv_idle_stop(&loop->defer_idle);
}

int loop_defers_init(struct loop *loop)
{
    (void)uv_idle_init(&loop->uv, &loop->defer_idle);
    (void)uv_check_init(&loop->uv, &loop->defer_check);
    uv_unref((uv_handle_t *)&loop->defer_check);
    return uv_check_start(&loop->defer_check, run_due);
}

void loop_defers_free(struct loop *loop)
{
    struct defer_impl *impl;

    list_each (impl, &loop->defers_due, struct defer_impl, node)
        free(impl);
    list_each (impl, &loop->defers_free, struct defer_impl, node)
        free(impl);
}

void loop_defer_init(struct loop_defer *d, struct loop *loop, const char *name, loop_defer_fn fn)
{
    *d = (struct loop_defer){ .loop = loop, .name = name, .fn = fn };
}

void loop_defer_start(struct loop_defer *d)
{
    struct defer_impl *impl;

    if (d->impl)
        return;
    impl = list_first(&d->loop->defers_free, struct defer_impl, node);
    if (impl)
        list_remove(&impl->node);
    else
        impl = NEW(struct defer_impl);
    impl->owner = d;
    d->impl = impl;
    list_push_back(&d->loop->defers_due, &impl->node);
    (void)uv_idle_start(&d->loop->defer_idle, stay_awake);
}

void loop_defer_stop(struct loop_defer *d)
{
    if (!d->impl)
        return;
    release(d);
    if (list_empty(&d->loop->defers_due))
        (void)uv_idle_stop(&d->loop->defer_idle);
}
