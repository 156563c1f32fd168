/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_private.h - what the parts of base/http share. Nobody outside this folder includes it.
 *
 * A call that has been started is a struct transfer of its own: its owner (the struct http_call) may disappear at
 * any time, the transfer lives until libcurl has let go of it.
 *
 *   start ─▶ queued ─(defer)─▶ in libcurl ─▶ ended: on_done, freed
 *                 └──── cancel: owner forgotten, freed by the same defer ────┘
 *
 * libcurl may not be entered from its own callbacks. So starting, resuming and cancelling only put the transfer
 * into the pool's queue, and a deferred call works the queue off.
 *
 * A channel is one libcurl multi handle with its own cache of connections. When a transfer fails in a way that the
 * connection may have caused, its channel is retired: what runs in it may end there, new transfers go to another one
 * and so share a new connection, instead of trusting an old one or opening one each. And where connections are
 * multiplexed, a channel takes no more transfers than one connection has streams: libcurl 7.88, asked for more, opens a
 * connection for each of them that is too many at the moment, hundreds if need be.
 */
#pragma once

#include <curl/curl.h>

#include "base/http.h"
#include "base/list.h"

struct http_pool {
    struct loop *loop;
    const char *name;
    char *user_agent;
    char *proxy;
    unsigned connections_max;
    bool http1_only;
    struct list channels;
    struct loop_defer queue_run;
    struct list queue;     /* transfers by queue_node */
    struct list transfers; /* all of them, by node */
};

struct channel {
    struct list node;
    struct http_pool *pool;
    CURLM *multi;
    struct loop_timer timer; /* libcurl's one timer */
    struct list sockets;
    size_t transfers;
    bool retired;
};

struct transfer {
    struct list node;
    struct list queue_node;
    struct http_pool *pool;
    struct http_call *call; /* NULL: cancelled */
    CURL *easy;
    struct channel *channel; /* NULL: not given to libcurl */
    bool resume; /* wanted */
    bool paused;
    bool head_seen;
    bool keep_url; /* the URL given to libcurl is not the caller's (server name) */
    unsigned redirects_max;
    int64_t idle_timeout_ms, active_ms; /* active: when a byte came last, boot time */
    struct loop_timer idle;
    size_t body_max, body_seen;
    struct buf body;
    struct http_tls *tls;
    struct curl_slist *headers, *connect_to;
    char *method, *url;
    struct err *failure; /* ours, stronger than what libcurl makes of it; NULL: none */
    char message[CURL_ERROR_SIZE];
};

struct http_tls {
    unsigned refs;
    int ca_fd, cert_fd, key_fd; /* memfds; -1: none */
    char *ca_path, *cert_path, *key_path;
    bool insecure;
    char *server_name;
};

/* http_pool.c */
void pool_queue(struct http_pool *pool, struct transfer *t);
CURLMcode pool_add(struct http_pool *pool, struct transfer *t);
void pool_remove(struct transfer *t); /* from its channel, if it is in one */
void pool_doubt(struct channel *c); /* NULL: it never got so far */

/* http_call.c */
void transfer_run_queued(struct transfer *t);
void transfer_end(struct transfer *t, CURLcode result); /* calls on_done, frees */
struct transfer *transfer_free(struct transfer *t);

/* http_tls.c */
int tls_apply(const struct http_tls *tls, CURL *easy);

/* http_error.c: fills err from how a transfer ended; CURLE_OK clears it. */
void transfer_error(const struct transfer *t, CURLcode result, struct err *err);
