/* SPDX-License-Identifier: Apache-2.0 */
/* tls_private.h - what tls_listener.c and tls_connection.c share. */
#pragma once

#include <stdbool.h>

#include "base/list.h"
#include "base/loop.h"
#include "tls.h"

/* A serving certificate and its key, for as long as a session may look at them. */
struct tls_credentials {
    unsigned refs;
    gnutls_certificate_credentials_t pair;
};
struct tls_credentials *tls_credentials_ref(struct tls_credentials *c);
struct tls_credentials *tls_credentials_unref(struct tls_credentials *c); /* NULL */
DEFINE_CLEANUP(struct tls_credentials *, tls_credentials_unref)

struct tls_listener {
    struct loop *loop;
    struct loop_fd source;
    struct loop_timer pause; /* out of descriptors: accepting goes on a little later */
    int fd;
    uint16_t port;
    struct tls_credentials *credentials; /* of the next handshake */
    void (*arrive)(void *user);
    void (*accept)(void *user, struct tls_connection *c, int fd);
    void *user;
    struct list connections;
    size_t connections_len;
};
void tls_listener_watch(struct tls_listener *l); /* accepts as long as there is room */

/* fd: taken. */
void tls_connection_start(struct tls_listener *l, int fd);
void tls_connection_cut(struct tls_connection *c);
struct tls_connection *tls_connection_of(struct list *node);
