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

#define CACHED_CONNECTIONS 8 /* idle ones kept by a channel */
#define STREAMS_MAX 90       /* of a connection; servers allow 100 and more */

struct channel_socket {
    struct list node;
    struct loop_fd source;
    struct channel *channel;
};

static unsigned pools; /* libcurl's global state lives as long as one of them */

/* ---- a channel ------------------------------------------------------------------------------------------- */

static void channel_reap(struct channel *c)
{
    int left = 0;
    for (CURLMsg *m; (m = curl_multi_info_read(c->multi, &left));) {
        struct transfer *t = NULL;
        CURLcode result = m->data.result;
        if (m->msg != CURLMSG_DONE)
            continue;
        (void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
        transfer_end(t, result);
    }
}

static void channel_drive(struct channel *c, curl_socket_t fd, int events)
{
    int running = 0;
    (void)curl_multi_socket_action(c->multi, fd, events, &running);
    channel_reap(c);
}

static void on_socket_ready(struct loop_fd *f, int events)
{
    struct channel_socket *s = container_of(f, struct channel_socket, source);
    int mask = (events & (LOOP_READ | LOOP_HANGUP) ? CURL_CSELECT_IN : 0) |
               (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0);
    channel_drive(s->channel, f->fd, mask);
}

static void on_timer(struct loop_timer *timer)
{
    channel_drive(container_of(timer, struct channel, timer), CURL_SOCKET_TIMEOUT, 0);
}

static struct channel_socket *socket_new(struct channel *c)
{
    struct channel_socket *s = NEW(struct channel_socket);
    s->channel = c;
    loop_fd_init(&s->source, c->pool->loop, c->pool->name, on_socket_ready);
    list_push_back(&c->sockets, &s->node);
    return s;
}

static void socket_free(struct channel_socket *s)
{
    loop_fd_stop(&s->source);
    list_remove(&s->node);
    free(s);
}

static int curl_wants_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *assigned)
{
    struct channel *c = user;
    struct channel_socket *s = assigned;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (s)
            socket_free(s);
        (void)curl_multi_assign(c->multi, fd, NULL);
        return 0;
    }
    if (!s) {
        s = socket_new(c);
        (void)curl_multi_assign(c->multi, fd, s);
    }
    int events = (what & CURL_POLL_IN ? LOOP_READ : 0) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0);
    return loop_fd_start(&s->source, fd, events) < 0 ? -1 : 0;
}

static int curl_wants_timer(CURLM *multi, long timeout_ms, void *user)
{
    struct channel *c = user;
    (void)multi;
    if (timeout_ms < 0)
        loop_timer_stop(&c->timer);
    else
        loop_timer_start(&c->timer, timeout_ms);
    return 0;
}

static struct channel *channel_new(struct http_pool *pool)
{
    struct channel *c = NEW(struct channel);
    c->pool = pool;
    list_init(&c->sockets);
    list_push_back(&pool->channels, &c->node);
    loop_timer_init(&c->timer, pool->loop, pool->name, on_timer);
    c->multi = curl_multi_init();
    if (!c->multi)
        abort();
    (void)curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, curl_wants_socket);
    (void)curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
    (void)curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, curl_wants_timer);
    (void)curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
    (void)curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)CACHED_CONNECTIONS);
    (void)curl_multi_setopt(c->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, 1000L);
    (void)curl_multi_setopt(c->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)pool->connections_max);
    return c;
}

static void channel_free(struct channel *c)
{
    (void)curl_multi_cleanup(c->multi);
    for (struct channel_socket *s; (s = list_first(&c->sockets, struct channel_socket, node));)
        socket_free(s);
    loop_timer_stop(&c->timer);
    list_remove(&c->node);
    free(c);
}

/* ---- a pool ---------------------------------------------------------------------------------------------- */

static struct channel *channel_with_room(struct http_pool *pool)
{
    struct channel *c;
    list_each(c, &pool->channels, struct channel, node) {
        if (!c->retired && (pool->http1_only || c->transfers < STREAMS_MAX))
            return c;
    }
    return channel_new(pool);
}

CURLMcode pool_add(struct http_pool *pool, struct transfer *t)
{
    struct channel *c = channel_with_room(pool);
    CURLMcode r = curl_multi_add_handle(c->multi, t->easy);
    if (r == CURLM_OK) {
        t->channel = c;
        c->transfers++;
    }
    return r;
}

void pool_remove(struct transfer *t)
{
    struct channel *c = t->channel;
    if (!c)
        return;
    t->channel = NULL;
    (void)curl_multi_remove_handle(c->multi, t->easy);
    if (--c->transfers == 0)
        loop_defer_start(&c->pool->queue_run); /* its own callbacks may be on the stack */
}

void pool_doubt(struct channel *c)
{
    if (c)
        c->retired = true;
}

void http_pool_retire(struct http_pool *pool)
{
    struct channel *c;
    list_each(c, &pool->channels, struct channel, node)
        pool_doubt(c);
    loop_defer_start(&pool->queue_run); /* it frees those that are empty */
}

/* Empty channels go, but for the first that is good: its connection waits for the next transfer. */
static void pool_tidy(struct http_pool *pool)
{
    struct channel *c;
    bool kept = false;
    list_each(c, &pool->channels, struct channel, node) {
        if (c->transfers == 0 && (c->retired || kept))
            channel_free(c);
        else
            kept |= !c->retired;
    }
}

/* Works off what was queued until now; what is queued meanwhile waits for the next round. */
static void on_queue_run(struct loop_defer *d)
{
    struct http_pool *pool = container_of(d, struct http_pool, queue_run);
    size_t due = 0;
    struct transfer *t;
    struct channel *c;
    list_each(t, &pool->queue, struct transfer, queue_node)
        due++;
    while (due-- > 0 && (t = list_first(&pool->queue, struct transfer, queue_node))) {
        list_remove(&t->queue_node);
        transfer_run_queued(t);
    }
    list_each(c, &pool->channels, struct channel, node)
        channel_reap(c);
    pool_tidy(pool);
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
    pool->connections_max = opts->connections_max;
    pool->http1_only = opts->http1_only;
    list_init(&pool->queue);
    list_init(&pool->transfers);
    list_init(&pool->channels);
    loop_defer_init(&pool->queue_run, loop, opts->name, on_queue_run);
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
    for (struct channel *c; (c = list_first(&pool->channels, struct channel, node));)
        channel_free(c);
    loop_defer_stop(&pool->queue_run);
    free(pool->user_agent);
    free(pool->proxy);
    free(pool);
    assert(pools > 0);
    if (--pools == 0)
        curl_global_cleanup();
    return NULL;
}
