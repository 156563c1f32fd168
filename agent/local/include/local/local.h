/* SPDX-License-Identifier: Apache-2.0 */
/*
 * local.h - a socket for people on this machine: RUN_DIR/oarsman.sock, root alone may open it. It answers "GET /pods"
 * with a PodList, for `oarsman ps`. Access is what the file system grants; no question goes to the API server.
 */
#pragma once

#include "base/buf.h"
#include "base/cleanup.h"

struct loop;
struct err;
struct local_server;

struct local_ops {
    int (*pods)(void *user, struct buf *out); /* a PodList as JSON */
    void *user;
};

/* A socket left by a predecessor is replaced. */
int local_server_new(struct loop *loop, const char *path, const struct local_ops *ops, struct local_server **ret,
                     struct err *err);
struct local_server *local_server_free(struct local_server *s); /* NULL */
DEFINE_CLEANUP(struct local_server *, local_server_free)

/* The other end, blocking: the answer's body. -ECONNREFUSED, -ENOENT: nobody serves there. */
int local_get(const char *path, const char *resource, struct buf *ret, struct err *err);
