/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.h - HTTP requests on the loop.
 *
 * A pool is one set of connections for one purpose (a heartbeat never waits behind a watch): HTTP/2 is used and
 * multiplexed where the server offers it. A call is one request in flight, embedded in its owner and found again
 * with container_of(). Callbacks run on the loop, never inside http_call_start() or http_call_cancel(); on_done
 * comes exactly once for each started call, and never after http_call_cancel(). A callback may start and cancel
 * any call, also its own, and free its owner after cancelling or in on_done.
 *
 * A connection whose peer has fallen silent (no answer to data or to keep-alive probes) fails after
 * HTTP_SILENCE_MS; after a failure the pool opens a new connection instead of trusting an old one.
 *
 * The transport (libcurl) is hidden here: a simulator links another implementation of this header.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/loop.h"

#define HTTP_SILENCE_MS 10000

/* What a connection is secured with. Immutable, counted references, loop thread only. */
struct http_tls;
struct http_tls_opts {
    const void *ca; /* PEM; these alone are trusted. NULL: the system's */
    size_t ca_len;
    const void *cert, *key; /* PEM, client certificate (with its chain) and key; NULL: none */
    size_t cert_len, key_len;
    bool insecure;           /* the server's certificate is not verified */
    const char *server_name; /* name the server's certificate must have, sent as SNI; NULL: the URL's host */
};
/* Bytes are copied. -EINVAL: not PEM, or the key does not belong to the certificate. */
int http_tls_new(const struct http_tls_opts *opts, struct http_tls **ret_tls, struct err *err);
struct http_tls *http_tls_ref(struct http_tls *tls);
struct http_tls *http_tls_unref(struct http_tls *tls); /* NULL */
DEFINE_CLEANUP(struct http_tls *, http_tls_unref)

struct http_pool;
struct http_pool_opts {
    const char *name;         /* static, for logs */
    const char *user_agent;   /* copied; NULL: none is sent */
    const char *proxy;        /* URL; "": none; NULL: from the environment (HTTPS_PROXY, NO_PROXY …) */
    unsigned connections_max; /* to one host at a time, further calls wait; 0: no bound of our own */
    bool http1_only;          /* calls whose data is paused need a connection of their own */
};
struct http_pool *http_pool_new(struct loop *loop, const struct http_pool_opts *opts);
/* Calls still in flight are cancelled. NULL is fine. Not from within a callback of its own calls. */
struct http_pool *http_pool_free(struct http_pool *pool); /* NULL */
DEFINE_CLEANUP(struct http_pool *, http_pool_free)
/* Connections made until now take no new calls, and close when the last call on them has ended. */
void http_pool_retire(struct http_pool *pool);

struct http_header {
    const char *name, *value;
};

/* One request. All of it is borrowed during http_call_start() only. */
struct http_request {
    const char *method; /* "GET", … */
    const char *url;    /* http or https, absolute */
    const struct http_header *headers;
    size_t headers_len;
    const char *authorization; /* value of that header; NULL: none. Never sent on to another host */
    const void *body;
    size_t body_len;
    struct http_tls *tls; /* NULL: the system's trust, no client certificate */

    int64_t connect_timeout_ms; /* 0: 10 s */
    int64_t total_timeout_ms;   /* from start to done; 0: none */
    int64_t idle_timeout_ms;    /* without any byte received (a paused call is not idle); 0: none */
    unsigned redirects_max;     /* followed by itself, https never to http; 0: a redirect is an answer like any
                                   other. Not together with a client certificate: -EINVAL */
    size_t body_max_bytes;      /* of the answer: -E2BIG beyond it. 0: 64 KiB. SIZE_MAX: streamed without bound */
    size_t receive_bytes;       /* buffer, and so the largest chunk; 0: 16 KiB. Small ones for long idle watches */
};

enum http_data { HTTP_DATA_OK, HTTP_DATA_PAUSE };

struct http_call;
/* The head of the final answer (after redirects); http_call_status() is set. Optional. */
typedef void (*http_head_fn)(struct http_call *c);
/*
 * A part of the body, borrowed. HTTP_DATA_PAUSE: this part was NOT taken and comes again after http_call_resume();
 * allowed only in a pool with http1_only.
 */
typedef enum http_data (*http_data_fn)(struct http_call *c, const void *data, size_t len);
/* err->code 0: an answer arrived completely, whatever its status. Else the transport failed:
 * -ETIMEDOUT, -ECONNREFUSED, -EHOSTUNREACH (name or route), -ECONNRESET, -EKEYREJECTED (certificates),
 * -E2BIG, -ELOOP (redirects), -EINVAL (URL), -EIO. The message names method, URL (without its query) and cause. */
typedef void (*http_done_fn)(struct http_call *c, const struct err *err);

struct http_call {
    http_head_fn on_head; /* NULL: none */
    http_data_fn on_data; /* NULL: the body is collected for http_call_body() */
    http_done_fn on_done;
    void *impl; /* private; NULL: not in flight */
};
void http_call_init(struct http_call *c, http_head_fn on_head, http_data_fn on_data, http_done_fn on_done);
/* 0: on_done will come. < 0: the request is not valid (URL, method, combination), nothing will come. */
int http_call_start(struct http_call *c, struct http_pool *pool, const struct http_request *request,
                    struct err *err);
void http_call_cancel(struct http_call *c); /* also when not in flight; afterwards the owner may be freed */
void http_call_resume(struct http_call *c); /* after HTTP_DATA_PAUSE */
bool http_call_running(const struct http_call *c);
/* The collected body, complete in on_done and freed after it unless buf_take()n. */
struct buf *http_call_body(const struct http_call *c);
/* From on_head until on_done returns. */
int http_call_status(const struct http_call *c);                           /* 200, …; 0: no head yet */
const char *http_call_header(const struct http_call *c, const char *name); /* last of that name; NULL: absent */
const char *http_call_url(const struct http_call *c);                      /* the last one, after redirects */
