/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of the simulation: a list of things that are due at a time. Of those due first, the seed picks one.
 * Descriptors and signals do not exist here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/mem.h"
#include "sim_private.h"

struct loop {
    struct list due; /* of struct due */
    bool stopped;
};

struct due {
    struct list node;
    int64_t at_ns;
    void (*fire)(struct due *d);
    void *source;
};

/* ---- chance: xorshift64* ---- */

static uint64_t state = 1;

void sim_reset(uint64_t seed)
{
    state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    sim_clock_reset();
}

uint64_t sim_random(uint64_t below)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    uint64_t value = state * UINT64_C(0x2545F4914F6CDD1D);
    return below ? (value >> 11) % below : 0;
}

bool sim_chance(unsigned percent)
{
    return sim_random(100) < percent;
}

/* ---- the loop ---- */

int loop_new(struct loop **ret_loop, struct err *err)
{
    (void)err;
    *ret_loop = NEW(struct loop);
    list_init(&(*ret_loop)->due);
    return 0;
}

struct loop *loop_free(struct loop *loop)
{
    if (!loop)
        return NULL;
    struct due *d;
    list_each(d, &loop->due, struct due, node)
        free(d);
    free(loop);
    return NULL;
}

static struct due *arm(struct loop *loop, void *source, int64_t delay_ns, void (*fire)(struct due *))
{
    struct due *d = NEW(struct due);
    d->at_ns = sim_elapsed_ns() + (delay_ns > 0 ? delay_ns : 0);
    d->fire = fire;
    d->source = source;
    list_push_back(&loop->due, &d->node);
    return d;
}

static void *disarm(void *impl)
{
    struct due *d = impl;
    if (d) {
        list_remove(&d->node);
        free(d);
    }
    return NULL;
}

static struct due *pick(struct loop *loop)
{
    int64_t first_ns = INT64_MAX;
    size_t same = 0;
    struct due *d, *found = NULL;
    list_each(d, &loop->due, struct due, node) {
        int64_t at_ns = d->at_ns > sim_elapsed_ns() ? d->at_ns : sim_elapsed_ns();
        if (at_ns < first_ns) {
            first_ns = at_ns;
            same = 0;
        }
        same += at_ns == first_ns;
    }
    size_t chosen = same ? (size_t)sim_random(same) : 0;
    list_each(d, &loop->due, struct due, node) {
        int64_t at_ns = d->at_ns > sim_elapsed_ns() ? d->at_ns : sim_elapsed_ns();
        if (!found && at_ns == first_ns && chosen-- == 0)
            found = d;
    }
    return found;
}

/* A world in which something is always due at once never gets older: that is a bug, and an endless test. */
static void notice_standstill(int64_t next_ns)
{
    enum { STEPS_AT_ONCE = 1000000 };
    static size_t steps;
    steps = next_ns > sim_elapsed_ns() ? 0 : steps + 1;
    if (steps < STEPS_AT_ONCE)
        return;
    (void)fprintf(stderr, "time stands still at %lld ms\n", (long long)sim_now_ms());
    abort();
}

bool sim_step(struct loop *loop)
{
    struct due *d = pick(loop);
    if (!d)
        return false;
    notice_standstill(d->at_ns);
    sim_clock_advance_to(d->at_ns);
    d->fire(d);
    return true;
}

static bool step_before(struct loop *loop, int64_t end_ns)
{
    struct due *d;
    bool any = false;
    list_each(d, &loop->due, struct due, node)
        any = any || d->at_ns <= end_ns;
    return any && sim_step(loop);
}

void sim_run_for(struct loop *loop, int64_t ms)
{
    int64_t end_ns = sim_elapsed_ns() + ms * NS_PER_MS;
    while (step_before(loop, end_ns))
        ;
    sim_clock_advance_to(end_ns);
}

void sim_settle(struct loop *loop, int64_t quiet_ms)
{
    while (step_before(loop, sim_elapsed_ns() + quiet_ms * NS_PER_MS))
        ;
}

void loop_run(struct loop *loop)
{
    loop->stopped = false;
    while (!loop->stopped && sim_step(loop))
        ;
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true;
}

bool loop_once(struct loop *loop, int timeout_ms)
{
    (void)timeout_ms;
    (void)sim_step(loop);
    return !list_empty(&loop->due);
}

void loop_on_slow(struct loop *loop, loop_slow_fn fn)
{
    (void)loop, (void)fn;
}

void *loop_native(struct loop *loop)
{
    (void)loop;
    return NULL;
}

/* ---- timers ---- */

static void fire_timer(struct due *d)
{
    struct loop_timer *t = d->source;
    t->impl = disarm(d);
    t->fn(t);
}

void loop_timer_init(struct loop_timer *t, struct loop *loop, const char *name, loop_timer_fn fn)
{
    *t = (struct loop_timer){ .loop = loop, .name = name, .fn = fn };
}

void loop_timer_start(struct loop_timer *t, int64_t delay_ms)
{
    loop_timer_stop(t);
    t->impl = arm(t->loop, t, delay_ms * NS_PER_MS, fire_timer);
}

void loop_timer_stop(struct loop_timer *t)
{
    t->impl = disarm(t->impl);
}

bool loop_timer_running(const struct loop_timer *t)
{
    return t->impl;
}

/* ---- deferred calls ---- */

static void fire_defer(struct due *d)
{
    struct loop_defer *defer = d->source;
    defer->impl = disarm(d);
    defer->fn(defer);
}

void loop_defer_init(struct loop_defer *d, struct loop *loop, const char *name, loop_defer_fn fn)
{
    *d = (struct loop_defer){ .loop = loop, .name = name, .fn = fn };
}

void loop_defer_start(struct loop_defer *d)
{
    if (!d->impl)
        d->impl = arm(d->loop, d, 0, fire_defer);
}

void loop_defer_stop(struct loop_defer *d)
{
    d->impl = disarm(d->impl);
}

/* ---- what is not simulated ---- */

void loop_fd_init(struct loop_fd *f, struct loop *loop, const char *name, loop_fd_fn fn)
{
    *f = (struct loop_fd){ .loop = loop, .name = name, .fn = fn, .fd = -1 };
}

int loop_fd_start(struct loop_fd *f, int fd, int events)
{
    (void)f, (void)fd, (void)events;
    return -ENOTSUP;
}

void loop_fd_stop(struct loop_fd *f)
{
    (void)f;
}

int loop_signal_start(struct loop_signal *s, struct loop *loop, int signum, loop_signal_fn fn)
{
    (void)signum;
    *s = (struct loop_signal){ .loop = loop, .fn = fn };
    return 0;
}

void loop_signal_stop(struct loop_signal *s)
{
    (void)s;
}
