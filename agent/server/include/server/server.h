/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server.h - the kubelet API: HTTPS on 10250, on the agent's loop.
 *
 * A request passes three gates, each of which may have to wait for the API server without holding up others:
 * who is it (client certificate, else bearer token), may it (SubjectAccessReview on nodes/SUBRESOURCE), and then
 * the route's own handler. Nothing is anonymous. Routes are a table; a route of the owner's can be added.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json.h"

struct loop;
struct err;
struct server;
struct server_request;
struct log_options;

/* Who asks. Strings are borrowed during the call. */
struct server_identity {
    const char *user;
    const char *uid;
    const char *const *groups;
    size_t groups_len;
    struct json_multimap extra; /* what authenticators know beside, for whoever decides what he may */
};

/* Asks the API server. Each answer comes exactly once, on the loop, never from within the call. */
struct server_auth_ops {
    /* identity NULL with err NULL: the token is nobody's; err: could not be asked */
    void (*review_token)(void *user, const char *token,
                         void (*done)(void *arg, const struct server_identity *identity, const struct err *err), void *arg);
    void (*review_access)(void *user, const struct server_identity *identity, const char *verb, const char *subresource,
                          void (*done)(void *arg, bool allowed, const struct err *err), void *arg);
};

/* Where a container's log is. */
struct server_log {
    char *path;  /* of the file in use; freed by the server */
    char *token; /* what container_running() is asked with; freed by the server */
};
enum { SERVER_NOT_FOUND = 1, SERVER_BAD_REQUEST = 2 };

/* What the server asks of the agent; all on the loop, none may block. */
struct server_deps {
    void *user;
    int (*pods)(void *user, struct buf *out); /* a PodList as JSON */
    /* 0; SERVER_NOT_FOUND, SERVER_BAD_REQUEST with the text for the client in err */
    int (*find_log)(void *user, const char *namespace_, const char *pod, const char *container, bool previous,
                    struct server_log *ret, struct err *err);
    bool (*container_running)(void *user, const char *token);
    void (*metrics)(void *user, struct buf *out);     /* Prometheus text */
    bool (*healthy)(void *user, const char **ret_why); /* of the agent itself */
    /* A connection arrives, or a client is about to be judged: the moment for server_set_client_ca() and
     * server_set_certificate() where what they were given last is not what the files hold. NULL: nothing changes. */
    void (*look)(void *user);
};

struct server_opts {
    const char *address; /* "0.0.0.0", "::" */
    uint16_t port;       /* 0: any free one, for tests: server_port() */
    const char *cert_pem, *key_pem;
    const char *client_ca_pem; /* NULL: no client is known by certificate */
    const struct server_auth_ops *auth; /* NULL: whoever is known by certificate may do everything, nobody else is known */
    void *auth_user;
    int64_t token_ttl_ms, allow_ttl_ms, deny_ttl_ms;
    bool always_allow; /* authorization.mode AlwaysAllow: whoever is known may do everything */
    const struct server_deps *deps;
    const struct server_route *routes; /* beside those of the table; static */
    size_t routes_len;
};

int server_new(struct loop *loop, const struct server_opts *opts, struct server **ret, struct err *err);
struct server *server_free(struct server *s); /* ends all connections. NULL */
DEFINE_CLEANUP(struct server *, server_free)
uint16_t server_port(const struct server *s);

/* Clients signed by these are known from now on. -EINVAL: not PEM; the old ones stay. */
int server_set_client_ca(struct server *s, const char *pem, struct err *err);
/* Served on connections that come from now on. -EINVAL: not a pair in PEM; the old one stays. */
int server_set_certificate(struct server *s, const char *cert_pem, const char *key_pem, struct err *err);
/* A container of this pod may have ended: who waits for more of its logs looks again. */
void server_wake_logs(struct server *s, const char *namespace_, const char *pod);

/* ---- Routes ---- */

struct server_route {
    const char *method; /* "GET" */
    const char *path;   /* "/containerLogs/", matched by prefix when it ends in '/' */
    const char *subresources; /* of nodes, tried in this order: "pods|proxy"; NULL: none needed, but a known client */
    const char *verb;   /* NULL: from the method */
    void (*serve)(struct server_request *r); /* answers by one of the functions below, exactly once */
};

const char *server_request_path(const struct server_request *r);
const char *server_request_query(const struct server_request *r, const char *name); /* NULL: absent */
const struct server_deps *server_request_deps(const struct server_request *r);
void server_answer(struct server_request *r, unsigned status, const char *content_type, const char *body, size_t len);
void server_answer_text(struct server_request *r, unsigned status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* 101 Switching Protocols, then a plain stream. fd (taken): a non-blocking stream socket, which ends when the client
 * or the server does; closing it ends the stream once everything written is sent. more: what the client sent behind its
 * request, borrowed during the call. The request is over with the call. protocol: the Upgrade header. A request that
 * allows no upgrade is answered 400, and fn is not called. */
typedef void (*server_upgrade_fn)(void *user, int fd, const void *more, size_t more_len);
void server_answer_upgrade(struct server_request *r, const char *protocol, server_upgrade_fn fn, void *user);

/* A body that comes as it comes. read: 0 something appended; > 0 SERVER_BODY_*. */
enum { SERVER_BODY_END = 1, SERVER_BODY_WAIT = 2 };
struct server_body {
    int (*read)(struct server_body *b, struct buf *out, size_t max_bytes);
    void (*free)(struct server_body *b); /* the client has gone, or all is sent */
    struct server_request *request;      /* set by server_answer_body() */
};
void server_answer_body(struct server_request *r, const char *content_type, struct server_body *body); /* body: taken */
void server_body_wake(struct server_body *b); /* after SERVER_BODY_WAIT: read() will be called again */
