/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls.h - TLS at the edge: connections come in, their handshakes are made, and behind each is a plain stream socket
 * that the HTTP daemon serves as if it were the client's. Private to server/.
 *
 * The HTTP library can do TLS itself, but not on a loop of ours: it asks without end whether a handshake goes on, and it
 * forwards a stream that was switched to another protocol four bytes at a time. So all it sees is a socket pair, and
 * what remains here is a relay with one buffer for each direction: a side that does not take is not read from the other.
 */
#pragma once

#include <gnutls/gnutls.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct loop;
struct tls_listener;
struct tls_connection;

struct tls_opts {
    const char *address;
    uint16_t port; /* 0: any free one */
    const char *cert_pem, *key_pem;
    void (*arrive)(void *user); /* a handshake is about to begin. NULL: nobody wants to know */
    /* A handshake is done. fd (taken): the plain socket. The connection is shared from now on: it lives until
     * tls_connection_release(), whether its network is still there or not. */
    void (*accept)(void *user, struct tls_connection *c, int fd);
    void *user;
};

int tls_listener_new(struct loop *loop, const struct tls_opts *opts, struct tls_listener **ret, struct err *err);
struct tls_listener *tls_listener_free(struct tls_listener *l); /* cuts all its connections. NULL */
DEFINE_CLEANUP(struct tls_listener *, tls_listener_free)
uint16_t tls_listener_port(const struct tls_listener *l);
/* For handshakes that begin from now on. On failure the one before stays. */
int tls_listener_set_certificate(struct tls_listener *l, const char *cert_pem, const char *key_pem, struct err *err);

gnutls_session_t tls_connection_session(const struct tls_connection *c); /* borrowed */
void tls_connection_release(struct tls_connection *c);
/* A client that takes nothing is cut off after this time. */
void tls_connection_set_stall(struct tls_connection *c, int64_t stall_s);
