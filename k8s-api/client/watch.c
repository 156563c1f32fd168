/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch.c - list, then watch, for ever.
 *
 *                 ┌──────────────── 410 Gone, a stream that makes no sense ───────────────┐
 *                 ▼                                                                       │
 *   start ─▶ LISTING (pages) ─ complete ─▶ WATCHING from that version ─ ended, broken ─▶ WAITING
 *                 ▲                             ▲                                         │ │
 *                 └──── no version known ───────┼─────────────────────────────────────────┘ │
 *                                               └──── from the last version seen ───────────┘
 *
 * Lists are consistent reads (no resourceVersion): what a cache of one of several API servers believes may be older
 * than what we have seen. A list is collected first and told as a difference when it is complete.
 *
 * A version that has expired is ordinary (the server keeps only the latest ones): listed again at once, unless that happens
 * again and again.
 *
 * Two back-offs: an API server that answers with an error is asked again after 0.8 to 30 s, as client-go does; one
 * that cannot be reached after 0.1 to 5 s, so that a node is back soon after an outage. Both start anew once the
 * server has served us.
 */
#include "k8s/watch.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api_error.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "client_private.h"
#include "k8s/backoff.h"
#include "k8s/list.h"
#include "k8s/watch_event.h"
#include "resource_path.h"
#include "watch_cache.h"

#define URL_BYTES (64 * KIB) /* continue tokens and selectors are long */
#define ERROR_BYTES (64 * KIB)
#define PAGE_ITEMS "500"
#define LIST_IDLE_MS 30000
#define WATCH_SECONDS_MIN 300 /* the server ends a watch after that time, doubled at most */
#define WATCH_IDLE_MS 130000 /* the server sends a bookmark every minute: two have not come */
#define SERVED_WELL_MS 5000 /* a watch that lived this long ends the back-off */
#define QUIET_RETRY_MS 50

enum watch_phase { WATCH_WAITING, WATCH_LISTING, WATCH_WATCHING };

struct watch {
    struct k8s_watch *owner; /* NULL: stopped */
    unsigned busy;           /* owner's callbacks on the stack: freed when they have returned */
    struct k8s_client *client;
    const struct k8s_kind *kind;
    char *namespace, *field_selector, *label_selector;
    int64_t quiet_until_ms;
    struct watch_cache cache;
    enum watch_phase phase;
    bool listed;
    char *version;       /* to watch from; NULL: list first */
    char *continue_page; /* NULL: the first page */
    struct http_call call;
    struct loop_timer timer;
    struct k8s_list_decoder *list;
    struct k8s_watch_decoder *events;
    struct buf error_body;
    struct err *stream_err; /* why a stream was given up; NULL: it was not */
    enum k8s_outcome stream_outcome;
    struct backoff refused, unreachable;
    int64_t started_ms;
    int64_t relisted_ms; /* when a version had expired last */
};

static void watch_go_on(struct watch *w);

/* ---- life ------------------------------------------------------------------------------------------------ */

static void request_end(struct watch *w)
{
    http_call_cancel(&w->call);
    w->list = k8s_list_decoder_free(w->list);
    w->events = k8s_watch_decoder_free(w->events);
    buf_done(&w->error_body);
}

static void watch_free(struct watch *w)
{
    request_end(w);
    loop_timer_stop(&w->timer);
    watch_cache_done(&w->cache);
    free(w->namespace);
    free(w->field_selector);
    free(w->label_selector);
    free(w->version);
    free(w->continue_page);
    free(w->stream_err);
    free(w);
}

/* Around each callback of the owner. False: the owner has stopped the watch, and it is freed when nothing else of
 * ours is on the stack. */
static void enter(struct watch *w)
{
    w->busy++;
}

static bool leave(struct watch *w)
{
    w->busy--;
    return w->owner != NULL;
}

/* The outermost frame that entered calls this last. */
static bool gone(struct watch *w)
{
    if (w->owner)
        return false;
    if (w->busy == 0)
        watch_free(w);
    return true;
}

static bool tell_change(struct watch *w, struct k8s_object *before, struct k8s_object *after, struct k8s_object *last)
{
    enter(w);
    w->owner->on_change(w->owner, before, after, last);
    return leave(w);
}

static void set_version(struct watch *w, const char *version)
{
    if (str_empty(version) || str_eq(version, w->version))
        return;
    free(w->version);
    w->version = xstrdup(version);
}

static void forget_version(struct watch *w)
{
    free(w->version);
    free(w->continue_page);
    w->version = w->continue_page = NULL;
}

/* ---- trouble --------------------------------------------------------------------------------------------- */

static uint64_t chance_of(const struct watch *w)
{
    return backoff_chance(str_or(w->field_selector, w->kind->kind));
}

static void watch_trouble(struct watch *w, enum k8s_outcome outcome, const struct err *err, int64_t retry_after_ms)
{
    int64_t now_ms = clock_boot_ms();
    bool expired = outcome == K8S_GONE && now_ms - w->relisted_ms > SERVED_WELL_MS;
    bool quiet = expired || (outcome == K8S_FORBIDDEN && now_ms < w->quiet_until_ms);
    int64_t wait_ms = expired ? 0 : QUIET_RETRY_MS;
    if (outcome == K8S_GONE)
        w->relisted_ms = now_ms;
    if (!quiet)
        wait_ms = backoff_next_ms(outcome == K8S_UNREACHABLE ? &w->unreachable : &w->refused, chance_of(w));
    if (retry_after_ms > wait_ms)
        wait_ms = retry_after_ms;
    request_end(w);
    w->phase = WATCH_WAITING;
    loop_timer_start(&w->timer, wait_ms);
    if (quiet || !w->owner->on_trouble)
        return;
    enter(w);
    w->owner->on_trouble(w->owner, outcome, err, wait_ms);
    (void)leave(w);
}

static void on_timer(struct loop_timer *t)
{
    struct watch *w = container_of(t, struct watch, timer);
    watch_go_on(w);
    (void)gone(w);
}

/* ---- a list ---------------------------------------------------------------------------------------------- */

static int on_list_item(void *user, struct k8s_object *item, struct err *err)
{
    struct watch *w = user;
    (void)err;
    watch_cache_list_add(&w->cache, item);
    return 0;
}

/* False: stopped by the owner. */
static bool list_tell(struct watch *w)
{
    bool first = !w->listed;
    bool alive = true;
    struct k8s_object *before, *after;
    while (alive && watch_cache_list_step(&w->cache, &before, &after)) {
        alive = tell_change(w, before, after, after ? after : before);
        k8s_object_unref(before);
        k8s_object_unref(after);
    }
    if (!alive)
        return false;
    w->listed = true;
    if (!w->owner->on_listed)
        return true;
    enter(w);
    w->owner->on_listed(w->owner, first);
    return leave(w);
}

static void list_complete(struct watch *w)
{
    struct k8s_list list;
    struct err err = ERR_INIT;
    int ret = w->list ? k8s_list_decoder_finish(w->list, &list, &err)
                      : err_set(&err, -EBADMSG, "list %s: the answer is empty", w->kind->plural);
    if (ret < 0) {
        forget_version(w);
        watch_trouble(w, K8S_BAD_ANSWER, &err, -1);
        return;
    }
    free(w->continue_page);
    w->continue_page = xstrdup(str_empty(list.metadata.continue_) ? NULL : list.metadata.continue_);
    AUTO(free) char *version = xstrdup(list.metadata.resource_version);
    request_end(w);
    if (w->continue_page) {
        watch_go_on(w);
        return;
    }
    backoff_reset(&w->refused);
    backoff_reset(&w->unreachable);
    if (!list_tell(w))
        return;
    set_version(w, version);
    watch_go_on(w);
}

/* ---- a watch --------------------------------------------------------------------------------------------- */

static int on_watch_error(struct watch *w, struct k8s_object *o)
{
    const struct k8s_status *s = K8S_OBJECT_AS(o, k8s_status);
    int code = s ? s->code : 500;
    w->stream_outcome = api_outcome(code, s);
    if (w->stream_outcome == K8S_OK)
        w->stream_outcome = K8S_SERVER_ERROR;
    if (!w->stream_err)
        w->stream_err = NEW(struct err);
    api_error(w->stream_outcome, code, s, "watch", NULL, w->stream_err);
    k8s_object_unref(o);
    return -ECANCELED;
}

static int on_watch_event(void *user, enum k8s_watch_type type, struct k8s_object *o, struct err *err)
{
    struct watch *w = user;
    (void)err;
    if (type == K8S_WATCH_ERROR)
        return on_watch_error(w, o);
    AUTO(k8s_object_unref) struct k8s_object *object = o;
    const struct k8s_object_meta *meta = k8s_object_metadata(object);
    if (!meta)
        return 0;
    set_version(w, meta->resource_version);
    backoff_reset(&w->refused);
    if (type == K8S_WATCH_BOOKMARK || (type != K8S_WATCH_DELETED && watch_cache_has(&w->cache, object)))
        return 0;
    bool deleted = type == K8S_WATCH_DELETED;
    AUTO(k8s_object_unref) struct k8s_object *before =
        deleted ? watch_cache_remove(&w->cache, object) : watch_cache_put(&w->cache, object);
    if (deleted && !before)
        return 0;
    return tell_change(w, before, deleted ? NULL : object, object) ? 0 : -ECANCELED;
}

static void watch_ended(struct watch *w)
{
    bool served_well = clock_boot_ms() - w->started_ms >= SERVED_WELL_MS;
    struct err err = ERR_INIT;
    if (served_well) {
        backoff_reset(&w->refused);
        request_end(w);
        watch_go_on(w);
        return;
    }
    err_set(&err, -ECONNRESET, "the server has ended a watch at once");
    watch_trouble(w, K8S_SERVER_ERROR, &err, -1);
}

/* ---- HTTP ------------------------------------------------------------------------------------------------ */

static void on_head(struct http_call *c)
{
    struct watch *w = container_of(c, struct watch, call);
    backoff_reset(&w->unreachable);
    if (http_call_status(c) != 200)
        w->events = k8s_watch_decoder_free(w->events);
}

static void stream_failed(struct watch *w, const struct err *err)
{
    AUTO(free) struct err *told = TAKE_PTR(w->stream_err);
    if (!told)
        w->stream_outcome = K8S_BAD_ANSWER;
    /* Nothing after a broken event can be trusted to follow what we know. */
    if (w->stream_outcome == K8S_GONE || w->stream_outcome == K8S_BAD_ANSWER)
        forget_version(w);
    watch_trouble(w, w->stream_outcome, told ? told : err, -1);
}

static enum http_data on_data(struct http_call *c, const void *data, size_t len)
{
    struct watch *w = container_of(c, struct watch, call);
    struct err err = ERR_INIT;
    int ret = 0;
    w->busy++;
    if (w->phase == WATCH_LISTING && http_call_status(c) == 200 && !w->list)
        w->list = k8s_list_decoder_new(w->kind->type, on_list_item, w); /* not before: it is large */
    if (w->list)
        ret = k8s_list_decoder_feed(w->list, data, len, &err);
    else if (w->events)
        ret = k8s_watch_decoder_feed(w->events, data, len, &err);
    else
        (void)buf_add(&w->error_body, data, len);
    w->busy--;
    if (gone(w))
        return HTTP_DATA_OK;
    if (ret < 0)
        stream_failed(w, &err);
    (void)gone(w);
    return HTTP_DATA_OK;
}

static void refused(struct watch *w, struct http_call *c)
{
    AUTO(k8s_object_unref) struct k8s_object *o = api_status_decode(buf_str(&w->error_body), w->error_body.len);
    const struct k8s_status *status = K8S_OBJECT_AS(o, k8s_status);
    int http_status = http_call_status(c);
    enum k8s_outcome outcome = api_outcome(http_status, status);
    AUTO(free) char *what = xasprintf("%s %s", w->phase == WATCH_LISTING ? "list" : "watch", w->kind->plural);
    struct err err = ERR_INIT;
    if (outcome == K8S_OK) /* 204 and the like */
        outcome = K8S_BAD_ANSWER;
    if (outcome == K8S_GONE)
        forget_version(w);
    api_error(outcome, http_status, status, what, buf_str(&w->error_body), &err);
    watch_trouble(w, outcome, &err, api_retry_after_ms(http_call_header(c, "Retry-After"), status));
}

static void on_done(struct http_call *c, const struct err *err)
{
    struct watch *w = container_of(c, struct watch, call);
    if (err->code)
        watch_trouble(w, err->code == -E2BIG ? K8S_BAD_ANSWER : K8S_UNREACHABLE, err, -1);
    else if (http_call_status(c) != 200)
        refused(w, c);
    else if (w->phase == WATCH_LISTING)
        list_complete(w);
    else
        watch_ended(w);
    (void)gone(w);
}

/* ---- what comes next ------------------------------------------------------------------------------------- */

static void add_selectors(const struct watch *w, struct buf *url)
{
    if (w->field_selector)
        url_add_query(url, "fieldSelector", w->field_selector);
    if (w->label_selector)
        url_add_query(url, "labelSelector", w->label_selector);
}

static void list_url(struct watch *w, struct buf *url)
{
    url_add_query(url, "limit", PAGE_ITEMS);
    if (w->continue_page)
        url_add_query(url, "continue", w->continue_page);
    else
        watch_cache_list_begin(&w->cache);
    w->phase = WATCH_LISTING;
}

static void watch_url(struct watch *w, struct buf *url)
{
    char seconds[24];
    int64_t lasts_s = WATCH_SECONDS_MIN + (int64_t)(chance_of(w) % WATCH_SECONDS_MIN);
    (void)snprintf(seconds, sizeof seconds, "%lld", (long long)lasts_s);
    url_add_query(url, "watch", "true");
    url_add_query(url, "allowWatchBookmarks", "true");
    url_add_query(url, "timeoutSeconds", seconds);
    url_add_query(url, "resourceVersion", w->version);
    w->events = k8s_watch_decoder_new(w->kind->type, on_watch_event, w);
    w->phase = WATCH_WATCHING;
}

/* Lists if no version is known, watches from it otherwise. */
static void watch_go_on(struct watch *w)
{
    static const struct http_header accept = { "Accept", "application/json" };
    const struct k8s_access *access = client_access(w->client);
    AUTO(buf_done) struct buf url = BUF_INIT(URL_BYTES);
    struct err err = ERR_INIT;
    const struct resource_path path = { .server = access->server,
                                        .api_version = w->kind->api_version,
                                        .resource = w->kind->plural,
                                        .namespace = w->namespace };
    int ret = resource_path_url(&path, &url, &err);
    bool single = w->field_selector && str_has_prefix(w->field_selector, "metadata.name=");
    buf_init(&w->error_body, ERROR_BYTES);
    w->started_ms = clock_boot_ms();
    if (w->version)
        watch_url(w, &url);
    else
        list_url(w, &url);
    add_selectors(w, &url);
    if (ret == 0 && buf_failed(&url))
        ret = err_set(&err, -E2BIG, "%s: the URL is too long", w->kind->plural);
    if (ret == 0)
        ret = http_call_start(&w->call, w->client->pools[POOL_WATCH],
                              &(struct http_request){
                                  .method = "GET",
                                  .url = buf_str(&url),
                                  .headers = &accept,
                                  .headers_len = 1,
                                  .authorization = access->authorization,
                                  .tls = access->tls,
                                  .connect_timeout_ms = client_purposes[K8S_FOR_WATCH].connect_timeout_ms,
                                  .idle_timeout_ms = w->phase == WATCH_LISTING ? LIST_IDLE_MS : WATCH_IDLE_MS,
                                  .body_max_bytes = w->phase == WATCH_LISTING ? LIMIT_K8S_LIST_BYTES : SIZE_MAX,
                                  .receive_bytes = single ? 2048 : 0,
                              },
                              &err);
    if (ret < 0)
        watch_trouble(w, K8S_UNREACHABLE, &err, -1);
}

/* ---- the header's functions ------------------------------------------------------------------------------ */

void k8s_watch_init(struct k8s_watch *w, k8s_watch_change_fn on_change, k8s_watch_listed_fn on_listed,
                    k8s_watch_trouble_fn on_trouble)
{
    *w = (struct k8s_watch){ .on_change = on_change, .on_listed = on_listed, .on_trouble = on_trouble };
}

void k8s_watch_start(struct k8s_watch *owner, struct k8s_client *client, const struct k8s_watch_opts *opts)
{
    assert(!owner->impl);
    struct watch *w = NEW(struct watch);
    owner->impl = w;
    w->owner = owner;
    w->client = client;
    w->kind = &k8s_kinds[opts->kind];
    w->namespace = xstrdup(opts->namespace);
    w->field_selector = xstrdup(opts->field_selector);
    w->label_selector = xstrdup(opts->label_selector);
    w->quiet_until_ms = clock_boot_ms() + opts->quiet_ms;
    w->relisted_ms = clock_boot_ms() - 2 * SERVED_WELL_MS;
    w->refused = (struct backoff){ .first_ms = 800, .max_ms = 30000, .jitter_percent = 100 };
    w->unreachable = (struct backoff){ .first_ms = 100, .max_ms = 2000, .jitter_percent = 50 };
    http_call_init(&w->call, on_head, on_data, on_done);
    loop_timer_init(&w->timer, client->loop, "watch", on_timer);
    loop_timer_start(&w->timer, 0); /* so that no trouble is told from within start */
}

void k8s_watch_stop(struct k8s_watch *owner)
{
    struct watch *w = owner->impl;
    if (!w)
        return;
    owner->impl = NULL;
    w->owner = NULL;
    http_call_cancel(&w->call);
    loop_timer_stop(&w->timer);
    (void)gone(w);
}

bool k8s_watch_listed(const struct k8s_watch *owner)
{
    const struct watch *w = owner->impl;
    return w && w->listed;
}

struct k8s_object *k8s_watch_get(const struct k8s_watch *owner, const char *namespace, const char *name)
{
    const struct watch *w = owner->impl;
    return w ? watch_cache_get(&w->cache, namespace, name) : NULL;
}

size_t k8s_watch_len(const struct k8s_watch *owner)
{
    const struct watch *w = owner->impl;
    return w ? map_len(&w->cache.objects) : 0;
}

bool k8s_watch_next(const struct k8s_watch *owner, size_t *i, struct k8s_object **ret_object)
{
    const struct watch *w = owner->impl;
    void *value;
    if (!w || !map_next(&w->cache.objects, i, NULL, &value))
        return false;
    *ret_object = value;
    return true;
}
