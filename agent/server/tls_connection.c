/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_connection.c - one client: handshake, relay, farewell.
 *
 *   HANDSHAKE ──done──▶ OPEN ──plain side has ended, all is sent──▶ DRAIN ──client has ended──▶ CUT
 *       └───────────────────────── failure, or too slow ──────────────────────────────────────────▲
 *
 * OPEN: each direction has one buffer. It is filled only when it is empty, so neither side can outrun the other.
 * The client's end (close_notify) becomes an end of file for the plain side, which may still answer.
 * DRAIN: what a client still sends is read and dropped for a moment. Closing at once would reset the connection, and
 * with it the answer that the client has not read yet.
 *
 * The object outlives its network for as long as the HTTP side looks at the session (tls_connection_release).
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "tls_private.h"

enum { RELAY_BYTES = 16 * 1024, RELAY_AT_ONCE = 8, DRAIN_MS = 2000 };

enum tls_stage { TLS_HANDSHAKE, TLS_OPEN, TLS_DRAIN, TLS_CUT };

struct tls_buffer {
    char data[RELAY_BYTES];
    size_t at, len; /* what is left: data[at .. at + len) */
};

struct tls_connection {
    struct tls_listener *listener;
    struct list node;
    enum tls_stage stage;
    gnutls_session_t session;
    struct tls_credentials *credentials; /* that the session points to */
    int net_fd, plain_fd;
    struct loop_fd net, plain;
    struct loop_timer deadline;
    struct loop_defer more; /* there is work that no descriptor tells of */
    int64_t stall_s;
    struct tls_buffer in, out; /* from and to the client */
    bool in_ended, in_told;    /* the client has ended; the plain side knows */
    bool out_ended;            /* the plain side has ended */
    bool shared;               /* the HTTP side holds it too */
};

struct tls_connection *tls_connection_of(struct list *node)
{
    return container_of(node, struct tls_connection, node);
}

gnutls_session_t tls_connection_session(const struct tls_connection *c)
{
    return c->session;
}

static void free_if_unused(struct tls_connection *c)
{
    if (c->stage != TLS_CUT || c->shared)
        return;
    gnutls_deinit(c->session);
    tls_credentials_unref(c->credentials);
    explicit_bzero(&c->in, sizeof(c->in)); /* tokens pass here */
    free(c);
}

void tls_connection_release(struct tls_connection *c)
{
    c->shared = false;
    free_if_unused(c);
}

void tls_connection_cut(struct tls_connection *c)
{
    struct tls_listener *l = c->listener;

    if (c->stage == TLS_CUT)
        return;
    c->stage = TLS_CUT;
    loop_fd_stop(&c->net);
    loop_fd_stop(&c->plain);
    loop_timer_stop(&c->deadline);
    loop_defer_stop(&c->more);
    (void)close(c->net_fd);
    if (c->plain_fd >= 0)
        (void)close(c->plain_fd);
    list_remove(&c->node);
    l->connections_len--;
    tls_listener_watch(l);
    free_if_unused(c);
}

/* Errors that mean "later": the descriptor will tell. */
static bool is_later(ssize_t r)
{
    return r == GNUTLS_E_AGAIN || r == GNUTLS_E_INTERRUPTED;
}

/* ---- the relay: each returns whether something moved; -1: the connection is lost ---- */

static int fill_in(struct tls_connection *c)
{
    if (c->in.len || c->in_ended)
        return 0;
    ssize_t n = gnutls_record_recv(c->session, c->in.data, sizeof(c->in.data));
    if (n < 0)
        return is_later(n) ? 0 : -1;
    c->in_ended = n == 0;
    c->in.at = 0;
    c->in.len = (size_t)n;
    return 1;
}

static int empty_in(struct tls_connection *c)
{
    if (c->in_ended && !c->in.len && !c->in_told) {
        c->in_told = true;
        (void)shutdown(c->plain_fd, SHUT_WR);
    }
    if (!c->in.len)
        return 0;
    ssize_t n = send(c->plain_fd, c->in.data + c->in.at, c->in.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n < 0) /* it listens no more: the client speaks to nobody */
        n = (ssize_t)c->in.len;
    c->in.at += (size_t)n;
    c->in.len -= (size_t)n;
    return 1;
}

static int fill_out(struct tls_connection *c)
{
    if (c->out.len || c->out_ended)
        return 0;
    ssize_t n = recv(c->plain_fd, c->out.data, sizeof(c->out.data), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    c->out_ended = n <= 0;
    c->out.at = 0;
    c->out.len = n > 0 ? (size_t)n : 0;
    return 1;
}

static int empty_out(struct tls_connection *c)
{
    if (!c->out.len)
        return 0;
    ssize_t n = gnutls_record_send(c->session, c->out.data + c->out.at, c->out.len);
    if (n < 0)
        return is_later(n) ? 0 : -1;
    c->out.at += (size_t)n;
    c->out.len -= (size_t)n;
    return 1;
}

static int relay(struct tls_connection *c)
{
    int (*const moves[])(struct tls_connection *c) = { fill_in, empty_in, fill_out, empty_out };
    int moved = 0;

    for (size_t i = 0; i < ARRAY_LEN(moves); i++) {
        int r = moves[i](c);
        if (r < 0)
            return r;
        moved |= r;
    }
    return moved;
}

/* ---- the stages ---- */

static void watch(struct tls_connection *c)
{
    int net = (!c->in.len && !c->in_ended ? LOOP_READ : 0) | (c->out.len ? LOOP_WRITE : 0);
    int plain = (!c->out.len && !c->out_ended ? LOOP_READ : 0) | (c->in.len ? LOOP_WRITE : 0);

    (void)loop_fd_start(&c->net, c->net_fd, net);
    (void)loop_fd_start(&c->plain, c->plain_fd, plain);
}

static void begin_drain(struct tls_connection *c)
{
    c->stage = TLS_DRAIN;
    (void)gnutls_bye(c->session, GNUTLS_SHUT_WR); /* a farewell that does not fit is not waited for */
    (void)shutdown(c->net_fd, SHUT_WR);
    loop_fd_stop(&c->plain);
    loop_timer_start(&c->deadline, DRAIN_MS);
    (void)loop_fd_start(&c->net, c->net_fd, LOOP_READ);
}

static void advance_open(struct tls_connection *c)
{
    size_t unsent = c->out.len;
    int moved = 1;

    for (int i = 0; i < RELAY_AT_ONCE && moved > 0; i++)
        moved = relay(c);
    if (moved < 0) {
        tls_connection_cut(c);
        return;
    }
    if (c->out_ended && !c->out.len) {
        begin_drain(c);
        return;
    }
    watch(c);
    if (moved > 0)
        loop_defer_start(&c->more);
    if (!c->out.len)
        loop_timer_stop(&c->deadline);
    else if (c->out.len != unsent || !loop_timer_running(&c->deadline))
        loop_timer_start(&c->deadline, c->stall_s * 1000);
}

static void advance_drain(struct tls_connection *c)
{
    char dropped[4096];
    ssize_t n = 0;

    for (int i = 0; i < RELAY_AT_ONCE; i++) {
        n = recv(c->net_fd, dropped, sizeof(dropped), MSG_DONTWAIT);
        if (n <= 0)
            break;
    }
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        tls_connection_cut(c);
}

static bool open_plain(struct tls_connection *c, int *ret_fd)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) < 0)
        return false;
    c->plain_fd = pair[0];
    *ret_fd = pair[1];
    return true;
}

static void advance_handshake(struct tls_connection *c)
{
    int r = gnutls_handshake(c->session), fd = -1;

    if (r < 0 && !gnutls_error_is_fatal(r)) {
        (void)loop_fd_start(&c->net, c->net_fd,
                            gnutls_record_get_direction(c->session) ? LOOP_WRITE : LOOP_READ);
        return;
    }
    if (r < 0 || !open_plain(c, &fd)) {
        if (r < 0)
            (void)gnutls_alert_send_appropriate(c->session, r);
        tls_connection_cut(c);
        return;
    }
    loop_timer_stop(&c->deadline);
    c->stage = TLS_OPEN;
    c->shared = true;
    c->listener->accept(c->listener->user, c, fd);
    if (c->stage == TLS_OPEN)
        advance_open(c);
}

static void advance(struct tls_connection *c)
{
    static void (*const stages[])(struct tls_connection *c) = {
        [TLS_HANDSHAKE] = advance_handshake, [TLS_OPEN] = advance_open, [TLS_DRAIN] = advance_drain,
    };
    stages[c->stage](c);
}

static void on_net(struct loop_fd *f, int events)
{
    (void)events;
    advance(container_of(f, struct tls_connection, net));
}

static void on_plain(struct loop_fd *f, int events)
{
    (void)events;
    advance(container_of(f, struct tls_connection, plain));
}

static void on_more(struct loop_defer *d)
{
    advance(container_of(d, struct tls_connection, more));
}

static void on_deadline(struct loop_timer *t)
{
    tls_connection_cut(container_of(t, struct tls_connection, deadline));
}

void tls_connection_set_stall(struct tls_connection *c, int64_t stall_s)
{
    c->stall_s = stall_s;
}

/* Every client is asked for a certificate, and none is told which authorities are known: they may change while the
 * agent runs, and a client that is given a list sends nothing that does not fit it. */
static bool open_session(struct tls_connection *c)
{
    if (gnutls_init(&c->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0)
        return false;
    if (gnutls_priority_set_direct(c->session, "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1", NULL) < 0 ||
        gnutls_credentials_set(c->session, GNUTLS_CRD_CERTIFICATE, c->listener->credentials->pair) < 0) {
        gnutls_deinit(c->session);
        return false;
    }
    c->credentials = tls_credentials_ref(c->listener->credentials);
    gnutls_certificate_server_set_request(c->session, GNUTLS_CERT_REQUEST);
    gnutls_certificate_send_x509_rdn_sequence(c->session, 1);
    gnutls_handshake_set_timeout(c->session, GNUTLS_INDEFINITE_TIMEOUT); /* the loop keeps the time */
    gnutls_transport_set_int(c->session, c->net_fd);
    return true;
}

void tls_connection_start(struct tls_listener *l, int fd)
{
    struct tls_connection *c = NEW(struct tls_connection);

    c->listener = l;
    c->net_fd = fd;
    c->plain_fd = -1;
    c->stall_s = LIMIT_SERVER_IDLE_S;
    if (!open_session(c)) {
        (void)close(fd);
        free(c);
        return;
    }
    list_push_back(&l->connections, &c->node);
    l->connections_len++;
    loop_fd_init(&c->net, l->loop, "server.net", on_net);
    loop_fd_init(&c->plain, l->loop, "server.plain", on_plain);
    loop_timer_init(&c->deadline, l->loop, "server.deadline", on_deadline);
    loop_defer_init(&c->more, l->loop, "server.more", on_more);
    loop_timer_start(&c->deadline, (int64_t)LIMIT_SERVER_HANDSHAKE_S * 1000);
    (void)loop_fd_start(&c->net, fd, LOOP_READ);
}
