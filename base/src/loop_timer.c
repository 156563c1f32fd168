/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop_timer.c - timers that are never early.
 *
 * libuv counts in whole milliseconds from a time it took at the start of the round. We add what has
 * passed since then, rounded up, so that a delay is at least what was asked for, and do not move
 * the loop's time: libuv runs due timers until none is left, so a time that moved while they run
 * would let them starve descriptors.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "loop_impl.h"

struct timer_impl {
    uv_timer_t uv;
    struct loop_timer *owner; /* NULL: in the pool */
    struct list node;
};

static void release(struct loop_timer *t)
{
    struct timer_impl *impl = (struct timer_impl *)t->impl;

    t->impl = NULL;
    impl->owner = NULL;
    list_remove(&impl->node);
    list_push_front(&t->loop->timers_free, &impl->node);
}

static void on_timeout(uv_timer_t *uv)
{
    struct loop_timer *t = container_of(uv, struct timer_impl, uv)->owner;
    struct loop *loop = t->loop;
    const char *name = t->name;
    uint64_t entered_ns = loop_enter();

    release(t);
    loop->in_timer = true;
    t->fn(t);
    loop->in_timer = false;
    loop_leave(loop, name, entered_ns);
}

static struct timer_impl *acquire(struct loop *loop)
{
    struct timer_impl *impl = list_first(&loop->timers_free, struct timer_impl, node);

    if (impl) {
        list_remove(&impl->node);
    } else {
        impl = NEW(struct timer_impl);
        (void)uv_timer_init(&loop->uv, &impl->uv);
    }
    list_push_back(&loop->timers, &impl->node);
    return impl;
}

static uint64_t passed_ms(struct loop *loop)
{
    uint64_t now_ms = (uv_hrtime() + 999999u) / 1000000u, round_ms = uv_now(&loop->uv);

    return now_ms > round_ms ? now_ms - round_ms : 0;
}

void loop_timer_init(struct loop_timer *t, struct loop *loop, const char *name, loop_timer_fn fn)
{
    *t = (struct loop_timer){ .loop = loop, .name = name, .fn = fn };
}

void loop_timer_start(struct loop_timer *t, int64_t delay_ms)
{
    struct timer_impl *impl = (struct timer_impl *)t->impl;
    uint64_t wait_ms;

    if (!impl) {
        impl = acquire(t->loop);
        impl->owner = t;
        t->impl = impl;
    }
    /* 0 from a timer's callback would run in this very round, and again, without end */
    wait_ms = delay_ms > 0 ? (uint64_t)delay_ms + passed_ms(t->loop) : t->loop->in_timer;
    (void)uv_timer_start(&impl->uv, on_timeout, wait_ms, 0);
}

void loop_timer_stop(struct loop_timer *t)
{
    struct timer_impl *impl = (struct timer_impl *)t->impl;

    if (!impl)
        return;
    (void)uv_timer_stop(&impl->uv);
    release(t);
}

bool loop_timer_running(const struct loop_timer *t)
{
    return t->impl != NULL;
}

void loop_timers_free(struct loop *loop)
{
    struct timer_impl *impl;

    list_each (impl, &loop->timers, struct timer_impl, node)
        free(impl);
    list_each (impl, &loop->timers_free, struct timer_impl, node)
        free(impl);
}
