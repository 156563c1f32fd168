/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server.c - the HTTPS daemon: connections in, requests handed on, waiting ones suspended.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "server_private.h"

void server_run_soon(struct server *s)
{
    mhd_loop_run_soon(&s->mhd);
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

/* With a trusted authority configured the handshake asks for a certificate; what it is worth is decided by us. */
static int start(struct server *s, const struct server_opts *o, struct err *err)
{
    struct sockaddr_storage address;
    unsigned flags = MHD_USE_EPOLL | MHD_USE_TLS | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE | MHD_USE_ITC;

    if (mhd_address(o->address, o->port, &address, err) < 0)
        return -EINVAL;
    if (address.ss_family == AF_INET6)
        flags |= MHD_USE_DUAL_STACK;
    struct MHD_OptionItem more[] = {
        { o->client_ca_pem ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0, (void *)o->client_ca_pem },
        { MHD_OPTION_END, 0, NULL },
    };
    s->mhd.daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, s, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_HTTPS_MEM_CERT, s->cert_pem,
        MHD_OPTION_HTTPS_MEM_KEY, s->key_pem, MHD_OPTION_HTTPS_PRIORITIES, "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1",
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_CONNECTION_LIMIT, (unsigned)LIMIT_SERVER_CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)LIMIT_SERVER_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)LIMIT_SERVER_REQUEST_BYTES, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_ARRAY, more,
        MHD_OPTION_END);
    if (!s->mhd.daemon)
        return err_set(err, errno ? -errno : -EIO, "cannot serve on %s port %u%s%s", o->address, o->port,
                       errno ? ": " : " (is the certificate valid and the port free?)", errno ? strerror(errno) : "");
    return 0;
}

int server_new(struct loop *loop, const struct server_opts *o, struct server **ret, struct err *err)
{
    AUTO(server_free) struct server *s = NEW(struct server);

    *s = (struct server){
        .loop = loop, .deps = *o->deps, .routes = o->routes, .routes_len = o->routes_len,
        .cert_pem = xstrdup(o->cert_pem), .key_pem = xstrdup(o->key_pem),
        .auth = { .ops = o->auth, .user = o->auth_user, .always_allow = o->always_allow,
                  .token_ttl_ms = o->token_ttl_ms, .allow_ttl_ms = o->allow_ttl_ms, .deny_ttl_ms = o->deny_ttl_ms },
    };
    list_init(&s->requests);
    mhd_loop_init(&s->mhd, loop);
    if (o->client_ca_pem && auth_set_clients(&s->auth, o->client_ca_pem, err) < 0)
        return err_wrap(err, "client certificate authority");
    if (start(s, o, err) < 0 || mhd_loop_start(&s->mhd, err) < 0)
        return err->code;
    const union MHD_DaemonInfo *port = MHD_get_daemon_info(s->mhd.daemon, MHD_DAEMON_INFO_BIND_PORT);
    s->port = port ? port->port : 0;
    *ret = TAKE_PTR(s);
    return 0;
}

struct server *server_free(struct server *s)
{
    struct server_request *r;

    if (!s)
        return NULL;
    mhd_loop_stop(&s->mhd);
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
    free(s->cert_pem);
    free(s->key_pem);
    free(s);
    return NULL;
}

uint16_t server_port(const struct server *s)
{
    return s->port;
}

int server_set_client_ca(struct server *s, const char *pem, struct err *err)
{
    return auth_set_clients(&s->auth, pem, err);
}
