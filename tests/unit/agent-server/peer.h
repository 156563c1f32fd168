/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peer.h - a client in a thread of its own, blocking, so that the server's loop runs undisturbed in the test's.
 */
#pragma once

#include <gnutls/gnutls.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/loop.h"
#include "pki.h"

struct peer {
    uint16_t port;
    bool plain;                 /* no TLS */
    const struct pki_pair *who; /* NULL: no certificate */
    char *request;
    /* after the request: NULL: reads until the end */
    void (*script)(struct peer *p);
    pthread_t thread;
    int fd;
    gnutls_session_t session;
    pthread_mutex_t lock;
    struct buf in; /* under the lock while the thread runs */
    atomic_bool done, connected;
};

/* request: without the closing empty line, which is added; "Host" and so on are the caller's business. */
void peer_start(struct peer *p, uint16_t port, const struct pki_pair *who, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void peer_start_thread(struct peer *p); /* with everything set by the caller */
bool peer_has(struct peer *p, const char *text);
size_t peer_len(struct peer *p);
void peer_leave(struct peer *p); /* cuts the connection */
void peer_done(struct peer *p);  /* waits for the thread */

ssize_t peer_send(struct peer *p, const void *data, size_t len);
ssize_t peer_recv(struct peer *p, void *data, size_t len);
void peer_read_all(struct peer *p);

/* Of a whole answer: status, and body with chunks undone. */
int peer_status(struct peer *p);
char *peer_body(struct peer *p); /* caller owns */

/* Turns the loop until cond holds; fails the test after ten seconds. */
#define DRIVE(loop, cond)                                                                         \
    do {                                                                                          \
        for (int64_t end_ = clock_boot_ms() + 10000; !(cond) && clock_boot_ms() < end_;)          \
            (void)loop_once((loop), 5);                                                           \
        assert_true(cond);                                                                        \
    } while (0)
