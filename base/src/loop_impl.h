/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop_impl.h - what the files of the loop share. Private to base_io.
 *
 * What a source needs inside the loop (its impl) is separate memory that the loop keeps in pools:
 * stopping a source detaches the impl from it at once, so the owner may be freed in any callback,
 * and starting again allocates nothing once the pools are warm. Pools shrink only with the loop.
 */
#pragma once

#include <uv.h>

#include "base/list.h"
#include "base/loop.h"

struct worker_pool;

struct loop {
    uv_loop_t uv;
    loop_slow_fn on_slow;
    uv_prepare_t before_poll; /* refreshes the time: else sleeps last longer by the callbacks */
    uv_timer_t once;          /* bounds loop_once() */

    bool in_timer; /* a timer's callback is running */
    struct list timers, timers_free;

    int epoll_fd; /* one poll handle on this descriptor stands for all loop_fd sources */
    uv_poll_t epoll;
    size_t fds_armed;
    bool in_fds; /* a batch of events is being delivered: impls may be named in it */
    struct list fds, fds_free, fds_stopped;

    uv_idle_t defer_idle; /* active while defers are due: the loop does not sleep */
    uv_check_t defer_check;
    struct list defers_due, defers_free;

    struct worker_pool *workers;
    struct list proc_reapers;
};

/* Around every callback into an owner: reports the slow ones. The owner may be gone at the end. */
uint64_t loop_enter(void);
void loop_leave(struct loop *loop, const char *name, uint64_t entered_ns);

void loop_timers_free(struct loop *loop);
int loop_fds_init(struct loop *loop);
void loop_fds_free(struct loop *loop);
int loop_defers_init(struct loop *loop);
void loop_defers_free(struct loop *loop);
struct worker_pool *worker_pool_new(struct loop *loop);
struct worker_pool *worker_pool_free(struct worker_pool *pool);
void proc_reapers_free(struct loop *loop);
