/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_pool.c - libcurl's multi interface on our loop.
 *
 * libcurl names the descriptors and the one timer that it waits for (multi_socket); each descriptor becomes a
 * struct loop_fd, the timer a struct loop_timer, and what they report goes back through
 * curl_multi_socket_action(). No thread, no polling.
 */
#include "base/http.h"

#include <assert.h>

#include "base/mem.h"
#include "http_private.h"

#define CACHED_CONNECTIONS 8 /* idle ones kept by a pool */

struct pool_socket {
    struct list node;
    struct loop_fd source;
    struct http_pool *pool;
};

static unsigned pools; /* libcurl's global state lives as long as one of them */

static void pool_reap(struct http_pool *pool)
{
    int left = 0;
    for (CURLMsg *m; (m = curl_multi_info_read(pool->multi, &left));) {
        struct transfer *t = NULL;
        CURLcode result = m->data.result;
        if (m->msg != CURLMSG_DONE)
            continue;
        (void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
        transfer_end(t, result);
    }
}

static void pool_drive(struct http_pool *pool, curl_socket_t fd, int events)
{
    int running = 0;
    (void)curl_multi_socket_action(pool->multi, fd, events, &running);
    pool_reap(pool);
}

static void on_socket_ready(struct loop_fd *f, int events)
{
    struct pool_socket *s = container_of(f, struct pool_socket, source);
    int mask = (events & (LOOP_READ | LOOP_HANGUP) ? CURL_CSELECT_IN : 0) |
               (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0);
    pool_drive(s->pool, f->fd, mask);
}

static void on_timer(struct loop_timer *timer)
{
    pool_drive(container_of(timer, struct http_pool, timer), CURL_SOCKET_TIMEOUT, 0);
}

static struct pool_socket *socket_new(struct http_pool *pool)
{
    struct pool_socket *s = NEW(struct pool_socket);
    s->pool = pool;
    loop_fd_init(&s->source, pool->loop, pool->name, on_socket_ready);
    list_push_back(&pool->sockets, &s->node);
    return s;
}

static void socket_free(struct pool_socket *s)
{
    loop_fd_stop(&s->source);
    list_remove(&s->node);
    free(s);
}

static int curl_wants_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *assigned)
{
    struct http_pool *pool = user;
    struct pool_socket *s = assigned;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (s)
            socket_free(s);
        (void)curl_multi_assign(pool->multi, fd, NULL);
        return 0;
    }
    if (!s) {
        s = socket_new(pool);
        (void)curl_multi_assign(pool->multi, fd, s);
    }
    int events = (what & CURL_POLL_IN ? LOOP_READ : 0) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0);
    return loop_fd_start(&s->source, fd, events) < 0 ? -1 : 0;
}

static int curl_wants_timer(CURLM *multi, long timeout_ms, void *user)
{
    struct http_pool *pool = user;
    (void)multi;
    if (timeout_ms < 0)
        loop_timer_stop(&pool->timer);
    else
        loop_timer_start(&pool->timer, timeout_ms);
    return 0;
}

/* Works off what was queued until now; what is queued meanwhile waits for the next round. */
static void on_queue_run(struct loop_defer *d)
{
    struct http_pool *pool = container_of(d, struct http_pool, queue_run);
    size_t due = 0;
    struct transfer *t;
    list_each(t, &pool->queue, struct transfer, queue_node)
        due++;
    while (due-- > 0 && (t = list_first(&pool->queue, struct transfer, queue_node))) {
        list_remove(&t->queue_node);
        transfer_run_queued(t);
    }
    pool_reap(pool);
    if (!list_empty(&pool->queue))
        loop_defer_start(&pool->queue_run);
}

void pool_queue(struct http_pool *pool, struct transfer *t)
{
    if (!list_linked(&t->queue_node))
        list_push_back(&pool->queue, &t->queue_node);
    loop_defer_start(&pool->queue_run);
}

struct http_pool *http_pool_new(struct loop *loop, const struct http_pool_opts *opts)
{
    if (pools++ == 0 && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort(); /* its one cause is memory */
    struct http_pool *pool = NEW(struct http_pool);
    pool->loop = loop;
    pool->name = opts->name;
    pool->user_agent = xstrdup(opts->user_agent);
    pool->proxy = xstrdup(opts->proxy);
    pool->http1_only = opts->http1_only;
    list_init(&pool->queue);
    list_init(&pool->transfers);
    list_init(&pool->sockets);
    loop_timer_init(&pool->timer, loop, opts->name, on_timer);
    loop_defer_init(&pool->queue_run, loop, opts->name, on_queue_run);
    pool->multi = curl_multi_init();
    if (!pool->multi)
        abort();
    (void)curl_multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, curl_wants_socket);
    (void)curl_multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool);
    (void)curl_multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION, curl_wants_timer);
    (void)curl_multi_setopt(pool->multi, CURLMOPT_TIMERDATA, pool);
    (void)curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS, (long)CACHED_CONNECTIONS);
    (void)curl_multi_setopt(pool->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)opts->connections_max);
    return pool;
}

struct http_pool *http_pool_free(struct http_pool *pool)
{
    if (!pool)
        return NULL;
    for (struct transfer *t; (t = list_first(&pool->transfers, struct transfer, node));) {
        if (t->call)
            t->call->impl = NULL;
        transfer_free(t);
    }
    (void)curl_multi_cleanup(pool->multi);
    for (struct pool_socket *s; (s = list_first(&pool->sockets, struct pool_socket, node));)
        socket_free(s);
    loop_timer_stop(&pool->timer);
    loop_defer_stop(&pool->queue_run);
    free(pool->user_agent);
    free(pool->proxy);
    free(pool);
    assert(pools > 0);
    if (--pools == 0)
        curl_global_cleanup();
    return NULL;
}
