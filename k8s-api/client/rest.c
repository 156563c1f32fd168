/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rest.c - one request from struct to struct.
 *
 *   start ─▶ (wait for the rate) ─▶ sent ─▶ answered ─▶ on_done
 *                    ▲                          │ 429, or 5xx with Retry-After, and there is time
 *                    └──────────────────────────┘
 */
#include "k8s/rest.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api_error.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "client_private.h"
#include "resource_path.h"

#define URL_BYTES (8 * KIB)
#define RETRIES_MAX 10

struct request {
    struct http_call http;
    struct k8s_call *call;
    struct k8s_client *client;
    struct loop_timer timer; /* for the rate, or for Retry-After */
    enum k8s_purpose purpose;
    enum k8s_verb verb;
    const struct k8s_kind *kind;
    const char *method, *content_type;
    struct buf url, body;
    int64_t deadline_ms;
    unsigned retries;
};

static const char *const methods[] = {
    [K8S_GET] = "GET",     [K8S_CREATE] = "POST",   [K8S_UPDATE] = "PUT",
    [K8S_PATCH] = "PATCH", [K8S_DELETE] = "DELETE",
};

static const char *const patch_types[] = {
    [K8S_STRATEGIC_MERGE_PATCH] = "application/strategic-merge-patch+json",
    [K8S_MERGE_PATCH] = "application/merge-patch+json",
    [K8S_JSON_PATCH] = "application/json-patch+json",
};

static struct request *request_free(struct request *r)
{
    http_call_cancel(&r->http);
    loop_timer_stop(&r->timer);
    buf_done(&r->url);
    buf_done(&r->body);
    free(r);
    return NULL;
}

/* ---- the end --------------------------------------------------------------------------------------------- */

static void request_finish(struct request *r, struct k8s_result *result)
{
    struct k8s_call *call = r->call;
    struct k8s_object *object = result->object;
    call->impl = NULL;
    call->fn(call, result);
    k8s_object_unref(object);
    request_free(r);
}

static void request_fail(struct request *r, enum k8s_outcome outcome, const struct err *err)
{
    struct k8s_result result = { .outcome = outcome, .retry_after_ms = -1 };
    err_copy(&result.err, err);
    request_finish(r, &result);
}

static void request_send(struct request *r);

static void on_timer(struct loop_timer *t)
{
    request_send(container_of(t, struct request, timer));
}

/* ---- an answer ------------------------------------------------------------------------------------------- */

/* A deletion is answered by the object or by a Status, and only the text tells which. */
#define KIND_ONLY_FIELDS(F) F(value, const char *, kind, "kind", 0)
JSON_STRUCT(kind_only, KIND_ONLY_FIELDS);
JSON_TYPE(kind_only, KIND_ONLY_FIELDS);

static const struct json_type *answer_type(const struct request *r, const struct buf *body)
{
    struct kind_only k = { .kind = NULL };
    if (r->verb != K8S_DELETE)
        return r->kind->type;
    AUTO(arena_unref) struct arena *arena = arena_new(4 * KIB);
    bool status = json_decode(&kind_only_type, buf_str(body), body->len, NULL, arena, &k, NULL) == 0 &&
                  str_eq(k.kind, "Status");
    return status ? &k8s_status_type : r->kind->type;
}

static bool try_again(struct request *r, int http_status, int64_t retry_after_ms)
{
    if (http_status != 429 && (http_status < 500 || retry_after_ms < 0))
        return false;
    int64_t now_ms = clock_boot_ms(), wait_ms = retry_after_ms >= 0 ? retry_after_ms : 1000;
    if (r->retries >= RETRIES_MAX || now_ms + wait_ms >= r->deadline_ms)
        return false;
    r->retries++;
    if (http_status == 429)
        rate_limit_hold(&r->client->rates[r->purpose], now_ms, now_ms + wait_ms);
    loop_timer_start(&r->timer, wait_ms);
    return true;
}

static void on_answer(struct http_call *c, const struct err *err)
{
    struct request *r = container_of(c, struct request, http);
    struct k8s_result result = { .http_status = http_call_status(c), .retry_after_ms = -1 };
    const struct buf *body = http_call_body(c);
    if (err->code) {
        request_fail(r, K8S_UNREACHABLE, err);
        return;
    }
    bool fine = result.http_status >= 200 && result.http_status < 300;
    AUTO(k8s_object_unref) struct k8s_object *status =
        fine ? NULL : api_status_decode(buf_str(body), body->len);
    result.status = K8S_OBJECT_AS(status, k8s_status);
    result.retry_after_ms = fine ? -1 : api_retry_after_ms(http_call_header(c, "Retry-After"), result.status);
    if (try_again(r, result.http_status, result.retry_after_ms))
        return;
    result.outcome = api_outcome(result.http_status, result.status);
    AUTO(free) char *what = xasprintf("%s %s", r->method, buf_str(&r->url));
    api_error(result.outcome, result.http_status, result.status, what, buf_str(body), &result.err);
    if (result.outcome == K8S_OK &&
        k8s_decode(answer_type(r, body), buf_str(body), body->len, &result.object, &result.err) < 0) {
        err_wrap(&result.err, "%s", what);
        result.outcome = K8S_BAD_ANSWER;
    }
    request_finish(r, &result);
}

/* ---- a request ------------------------------------------------------------------------------------------- */

static int request_start_http(struct request *r, struct err *err)
{
    const struct http_header headers[] = { { "Accept", "application/json" }, { "Content-Type", r->content_type } };
    int64_t left_ms = r->deadline_ms - clock_boot_ms();
    const struct k8s_access *access = client_access(r->client);
    return http_call_start(&r->http, r->client->pools[client_purposes[r->purpose].pool],
                           &(struct http_request){
                               .method = r->method,
                               .url = buf_str(&r->url),
                               .headers = headers,
                               .headers_len = r->content_type ? 2 : 1,
                               .authorization = access->authorization,
                               .body = r->body.len > 0 ? r->body.data : NULL,
                               .body_len = r->body.len,
                               .tls = access->tls,
                               .connect_timeout_ms = client_purposes[r->purpose].connect_timeout_ms,
                               .total_timeout_ms = left_ms > 1 ? left_ms : 1,
                               .body_max_bytes = LIMIT_K8S_OBJECT_BYTES,
                           },
                           err);
}

static void request_send(struct request *r)
{
    struct err err = ERR_INIT;
    if (clock_boot_ms() >= r->deadline_ms)
        err_set(&err, -ETIMEDOUT, "%s %s: no turn within the rate limit before the timeout", r->method,
                buf_str(&r->url));
    if (err.code || request_start_http(r, &err) < 0)
        request_fail(r, K8S_UNREACHABLE, &err);
}

static int build_url(struct request *r, const struct k8s_request *q, struct err *err)
{
    const struct resource_path path = {
        .server = r->client->access->server,
        .api_version = q->api_version ? q->api_version : r->kind->api_version,
        .resource = q->resource ? q->resource : r->kind->plural,
        .namespace = q->namespace,
        .name = q->name,
        .subresource = q->subresource,
    };
    if (!path.resource)
        return err_set(err, -EINVAL, "%s has no resource of its own", r->kind->kind);
    if (!q->name && q->verb != K8S_CREATE)
        return err_set(err, -EINVAL, "%s: name: not set", path.resource);
    int ret = resource_path_url(&path, &r->url, err);
    if (ret == 0 && q->query)
        ret = buf_printf(&r->url, "?%s", q->query);
    return ret < 0 ? err_wrap(err, "%s", path.resource) : 0;
}

static void write_delete_options(struct buf *out, const struct k8s_delete_opts *o)
{
    struct json_writer w = JSON_WRITER(out);
    json_write_object(&w);
    json_write_key_string(&w, "kind", "DeleteOptions");
    json_write_key_string(&w, "apiVersion", "v1");
    if (o->grace_seconds.has)
        json_write_key_int(&w, "gracePeriodSeconds", o->grace_seconds.value);
    if (o->propagation)
        json_write_key_string(&w, "propagationPolicy", o->propagation);
    if (o->uid || o->resource_version) {
        json_write_key_object(&w, "preconditions");
        if (o->uid)
            json_write_key_string(&w, "uid", o->uid);
        if (o->resource_version)
            json_write_key_string(&w, "resourceVersion", o->resource_version);
        json_write_end(&w);
    }
    json_write_end(&w);
}

static int build_body(struct request *r, const struct k8s_request *q, struct err *err)
{
    if (q->verb == K8S_DELETE)
        write_delete_options(&r->body, &q->delete_opts);
    else if (q->object)
        (void)json_encode(r->kind->type, q->object, &r->body);
    else if (q->body)
        buf_add(&r->body, q->body, q->body_len);
    if (buf_failed(&r->body))
        return err_set(err, -E2BIG, "%s: larger than %llu bytes", r->kind->kind, LIMIT_K8S_OBJECT_BYTES);
    if (r->body.len > 0)
        r->content_type = q->verb == K8S_PATCH ? patch_types[q->patch_type] : "application/json";
    return 0;
}

void k8s_call_init(struct k8s_call *c, k8s_done_fn fn)
{
    *c = (struct k8s_call){ .fn = fn };
}

int k8s_call_start(struct k8s_call *c, struct k8s_client *client, const struct k8s_request *q, struct err *err)
{
    assert(!c->impl);
    struct err local = ERR_INIT;
    int64_t now_ms = clock_boot_ms();
    struct request *r = NEW(struct request);
    r->call = c;
    r->client = client;
    r->purpose = q->purpose;
    r->verb = q->verb;
    r->kind = &k8s_kinds[q->kind];
    r->method = methods[q->verb];
    r->deadline_ms = now_ms + (q->timeout_ms > 0 ? q->timeout_ms : client_purposes[q->purpose].timeout_ms);
    buf_init(&r->url, URL_BYTES);
    buf_init(&r->body, LIMIT_K8S_OBJECT_BYTES);
    http_call_init(&r->http, NULL, NULL, on_answer);
    loop_timer_init(&r->timer, client->loop, client_purposes[q->purpose].name, on_timer);
    int ret = build_url(r, q, &local);
    if (ret == 0)
        ret = build_body(r, q, &local);
    if (ret == 0) {
        int64_t delay_ms = rate_limit_reserve(&client->rates[q->purpose], now_ms);
        if (delay_ms == 0)
            ret = request_start_http(r, &local);
        else
            loop_timer_start(&r->timer, delay_ms);
    }
    if (ret < 0) {
        request_free(r);
        err_copy(err, &local);
        return ret;
    }
    c->impl = r;
    return 0;
}

void k8s_call_cancel(struct k8s_call *c)
{
    if (c->impl)
        c->impl = request_free(c->impl);
}

bool k8s_call_running(const struct k8s_call *c)
{
    return c->impl != NULL;
}
