/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_call.c - one request: checked, handed to libcurl, its answer passed on, its end reported once.
 */
#include "base/http.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "http_private.h"

#define CONNECT_TIMEOUT_MS 10000
#define BODY_MAX_BYTES (64u * 1024)

/* The transfer whose on_done is running: its call may ask for the head of the answer while it starts anew. */
static struct transfer *ending;

static struct transfer *transfer_of(const struct http_call *c)
{
    if (c->impl)
        return c->impl;
    return ending && ending->call == c ? ending : NULL;
}

struct transfer *transfer_free(struct transfer *t)
{
    if (!t)
        return NULL;
    pool_remove(t);
    list_remove(&t->node);
    list_remove(&t->queue_node);
    loop_timer_stop(&t->idle);
    if (t->easy)
        curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    curl_slist_free_all(t->connect_to);
    http_tls_unref(t->tls);
    buf_done(&t->body);
    free(t->failure);
    free(t->method);
    free(t->url);
    free(t);
    return NULL;
}

/* This failure may come from the connection and not from the call. */
static bool casts_doubt(int code)
{
    return code != 0 && code != -E2BIG && code != -EINVAL && code != -ELOOP;
}

void transfer_end(struct transfer *t, CURLcode result)
{
    struct http_call *c = t->call;
    if (!c) {
        transfer_free(t);
        return;
    }
    struct err err = ERR_INIT;
    transfer_error(t, result, &err);
    if (casts_doubt(err.code))
        pool_doubt(t->channel);
    pool_remove(t);
    loop_timer_stop(&t->idle);
    list_remove(&t->queue_node);
    assert(!ending);
    c->impl = NULL;
    ending = t;
    c->on_done(c, &err);
    ending = NULL;
    transfer_free(t);
}

static void transfer_fail(struct transfer *t, int code, const char *why)
{
    if (t->failure)
        return;
    t->failure = NEW(struct err);
    err_set(t->failure, code, "%s", why);
}

/* ---- what libcurl reports -------------------------------------------------------------------------------- */

static bool is_redirect(const struct transfer *t, long status)
{
    struct curl_header *h = NULL;
    if (t->redirects_max == 0)
        return false;
    return (status == 301 || status == 302 || status == 303 || status == 307 || status == 308) &&
           curl_easy_header(t->easy, "Location", 0, CURLH_HEADER, -1, &h) == CURLHE_OK;
}

static size_t on_header_line(char *line, size_t size, size_t n, void *user)
{
    struct transfer *t = user;
    size_t len = size * n;
    long status = 0;
    t->active_ms = clock_boot_ms();
    bool end = len <= 2 && (len == 0 || line[0] == '\r' || line[0] == '\n');
    if (!end || t->head_seen || !t->call)
        return t->call ? len : len + 1;
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200 || is_redirect(t, status))
        return len;
    t->head_seen = true;
    if (t->call->on_head)
        t->call->on_head(t->call);
    return t->call ? len : len + 1;
}

static size_t on_body(char *data, size_t size, size_t n, void *user)
{
    struct transfer *t = user;
    size_t len = size * n;
    if (!t->call)
        return len + 1;
    t->active_ms = clock_boot_ms();
    if (len > t->body_max - t->body_seen) {
        transfer_fail(t, -E2BIG, "the answer is larger than expected");
        return len + 1;
    }
    if (!t->call->on_data) {
        t->body_seen += len;
        return buf_add(&t->body, data, len) < 0 ? len + 1 : len;
    }
    if (t->call->on_data(t->call, data, len) == HTTP_DATA_PAUSE) {
        assert(t->pool->http1_only);
        t->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    t->body_seen += len;
    return t->call ? len : len + 1;
}

/* A silent peer: keep-alive probes start early, and unanswered data or probes end the connection (tcp(7)). */
static int on_socket_made(void *user, curl_socket_t fd, curlsocktype purpose)
{
    int silence_ms = HTTP_SILENCE_MS;
    (void)user;
    if (purpose == CURLSOCKTYPE_IPCXN)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence_ms, sizeof silence_ms);
    return CURL_SOCKOPT_OK;
}

static void on_idle(struct loop_timer *timer)
{
    struct transfer *t = container_of(timer, struct transfer, idle);
    int64_t quiet_ms = t->paused ? 0 : clock_boot_ms() - t->active_ms;
    if (quiet_ms < t->idle_timeout_ms) {
        loop_timer_start(timer, t->idle_timeout_ms - quiet_ms);
        return;
    }
    AUTO(free) char *why = xasprintf("nothing received for %lld ms", (long long)quiet_ms);
    transfer_fail(t, -ETIMEDOUT, why);
    transfer_end(t, CURLE_OPERATION_TIMEDOUT);
}

/* ---- from request to libcurl ----------------------------------------------------------------------------- */

static bool token_ok(const char *s)
{
    if (str_empty(s))
        return false;
    for (; *s; s++) {
        if (!isalnum((unsigned char)*s) && !strchr("!#$%&'*+-.^_`|~", *s))
            return false;
    }
    return true;
}

/* No line ends and no other control characters: a value cannot smuggle in a header (RFC 9110 section 5.5). */
static bool value_ok(const char *s)
{
    for (; *s; s++) {
        if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
            return false;
    }
    return true;
}

static void add_line(struct transfer *t, const char *name, const char *value)
{
    AUTO(free) char *line = *value ? xasprintf("%s: %s", name, value) : xasprintf("%s;", name);
    struct curl_slist *l = curl_slist_append(t->headers, line);
    if (!l)
        abort();
    t->headers = l;
}

static void suppress(struct transfer *t, const char *line)
{
    struct curl_slist *l = curl_slist_append(t->headers, line);
    if (!l)
        abort();
    t->headers = l;
}

static int set_headers(struct transfer *t, const struct http_request *r, struct err *err)
{
    bool content_type = false;
    for (size_t i = 0; i < r->headers_len; i++) {
        const struct http_header *h = &r->headers[i];
        if (!token_ok(h->name) || !value_ok(h->value))
            return err_set(err, -EINVAL, "header %s: not a valid name or value", str_or(h->name, "\"\""));
        content_type |= strcasecmp(h->name, "Content-Type") == 0;
        add_line(t, h->name, h->value);
    }
    if (r->authorization) {
        if (!value_ok(r->authorization))
            return err_set(err, -EINVAL, "the credentials contain a line end or another control character");
        add_line(t, "Authorization", r->authorization);
    }
    suppress(t, "Expect:");
    if (!content_type)
        suppress(t, "Content-Type:");
    return 0;
}

/*
 * The name that the certificate must have stands in the URL, and the real place behind it in CONNECT_TO: libcurl
 * has no option for the name alone. The Host header stays what the caller's URL says.
 */
static int set_server_name(struct transfer *t, CURLU *url, struct err *err)
{
    char *host = NULL, *port = NULL, *whole = NULL;
    const char *name = t->tls->server_name;
    bool ok = !curl_url_get(url, CURLUPART_HOST, &host, 0) &&
              !curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) &&
              !curl_url_set(url, CURLUPART_HOST, name, 0) && !curl_url_get(url, CURLUPART_URL, &whole, 0);
    if (ok) {
        AUTO(free) char *to = xasprintf("%s:%s:%s:%s", name, port, host, port);
        AUTO(free) char *authority = xasprintf("%s:%s", host, port);
        t->connect_to = curl_slist_append(NULL, to);
        add_line(t, "Host", authority);
        (void)curl_easy_setopt(t->easy, CURLOPT_CONNECT_TO, t->connect_to);
        (void)curl_easy_setopt(t->easy, CURLOPT_URL, whole);
        t->keep_url = true;
    }
    curl_free(host);
    curl_free(port);
    curl_free(whole);
    return ok ? 0 : err_set(err, -EINVAL, "server name \"%s\" does not fit into a URL", name);
}

static int set_url(struct transfer *t, struct err *err)
{
    CURLU *url = curl_url();
    char *scheme = NULL;
    if (!url)
        abort();
    CURLUcode r = curl_url_set(url, CURLUPART_URL, t->url, 0);
    if (r == CURLUE_OK)
        r = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0);
    int ret = 0;
    bool https = scheme && strcmp(scheme, "https") == 0;
    if (r != CURLUE_OK)
        ret = err_set(err, -EINVAL, "URL \"%s\": %s", t->url, curl_url_strerror(r));
    else if (!https && strcmp(scheme, "http") != 0)
        ret = err_set(err, -EINVAL, "URL \"%s\": the scheme must be http or https", t->url);
    else if (https && t->tls && t->tls->server_name)
        ret = set_server_name(t, url, err);
    else
        (void)curl_easy_setopt(t->easy, CURLOPT_URL, t->url);
    (void)curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(t->easy, CURLOPT_REDIR_PROTOCOLS_STR, https ? "https" : "http,https");
    curl_free(scheme);
    curl_url_cleanup(url);
    return ret;
}

static void set_method(CURL *e, const struct http_request *r)
{
    bool carries = r->body || strcmp(r->method, "POST") == 0 || strcmp(r->method, "PUT") == 0 ||
                   strcmp(r->method, "PATCH") == 0;
    if (strcmp(r->method, "HEAD") == 0)
        (void)curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
    if (carries) {
        (void)curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
        (void)curl_easy_setopt(e, CURLOPT_COPYPOSTFIELDS, r->body ? r->body : "");
    }
    (void)curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, r->method);
}

static void set_transport(struct transfer *t, const struct http_request *r)
{
    CURL *e = t->easy;
    const struct http_pool *pool = t->pool;
    long version = pool->http1_only ? (long)CURL_HTTP_VERSION_1_1 : (long)CURL_HTTP_VERSION_2TLS;
    (void)curl_easy_setopt(e, CURLOPT_HTTP_VERSION, version);
    (void)curl_easy_setopt(e, CURLOPT_PIPEWAIT, pool->http1_only ? 0L : 1L);
    (void)curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
    (void)curl_easy_setopt(e, CURLOPT_TCP_KEEPIDLE, HTTP_SILENCE_MS / 2000L);
    (void)curl_easy_setopt(e, CURLOPT_TCP_KEEPINTVL, 2L);
    (void)curl_easy_setopt(e, CURLOPT_SOCKOPTFUNCTION, on_socket_made);
    (void)curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    (void)curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
                           (long)(r->connect_timeout_ms > 0 ? r->connect_timeout_ms : CONNECT_TIMEOUT_MS));
    (void)curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)r->total_timeout_ms);
    if (pool->user_agent)
        (void)curl_easy_setopt(e, CURLOPT_USERAGENT, pool->user_agent);
    if (pool->proxy)
        (void)curl_easy_setopt(e, CURLOPT_PROXY, pool->proxy);
    if (r->receive_bytes)
        (void)curl_easy_setopt(e, CURLOPT_BUFFERSIZE, (long)r->receive_bytes);
    if (r->redirects_max > 0) {
        (void)curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 1L);
        (void)curl_easy_setopt(e, CURLOPT_MAXREDIRS, (long)r->redirects_max);
    }
}

static void set_callbacks(struct transfer *t)
{
    CURL *e = t->easy;
    (void)curl_easy_setopt(e, CURLOPT_PRIVATE, t);
    (void)curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->message);
    (void)curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header_line);
    (void)curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
    (void)curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
}

static int transfer_prepare(struct transfer *t, const struct http_request *r, struct err *err)
{
    if (!token_ok(r->method))
        return err_set(err, -EINVAL, "HTTP method \"%s\" is not a word", str_or(r->method, ""));
    if (r->redirects_max > 0 && r->tls && r->tls->cert_path)
        return err_set(err, -EINVAL, "redirects are not followed with a client certificate");
    t->easy = curl_easy_init();
    if (!t->easy)
        abort();
    set_callbacks(t);
    set_transport(t, r);
    set_method(t->easy, r);
    if (set_url(t, err) < 0 || set_headers(t, r, err) < 0)
        return err->code;
    (void)curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
    if (tls_apply(t->tls, t->easy) < 0)
        return err_set(err, -EIO, "libcurl does not take the TLS settings");
    return 0;
}

/* ---- the header's functions ------------------------------------------------------------------------------ */

void http_call_init(struct http_call *c, http_head_fn on_head, http_data_fn on_data, http_done_fn on_done)
{
    *c = (struct http_call){ .on_head = on_head, .on_data = on_data, .on_done = on_done };
}

int http_call_start(struct http_call *c, struct http_pool *pool, const struct http_request *r, struct err *err)
{
    assert(!c->impl);
    struct err local = ERR_INIT;
    struct transfer *t = NEW(struct transfer);
    t->pool = pool;
    t->redirects_max = r->redirects_max;
    t->idle_timeout_ms = r->idle_timeout_ms;
    t->body_max = r->body_max_bytes ? r->body_max_bytes : BODY_MAX_BYTES;
    buf_init(&t->body, t->body_max);
    t->tls = http_tls_ref(r->tls);
    t->method = xstrdup(r->method);
    t->url = xstrdup(str_or(r->url, ""));
    list_init(&t->queue_node);
    list_push_back(&pool->transfers, &t->node);
    loop_timer_init(&t->idle, pool->loop, pool->name, on_idle);
    int ret = transfer_prepare(t, r, &local);
    if (ret < 0) {
        transfer_free(t);
        err_copy(err, &local);
        return ret;
    }
    t->call = c;
    c->impl = t;
    pool_queue(pool, t);
    return 0;
}

/* From the pool's deferred call: libcurl is not on the stack. */
void transfer_run_queued(struct transfer *t)
{
    if (!t->call) {
        transfer_free(t);
        return;
    }
    if (t->channel) {
        if (t->resume) {
            t->resume = t->paused = false;
            t->active_ms = clock_boot_ms();
            (void)curl_easy_pause(t->easy, CURLPAUSE_CONT);
        }
        return;
    }
    t->active_ms = clock_boot_ms();
    if (t->idle_timeout_ms > 0)
        loop_timer_start(&t->idle, t->idle_timeout_ms);
    CURLMcode r = pool_add(t->pool, t);
    if (r == CURLM_OK)
        return;
    transfer_fail(t, -EIO, curl_multi_strerror(r));
    transfer_end(t, CURLE_FAILED_INIT);
}

void http_call_cancel(struct http_call *c)
{
    struct transfer *t = transfer_of(c);
    if (!t)
        return;
    t->call = NULL;
    if (t == ending)
        return;
    c->impl = NULL;
    loop_timer_stop(&t->idle);
    pool_queue(t->pool, t);
}

void http_call_resume(struct http_call *c)
{
    struct transfer *t = c->impl;
    if (!t)
        return;
    t->resume = true;
    pool_queue(t->pool, t);
}

bool http_call_running(const struct http_call *c)
{
    return c->impl != NULL;
}

struct buf *http_call_body(const struct http_call *c)
{
    static struct buf none;
    struct transfer *t = transfer_of(c);
    return t ? &t->body : &none;
}

int http_call_status(const struct http_call *c)
{
    const struct transfer *t = transfer_of(c);
    long status = 0;
    if (t && t->head_seen)
        (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    return (int)status;
}

const char *http_call_header(const struct http_call *c, const char *name)
{
    const struct transfer *t = transfer_of(c);
    struct curl_header *h = NULL;
    if (!t || !t->head_seen || curl_easy_header(t->easy, name, 0, CURLH_HEADER, -1, &h) != CURLHE_OK)
        return NULL;
    if (h->amount > 1 && curl_easy_header(t->easy, name, h->amount - 1, CURLH_HEADER, -1, &h) != CURLHE_OK)
        return NULL;
    return h->value;
}

const char *http_call_url(const struct http_call *c)
{
    const struct transfer *t = transfer_of(c);
    char *url = NULL;
    if (!t)
        return NULL;
    if (!t->keep_url)
        (void)curl_easy_getinfo(t->easy, CURLINFO_EFFECTIVE_URL, &url);
    return url ? url : t->url;
}
