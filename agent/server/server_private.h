/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server_private.h - what the files of server/ share.
 */
#pragma once

#include <microhttpd.h>

#include "auth.h"
#include "base/list.h"
#include "base/loop.h"
#include "mhd_loop.h"
#include "server/server.h"
#include "tls.h"

enum request_stage { REQUEST_WHO, REQUEST_ROUTE, REQUEST_MAY, REQUEST_SERVE, REQUEST_ANSWERED };

struct server {
    struct loop *loop;
    struct mhd_loop mhd;
    struct server_deps deps;
    const struct server_route *routes;
    size_t routes_len;
    struct tls_listener *tls;
    struct tls_connection *arriving;
    struct auth auth;
    struct list requests;
};

struct server_request {
    struct server *server;
    struct list node;
    struct MHD_Connection *connection;
    const struct server_route *route;
    char *method, *path;
    enum request_stage stage;
    bool suspended;
    struct auth_call auth;
    /* of an answer that comes by and by */
    struct server_body *body;
    struct buf ready; /* read from the body, not yet taken */
    struct loop_fd hangup;
    int hangup_fd;
    /* of an upgrade */
    server_upgrade_fn upgrade;
    void *upgrade_user;
};

void server_look(struct server *s); /* for new certificates */
void server_suspend(struct server_request *r);
void server_resume(struct server_request *r);
void server_run_soon(struct server *s);

enum { SERVER_BODY_BYTES = 64 * 1024 };

struct server_request *request_new(struct server *s, struct MHD_Connection *connection, const char *method,
                                   const char *path);
enum MHD_Result request_advance(struct server_request *r); /* as far as it goes without waiting */
void request_free(struct server_request *r);
const struct server_route *route_find(const struct server *s, const char *method, const char *path,
                                      bool *ret_other_method);

extern const struct server_route server_routes[];
extern const size_t server_routes_len;
