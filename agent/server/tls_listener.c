/* SPDX-License-Identifier: Apache-2.0 */
/* tls_listener.c - connections come in, up to a limit: the rest waits in the kernel's queue. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "mhd_loop.h"
#include "tls_private.h"

enum { ACCEPT_AT_ONCE = 16, ACCEPT_PAUSE_MS = 200, BACKLOG = 128 };

/* A peer that vanishes without a word is noticed by the kernel. */
static void set_options(int fd)
{
    const int on = 1, idle_s = LIMIT_SERVER_IDLE_S, interval_s = 15;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof(interval_s));
}

static void on_connect(struct loop_fd *f, int events)
{
    struct tls_listener *l = container_of(f, struct tls_listener, source);

    (void)events;
    for (int i = 0; i < ACCEPT_AT_ONCE && l->connections_len < LIMIT_SERVER_CONNECTIONS; i++) {
        int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
                loop_fd_stop(&l->source); /* it would be reported again at once */
                loop_timer_start(&l->pause, ACCEPT_PAUSE_MS);
                return;
            }
            break;
        }
        set_options(fd);
        if (l->arrive)
            l->arrive(l->user);
        tls_connection_start(l, fd);
    }
    tls_listener_watch(l);
}

static void on_pause(struct loop_timer *t)
{
    tls_listener_watch(container_of(t, struct tls_listener, pause));
}

void tls_listener_watch(struct tls_listener *l)
{
    if (l->connections_len >= LIMIT_SERVER_CONNECTIONS)
        loop_fd_stop(&l->source);
    else if (!loop_timer_running(&l->pause))
        (void)loop_fd_start(&l->source, l->fd, LOOP_READ);
}

static int open_socket(struct tls_listener *l, const struct tls_opts *o, struct err *err)
{
    struct sockaddr_storage at;
    socklen_t len = sizeof(at);
    const int on = 1, off = 0;

    if (mhd_address(o->address, o->port, &at, err) < 0)
        return -EINVAL;
    l->fd = socket(at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (l->fd < 0)
        return err_errno(err, errno, "cannot serve on %s port %u", o->address, o->port);
    (void)setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (at.ss_family == AF_INET6)
        (void)setsockopt(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (bind(l->fd, (struct sockaddr *)&at, at.ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in)) < 0 ||
        listen(l->fd, BACKLOG) < 0 || getsockname(l->fd, (struct sockaddr *)&at, &len) < 0)
        return err_errno(err, errno, "cannot serve on %s port %u", o->address, o->port);
    l->port = ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port : ((struct sockaddr_in *)&at)->sin_port);
    return 0;
}

struct tls_credentials *tls_credentials_ref(struct tls_credentials *c)
{
    c->refs++;
    return c;
}

struct tls_credentials *tls_credentials_unref(struct tls_credentials *c)
{
    if (!c || --c->refs > 0)
        return NULL;
    if (c->pair)
        gnutls_certificate_free_credentials(c->pair);
    free(c);
    return NULL;
}

int tls_listener_set_certificate(struct tls_listener *l, const char *cert_pem, const char *key_pem, struct err *err)
{
    const gnutls_datum_t cert = { .data = (unsigned char *)cert_pem, .size = (unsigned)strlen(cert_pem) };
    const gnutls_datum_t key = { .data = (unsigned char *)key_pem, .size = (unsigned)strlen(key_pem) };
    AUTO(tls_credentials_unref) struct tls_credentials *c = NEW(struct tls_credentials);

    c->refs = 1;
    if (gnutls_certificate_allocate_credentials(&c->pair) < 0)
        return err_set(err, -ENOMEM, "serving certificate: out of memory");
    int r = gnutls_certificate_set_x509_key_mem(c->pair, &cert, &key, GNUTLS_X509_FMT_PEM);
    if (r < 0)
        return err_set(err, -EINVAL, "serving certificate: %s", gnutls_strerror(r));
    tls_credentials_unref(l->credentials);
    l->credentials = TAKE_PTR(c);
    return 0;
}

int tls_listener_new(struct loop *loop, const struct tls_opts *o, struct tls_listener **ret, struct err *err)
{
    AUTO(tls_listener_free) struct tls_listener *l = NEW(struct tls_listener);

    *l = (struct tls_listener){ .loop = loop, .fd = -1, .arrive = o->arrive, .accept = o->accept, .user = o->user };
    list_init(&l->connections);
    loop_fd_init(&l->source, loop, "server.accept", on_connect);
    loop_timer_init(&l->pause, loop, "server.accept", on_pause);
    int r = tls_listener_set_certificate(l, o->cert_pem, o->key_pem, err);
    if (r == 0)
        r = open_socket(l, o, err);
    if (r < 0)
        return r;
    tls_listener_watch(l);
    *ret = TAKE_PTR(l);
    return 0;
}

struct tls_listener *tls_listener_free(struct tls_listener *l)
{
    if (!l)
        return NULL;
    while (!list_empty(&l->connections))
        tls_connection_cut(tls_connection_of(l->connections.next));
    loop_fd_stop(&l->source);
    loop_timer_stop(&l->pause);
    if (l->fd >= 0)
        (void)close(l->fd);
    tls_credentials_unref(l->credentials);
    free(l);
    return NULL;
}

uint16_t tls_listener_port(const struct tls_listener *l)
{
    return l->port;
}
