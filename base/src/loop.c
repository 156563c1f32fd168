/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.c - the loop itself: a libuv loop, its making, its rounds and its end.
 *
 * One round: due timers, then one wait for descriptors and finished worker jobs, then deferred
 * calls.
 */
#include "base/loop.h"

#include <errno.h>
#include <signal.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/worker.h"
#include "loop_impl.h"

uint64_t loop_enter(void)
{
    return uv_hrtime();
}

void loop_leave(struct loop *loop, const char *name, uint64_t entered_ns)
{
    int64_t took_ms = (int64_t)((uv_hrtime() - entered_ns) / 1000000u);

    if (loop->on_slow && took_ms > LIMIT_LOOP_CALLBACK_MS)
        loop->on_slow(name ? name : "unnamed", took_ms);
}

static void refresh_time(uv_prepare_t *prepare)
{
    uv_update_time(prepare->loop);
}

static void init_lists(struct loop *loop)
{
    struct list *lists[] = { &loop->timers,      &loop->timers_free, &loop->fds,
                             &loop->fds_free,    &loop->fds_stopped, &loop->defers_due,
                             &loop->defers_free, &loop->proc_reapers };

    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        list_init(lists[i]);
}

int loop_new(struct loop **ret_loop, struct err *err)
{
    struct loop *loop = NEW(struct loop);
    int r;

    init_lists(loop);
    loop->epoll_fd = -1;
    r = uv_loop_init(&loop->uv);
    if (r < 0) {
        free(loop);
        return err_errno(err, -r, "event loop");
    }
    (void)uv_prepare_init(&loop->uv, &loop->before_poll);
    (void)uv_prepare_start(&loop->before_poll, refresh_time);
    uv_unref((uv_handle_t *)&loop->before_poll);
    (void)uv_timer_init(&loop->uv, &loop->once);
    loop->workers = worker_pool_new(loop);
    r = loop_defers_init(loop);
    if (r == 0)
        r = loop_fds_init(loop);
    if (r < 0) {
        loop_free(loop);
        return err_errno(err, -r, "event loop");
    }
    /* A peer that closes its end is an error of that write, not the end of the program. */
    (void)signal(SIGPIPE, SIG_IGN);
    *ret_loop = loop;
    return 0;
}

static void close_handle(uv_handle_t *handle, void *user)
{
    (void)user;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

struct loop *loop_free(struct loop *loop)
{
    if (!loop)
        return NULL;
    worker_drain(loop);
    proc_reapers_free(loop);
    uv_walk(&loop->uv, close_handle, NULL);
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
    (void)uv_loop_close(&loop->uv);
    loop_timers_free(loop);
    loop_fds_free(loop);
    loop_defers_free(loop);
    worker_pool_free(loop->workers);
    free(loop);
    return NULL;
}

void loop_run(struct loop *loop)
{
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
    uv_stop(&loop->uv);
}

static void nothing(uv_timer_t *timer)
{
    (void)timer;
}

bool loop_once(struct loop *loop, int timeout_ms)
{
    if (!uv_loop_alive(&loop->uv))
        return false;
    if (timeout_ms > 0) {
        uv_update_time(&loop->uv);
        (void)uv_timer_start(&loop->once, nothing, (uint64_t)timeout_ms, 0);
    }
    (void)uv_run(&loop->uv, timeout_ms == 0 ? UV_RUN_NOWAIT : UV_RUN_ONCE);
    (void)uv_timer_stop(&loop->once);
    return uv_loop_alive(&loop->uv) != 0;
}

void loop_on_slow(struct loop *loop, loop_slow_fn fn)
{
    loop->on_slow = fn;
}

void *loop_native(struct loop *loop)
{
    return &loop->uv;
}
