/* SPDX-License-Identifier: Apache-2.0 */
/* request.c - one request on its way through the gates to its answer. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "server_private.h"

static const struct {
    const char *method, *verb;
} verbs[] = {
    { "GET", "get" }, { "HEAD", "get" }, { "POST", "create" }, { "PUT", "update" }, { "PATCH", "patch" },
    { "DELETE", "delete" },
};

static const char *verb_of(const struct server_request *r)
{
    if (r->route->verb)
        return r->route->verb;
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (str_eq(r->method, verbs[i].method))
            return verbs[i].verb;
    return "";
}

const char *server_request_path(const struct server_request *r)
{
    return r->path;
}

const char *server_request_query(const struct server_request *r, const char *name)
{
    const char *value = NULL;
    size_t len;

    if (MHD_lookup_connection_value_n(r->connection, MHD_GET_ARGUMENT_KIND, name, strlen(name), &value, &len) == MHD_NO)
        return NULL;
    return str_or(value, ""); /* "?follow" has no value at all */
}

const struct server_deps *server_request_deps(const struct server_request *r)
{
    return &r->server->deps;
}

static void queue(struct server_request *r, unsigned status, const char *content_type, struct MHD_Response *response)
{
    r->stage = REQUEST_ANSWERED;
    if (content_type)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
    if (MHD_queue_response(r->connection, status, response) == MHD_NO && status == MHD_HTTP_SWITCHING_PROTOCOLS)
        server_answer_text(r, MHD_HTTP_BAD_REQUEST, "the request does not allow an upgrade\n");
    MHD_destroy_response(response);
}

void server_answer(struct server_request *r, unsigned status, const char *content_type, const char *body, size_t len)
{
    queue(r, status, content_type, MHD_create_response_from_buffer(len, (void *)body, MHD_RESPMEM_MUST_COPY));
}

void server_answer_text(struct server_request *r, unsigned status, const char *fmt, ...)
{
    AUTO(buf_done) struct buf text = BUF_INIT(16 * KIB);
    va_list ap;

    va_start(ap, fmt);
    (void)buf_vprintf(&text, fmt, ap);
    va_end(ap);
    server_answer(r, status, "text/plain; charset=utf-8", buf_str(&text), text.len);
}

static struct tls_connection *tls_of(const struct server_request *r)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/* Somebody who reads a log page by page is no dead client. */
static void be_patient(struct server_request *r)
{
    struct tls_connection *tls = tls_of(r);

    (void)MHD_set_connection_option(r->connection, MHD_CONNECTION_OPTION_TIMEOUT, (unsigned)LIMIT_SERVER_STALL_S);
    if (tls)
        tls_connection_set_stall(tls, LIMIT_SERVER_STALL_S);
}

/* ---- a body that comes by and by ---- */

static void stop_hangup(struct server_request *r)
{
    loop_fd_stop(&r->hangup);
    if (r->hangup_fd >= 0)
        (void)close(r->hangup_fd);
    r->hangup_fd = -1;
}

/* While nothing is sent, a client that leaves is noticed here. */
static void on_hangup(struct loop_fd *f, int events)
{
    struct server_request *r = container_of(f, struct server_request, hangup);

    if (!(events & LOOP_HANGUP))
        return;
    r->stage = REQUEST_ANSWERED;
    r->body->free(r->body);
    r->body = NULL;
    stop_hangup(r);
    server_resume(r);
}

static void wait_for_body(struct server_request *r)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    server_suspend(r);
    r->hangup_fd = info ? fcntl(info->connect_fd, F_DUPFD_CLOEXEC, 3) : -1;
    if (r->hangup_fd >= 0)
        (void)loop_fd_start(&r->hangup, r->hangup_fd, LOOP_HANGUP);
}

static ssize_t on_body(void *user, uint64_t pos, char *out, size_t max)
{
    struct server_request *r = user;

    (void)pos;
    if (!r->ready.len) {
        int outcome = r->body ? r->body->read(r->body, &r->ready, SERVER_BODY_BYTES) : -EIO;
        if (outcome == SERVER_BODY_WAIT) {
            wait_for_body(r);
            return 0;
        }
        if (outcome < 0)
            return MHD_CONTENT_READER_END_WITH_ERROR;
        if (outcome == SERVER_BODY_END && !r->ready.len)
            return MHD_CONTENT_READER_END_OF_STREAM;
    }
    size_t len = r->ready.len < max ? r->ready.len : max;
    memcpy(out, buf_str(&r->ready), len);
    buf_consume(&r->ready, len);
    return (ssize_t)len;
}

void server_answer_body(struct server_request *r, const char *content_type, struct server_body *body)
{
    r->body = body;
    body->request = r;
    be_patient(r);
    queue(r, MHD_HTTP_OK, content_type,
          MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, SERVER_BODY_BYTES, on_body, r, NULL));
}

void server_body_wake(struct server_body *b)
{
    stop_hangup(b->request);
    server_resume(b->request);
}

/* ---- upgrade ---- */

/* The daemon would lend its socket for as long as the stream lasts. A copy of it is the owner's for good, and the
 * daemon's part ends here. */
static void on_upgrade(void *user, struct MHD_Connection *connection, void *con_cls, const char *more, size_t more_len,
                       MHD_socket fd, struct MHD_UpgradeResponseHandle *handle)
{
    struct server_request *r = user;
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

    (void)connection;
    (void)con_cls;
    be_patient(r);
    if (copy >= 0)
        r->upgrade(r->upgrade_user, copy, more, more_len);
    (void)MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
    server_run_soon(r->server);
}

void server_answer_upgrade(struct server_request *r, const char *protocol, server_upgrade_fn fn, void *user)
{
    struct MHD_Response *response = MHD_create_response_for_upgrade(on_upgrade, r);

    r->upgrade = fn;
    r->upgrade_user = user;
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_UPGRADE, protocol);
    queue(r, MHD_HTTP_SWITCHING_PROTOCOLS, NULL, response);
}

/* ---- the gates ---- */

/* In the kubelet's words. */
static void refuse(struct server_request *r, enum auth_outcome outcome)
{
    AUTO(free) char *subresources = xstrdup(str_or(r->route->subresources, ""));

    for (char *c = subresources; *c; c++)
        if (*c == '|')
            *c = ' ';
    server_answer_text(r, outcome == AUTH_ERROR ? MHD_HTTP_INTERNAL_SERVER_ERROR : MHD_HTTP_FORBIDDEN,
                       "%s (user=%s, verb=%s, resource=nodes, subresource(s)=[%s])\n",
                       outcome == AUTH_ERROR ? "Authorization error" : "Forbidden", r->auth.identity.user, verb_of(r),
                       subresources);
}

static enum auth_outcome who(struct server_request *r)
{
    struct tls_connection *tls = tls_of(r);

    return auth_who(&r->auth, tls ? tls_connection_session(tls) : NULL,
                    MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION));
}

static void on_auth(struct auth_call *c)
{
    server_resume(container_of(c, struct server_request, auth));
}

static bool step_who(struct server_request *r)
{
    server_look(r->server); /* a connection may be older than the authorities of today */
    enum auth_outcome outcome = who(r);

    if (outcome == AUTH_WAIT)
        return false;
    if (outcome == AUTH_YES)
        r->stage = REQUEST_ROUTE;
    else
        server_answer_text(r, MHD_HTTP_UNAUTHORIZED, "Unauthorized\n");
    return true;
}

/* Only whoever is known learns which paths there are. */
static bool step_route(struct server_request *r)
{
    bool other_method = false;

    r->route = route_find(r->server, r->method, r->path, &other_method);
    if (r->route)
        r->stage = REQUEST_MAY;
    else if (other_method)
        server_answer_text(r, MHD_HTTP_METHOD_NOT_ALLOWED, "405: Method Not Allowed\n");
    else
        server_answer_text(r, MHD_HTTP_NOT_FOUND, "404 page not found\n");
    return true;
}

static bool step_may(struct server_request *r)
{
    enum auth_outcome outcome = auth_may(&r->auth, verb_of(r), r->route->subresources);

    if (outcome == AUTH_WAIT)
        return false;
    if (outcome == AUTH_YES)
        r->stage = REQUEST_SERVE;
    else
        refuse(r, outcome);
    return true;
}

static bool step_serve(struct server_request *r)
{
    r->route->serve(r);
    return true;
}

/* What a stage does: it moves the request on, answers it, or says false: it has to wait. */
static bool (*const steps[REQUEST_ANSWERED])(struct server_request *r) = {
    [REQUEST_WHO] = step_who, [REQUEST_ROUTE] = step_route, [REQUEST_MAY] = step_may, [REQUEST_SERVE] = step_serve,
};

enum MHD_Result request_advance(struct server_request *r)
{
    while (r->stage != REQUEST_ANSWERED)
        if (!steps[r->stage](r)) {
            server_suspend(r);
            break;
        }
    return MHD_YES;
}

void request_free(struct server_request *r)
{
    stop_hangup(r);
    auth_call_done(&r->auth);
    if (r->body)
        r->body->free(r->body);
    buf_done(&r->ready);
    list_remove(&r->node);
    free(r->method);
    free(r->path);
    free(r);
}

struct server_request *request_new(struct server *s, struct MHD_Connection *connection, const char *method,
                                   const char *path)
{
    struct server_request *r = NEW(struct server_request);

    *r = (struct server_request){ .server = s, .connection = connection, .method = xstrdup(method),
                                  .path = xstrdup(path), .hangup_fd = -1, .stage = REQUEST_WHO,
                                  .auth = { .auth = &s->auth, .on_done = on_auth } };
    buf_init(&r->ready, 4 * MIB);
    loop_fd_init(&r->hangup, s->loop, "server.hangup", on_hangup);
    list_push_back(&s->requests, &r->node);
    return r;
}
