/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server.c - the HTTP daemon: connections come from tls.h, requests are handed on, waiting ones suspended.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "server_private.h"

void server_run_soon(struct server *s)
{
    mhd_loop_run_soon(&s->mhd);
}

void server_look(struct server *s)
{
    if (s->deps.look)
        s->deps.look(s->deps.user);
}

void server_suspend(struct server_request *r)
{
    r->suspended = true;
    MHD_suspend_connection(r->connection);
}

void server_resume(struct server_request *r)
{
    if (!r->suspended)
        return;
    r->suspended = false;
    MHD_resume_connection(r->connection);
    server_run_soon(r->server);
}

/* The connection that the daemon is being given right now: its first call tells that it has taken it. */
static void on_connection(void *user, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct server *s = user;

    (void)connection;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        *context = TAKE_PTR(s->arriving);
    else if (*context)
        tls_connection_release(*context);
}

static void on_arrive(void *user)
{
    server_look(user);
}

static void on_accept(void *user, struct tls_connection *c, int fd)
{
    const struct sockaddr_un nowhere = { .sun_family = AF_UNIX };
    struct server *s = user;

    s->arriving = c;
    (void)MHD_add_connection(s->mhd.daemon, fd, (const struct sockaddr *)&nowhere, sizeof(nowhere)); /* closes fd itself */
    if (s->arriving)
        tls_connection_release(TAKE_PTR(s->arriving));
    server_run_soon(s);
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_size, void **con_cls)
{
    struct server_request *r = *con_cls;

    (void)version;
    (void)upload;
    if (!r) {
        *con_cls = request_new(user, connection, method, url);
        return MHD_YES;
    }
    if (*upload_size) { /* no endpoint takes a body */
        *upload_size = 0;
        return MHD_YES;
    }
    return request_advance(r);
}

static void on_completed(void *user, struct MHD_Connection *connection, void **con_cls,
                         enum MHD_RequestTerminationCode code)
{
    (void)user;
    (void)connection;
    (void)code;
    if (*con_cls)
        request_free(*con_cls);
    *con_cls = NULL;
}

static int start(struct server *s, const struct server_opts *o, struct err *err)
{
    const unsigned flags = MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE | MHD_USE_ITC;
    const struct tls_opts tls = { .address = o->address, .port = o->port, .cert_pem = o->cert_pem, .key_pem = o->key_pem,
                                  .arrive = on_arrive, .accept = on_accept, .user = s };

    s->mhd.daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, s, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_CONNECTION_LIMIT, (unsigned)LIMIT_SERVER_CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)LIMIT_SERVER_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)LIMIT_SERVER_REQUEST_BYTES, MHD_OPTION_END);
    if (!s->mhd.daemon)
        return err_set(err, -EIO, "the HTTP server cannot be started");
    int r = mhd_loop_start(&s->mhd, err);
    return r < 0 ? r : tls_listener_new(s->loop, &tls, &s->tls, err);
}

int server_new(struct loop *loop, const struct server_opts *o, struct server **ret, struct err *err)
{
    AUTO(server_free) struct server *s = NEW(struct server);

    *s = (struct server){
        .loop = loop, .deps = *o->deps, .routes = o->routes, .routes_len = o->routes_len,
        .auth = { .ops = o->auth, .user = o->auth_user, .always_allow = o->always_allow,
                  .token_ttl_ms = o->token_ttl_ms, .allow_ttl_ms = o->allow_ttl_ms, .deny_ttl_ms = o->deny_ttl_ms },
    };
    list_init(&s->requests);
    auth_init(&s->auth);
    mhd_loop_init(&s->mhd, loop);
    if (o->client_ca_pem && auth_set_clients(&s->auth, o->client_ca_pem, err) < 0)
        return err_wrap(err, "client certificate authority");
    int r = start(s, o, err);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(s);
    return 0;
}

struct server *server_free(struct server *s)
{
    struct server_request *r;

    if (!s)
        return NULL;
    mhd_loop_stop(&s->mhd);
    s->tls = tls_listener_free(s->tls);
    list_each(r, &s->requests, struct server_request, node) {
        if (r->body) { /* so that nobody calls back into the daemon while it goes */
            r->body->free(r->body);
            r->body = NULL;
        }
        if (r->suspended)
            MHD_resume_connection(r->connection);
        r->suspended = false;
    }
    mhd_loop_done(&s->mhd);
    auth_done(&s->auth);
    free(s);
    return NULL;
}

uint16_t server_port(const struct server *s)
{
    return tls_listener_port(s->tls);
}

int server_set_client_ca(struct server *s, const char *pem, struct err *err)
{
    return auth_set_clients(&s->auth, pem, err);
}

int server_set_certificate(struct server *s, const char *cert_pem, const char *key_pem, struct err *err)
{
    return tls_listener_set_certificate(s->tls, cert_pem, key_pem, err);
}
