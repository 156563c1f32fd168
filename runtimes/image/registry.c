/* SPDX-License-Identifier: Apache-2.0 */
#include "registry.h"

#include <errno.h>
#include <stdio.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "registry_private.h"

#define DOCUMENT_TIMEOUT_MS 60000
#define IDLE_TIMEOUT_MS     30000 /* a blob's stream without a byte: it is asked for again */
#define CONNECT_TIMEOUT_MS  10000
#define REDIRECTS_MAX       5
#define TRIES_MAX           16
#define REFUSAL_BYTES       (16 * KIB)

#define REGISTRY_ERROR_FIELDS(F)                                                                   \
    F(value, const char *, code, "code", 0)                                                        \
    F(value, const char *, message, "message", 0)
JSON_STRUCT(registry_error, REGISTRY_ERROR_FIELDS);
JSON_TYPE(registry_error, REGISTRY_ERROR_FIELDS);
#define REGISTRY_ERRORS_FIELDS(F)                                                                  \
    F(objects, registry_error, errors, "errors", 0)                                                \
    F(value, const char *, details, "details", 0)
JSON_STRUCT(registry_errors, REGISTRY_ERRORS_FIELDS);
JSON_TYPE(registry_errors, REGISTRY_ERRORS_FIELDS);

bool registry_is_loopback(const char *host)
{
    static const char *const names[] = { "localhost", "[::1]" };
    size_t len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strlen(names[i]) == len && memcmp(host, names[i], len) == 0)
            return true;
    return str_has_prefix(host, "127.") && strspn(host, "0123456789.") == len;
}

static void copy_auths(struct registry *r, const struct rt_auths *auths)
{
    r->arena = arena_new(LIMIT_IMAGE_AUTH_BYTES);
    size_t n = auths ? auths->len : 0;
    struct rt_auth *copy = arena_alloc(r->arena, (n ? n : 1) * sizeof(*copy));
    for (size_t i = 0; copy && i < n; i++) {
        const struct rt_auth *a = &auths->items[i];
        copy[i] = (struct rt_auth){
            .username = arena_strdup(r->arena, a->username),
            .password = arena_strdup(r->arena, a->password),
            .identity_token = arena_strdup(r->arena, a->identity_token),
            .registry_token = arena_strdup(r->arena, a->registry_token),
        };
    }
    r->auths = copy;
    r->auths_len = copy ? (n ? n : 1) : 0;
}

struct registry *registry_new(const struct registry_opts *opts)
{
    struct registry *r = NEW(struct registry);
    const char *domain = opts->ref->domain;
    char text[RT_IMAGE_REF_TEXT_MAX];
    rt_image_ref_text(opts->ref, text);
    r->pool = opts->pool;
    r->host = xstrdup(str_eq(domain, "docker.io") ? "registry-1.docker.io" : domain);
    r->path = xstrdup(opts->ref->path);
    r->text = xstrdup(text);
    r->scheme = opts->plain_http ? "http" : "https";
    r->may_fall_back = !opts->plain_http && registry_is_loopback(domain);
    r->tls = opts->tls ? http_tls_ref(opts->tls) : NULL;
    list_init(&r->waiting);
    copy_auths(r, opts->auths);
    return r;
}

struct registry *registry_free(struct registry *r)
{
    if (!r)
        return NULL;
    http_call_cancel(&r->token_call);
    (void)arena_unref(r->arena);
    r->tls = http_tls_unref(r->tls);
    free(r->authorization);
    free(r->host);
    free(r->path);
    free(r->text);
    free(r);
    return NULL;
}

/* ---- one request ---- */

void registry_message(const struct buf *body, char *ret, size_t ret_bytes)
{
    AUTO(arena_unref) struct arena *arena = arena_new(256 * KIB);
    struct registry_errors doc;
    ret[0] = '\0';
    if (!body || !body->len ||
        json_decode(&registry_errors_type, body->data, body->len, NULL, arena, &doc, NULL) < 0)
        return;
    if (doc.errors.len)
        (void)snprintf(ret, ret_bytes, "%s%s%s", str_or(doc.errors.items[0].code, ""),
                       str_empty(doc.errors.items[0].message) ? "" : ": ",
                       str_or(doc.errors.items[0].message, ""));
    else
        (void)snprintf(ret, ret_bytes, "%s", str_or(doc.details, ""));
}

static const char *status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } table[] = {
        { 400, "Bad Request" },        { 401, "Unauthorized" },
        { 403, "Forbidden" },          { 404, "Not Found" },
        { 405, "Method Not Allowed" }, { 416, "Range Not Satisfiable" },
        { 429, "Too Many Requests" },  { 500, "Internal Server Error" },
        { 502, "Bad Gateway" },        { 503, "Service Unavailable" },
        { 504, "Gateway Timeout" },
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].status == status)
            return table[i].text;
    return "";
}

static void describe(struct registry_get *g, int status, struct err *err)
{
    char said[512];
    const struct buf *body = g->on_data ? &g->refusal : http_call_body(&g->call);
    registry_message(body, said, sizeof(said));
    const char *colon = said[0] ? ": server message: " : "";
    if (status == 404)
        (void)err_set(err, -ENOENT, "%s: not found", g->registry->text);
    else if (status == 401 || status == 403)
        (void)err_set(
            err, -EACCES,
            "pull access denied, repository does not exist or may require authorization%s%s", colon,
            said);
    else
        (void)err_set(err, status == 429 || status >= 500 ? -EAGAIN : -EPROTO,
                      "unexpected status from GET request to %s: %d %s%s%s",
                      http_call_url(&g->call), status, status_text(status), colon, said);
}

static bool fall_back(struct registry *r, const struct err *err)
{
    static const int no_sign[] = { ETIMEDOUT, ECONNREFUSED, E2BIG, EKEYREJECTED };
    bool could_be_plain = r->may_fall_back;
    for (size_t i = 0; i < ARRAY_LEN(no_sign); i++)
        could_be_plain = could_be_plain && err->code != -no_sign[i];
    if (!could_be_plain)
        return false;
    r->scheme = "http";
    return true;
}

static void on_done(struct http_call *c, const struct err *transport)
{
    struct registry_get *g = container_of(c, struct registry_get, call);
    struct registry *r = g->registry;
    struct err err = ERR_INIT;
    if (transport->code) {
        if (fall_back(r, transport)) {
            registry_send(g);
            return;
        }
        err_copy(&err, transport);
        (void)err_wrap(&err, "failed to do request%s",
                       err.code == -ECONNREFUSED ? " (connection refused)" : "");
        g->on_done(g, &err);
        return;
    }
    int status = http_call_status(c);
    r->may_fall_back = false;
    if (status >= 200 && status < 300) {
        r->accepted = true;
        g->on_done(g, NULL);
        return;
    }
    describe(g, status, &err);
    if (status == 401 || status == 403)
        registry_authorize(g, http_call_header(c, "WWW-Authenticate"), &err);
    else
        g->on_done(g, &err);
}

static enum http_data on_data(struct http_call *c, const void *data, size_t len)
{
    struct registry_get *g = container_of(c, struct registry_get, call);
    int status = http_call_status(c);
    if (status >= 200 && status < 300)
        return g->on_data(g, data, len);
    (void)buf_add(&g->refusal, data, len);
    return HTTP_DATA_OK;
}

void registry_get_init(struct registry_get *g, struct registry *r, registry_data_fn data_fn,
                       registry_done_fn done_fn, size_t body_max_bytes)
{
    *g = (struct registry_get){
        .registry = r, .on_data = data_fn, .on_done = done_fn, .body_max_bytes = body_max_bytes
    };
    list_init(&g->waiting);
    buf_init(&g->refusal, REFUSAL_BYTES);
    http_call_init(&g->call, NULL, data_fn ? on_data : NULL, on_done);
}

static int send_request(struct registry_get *g, struct err *err)
{
    struct registry *r = g->registry;
    char range[48];
    (void)snprintf(range, sizeof(range), "bytes=%llu-", (unsigned long long)g->from_byte);
    struct http_header headers[2] = { { "Accept", g->accept } };
    size_t headers_len = 1;
    if (g->from_byte)
        headers[headers_len++] = (struct http_header){ "Range", range };
    AUTO(free) char *url = xasprintf("%s://%s/v2/%s/%s", r->scheme, r->host, r->path, g->path);
    struct http_request request = {
        .method = "GET",
        .url = url,
        .headers = headers,
        .headers_len = headers_len,
        .authorization = r->authorization,
        .tls = r->tls,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .total_timeout_ms = g->on_data ? 0 : DOCUMENT_TIMEOUT_MS,
        .idle_timeout_ms = IDLE_TIMEOUT_MS,
        .redirects_max = REDIRECTS_MAX,
        .body_max_bytes = g->on_data ? SIZE_MAX : g->body_max_bytes,
        .receive_bytes = 64 * KIB,
    };
    g->serial = r->serial;
    buf_clear(&g->refusal);
    if (++g->tries > TRIES_MAX)
        return err_set(err, -EACCES, "the registry asks for authorization again and again");
    return http_call_start(&g->call, r->pool, &request, err);
}

void registry_send(struct registry_get *g)
{
    struct err err = ERR_INIT;
    if (send_request(g, &err) < 0)
        g->on_done(g, &err);
}

int registry_get_start(struct registry_get *g, const char *path, const char *accept,
                       uint64_t from_byte, struct err *err)
{
    free(g->path);
    free(g->accept);
    g->path = xstrdup(path);
    g->accept = xstrdup(accept);
    g->from_byte = from_byte;
    g->tries = 0;
    return send_request(g, err);
}

void registry_get_cancel(struct registry_get *g)
{
    if (!g->registry)
        return;
    http_call_cancel(&g->call);
    list_remove(&g->waiting);
    buf_done(&g->refusal);
    free(TAKE_PTR(g->path));
    free(TAKE_PTR(g->accept));
    g->registry = NULL;
}

void registry_get_resume(struct registry_get *g)
{
    http_call_resume(&g->call);
}

int registry_get_status(const struct registry_get *g)
{
    return http_call_status(&g->call);
}

const char *registry_get_header(const struct registry_get *g, const char *name)
{
    return http_call_header(&g->call, name);
}

struct buf *registry_get_body(const struct registry_get *g)
{
    return http_call_body(&g->call);
}
