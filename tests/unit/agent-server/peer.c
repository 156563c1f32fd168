/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

ssize_t peer_send(struct peer *p, const void *data, size_t len)
{
    if (p->plain)
        return send(p->fd, data, len, MSG_NOSIGNAL);
    ssize_t n;
    do {
        n = gnutls_record_send(p->session, data, len);
    } while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
    return n;
}

ssize_t peer_recv(struct peer *p, void *data, size_t len)
{
    if (p->plain)
        return recv(p->fd, data, len, 0);
    ssize_t n;
    do {
        n = gnutls_record_recv(p->session, data, len);
    } while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
    return n;
}

void peer_read_all(struct peer *p)
{
    char piece[16384];
    ssize_t n;

    while ((n = peer_recv(p, piece, sizeof(piece))) > 0) {
        pthread_mutex_lock(&p->lock);
        (void)buf_add(&p->in, piece, (size_t)n);
        pthread_mutex_unlock(&p->lock);
    }
}

static bool connect_to(struct peer *p)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(p->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

    p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    return p->fd >= 0 && connect(p->fd, (struct sockaddr *)&at, sizeof(at)) == 0 &&
           setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0;
}

static bool shake_hands(struct peer *p, gnutls_certificate_credentials_t credentials)
{
    int r;

    if (p->who) {
        gnutls_datum_t cert = { (unsigned char *)p->who->cert, (unsigned)strlen(p->who->cert) };
        gnutls_datum_t key = { (unsigned char *)p->who->key, (unsigned)strlen(p->who->key) };
        if (gnutls_certificate_set_x509_key_mem(credentials, &cert, &key, GNUTLS_X509_FMT_PEM) < 0)
            return false;
    }
    gnutls_credentials_set(p->session, GNUTLS_CRD_CERTIFICATE, credentials);
    gnutls_set_default_priority(p->session);
    gnutls_transport_set_int(p->session, p->fd);
    do {
        r = gnutls_handshake(p->session);
    } while (r < 0 && !gnutls_error_is_fatal(r));
    return r >= 0;
}

static void talk(struct peer *p)
{
    size_t len = strlen(p->request);

    p->connected = true;
    for (size_t sent = 0; sent < len;) {
        ssize_t n = peer_send(p, p->request + sent, len - sent);
        if (n <= 0)
            break;
        sent += (size_t)n;
    }
    if (p->script)
        p->script(p);
    else
        peer_read_all(p);
}

static void *run(void *arg)
{
    struct peer *p = arg;
    gnutls_certificate_credentials_t credentials = NULL;

    if (connect_to(p)) {
        if (p->plain) {
            talk(p);
        } else {
            gnutls_certificate_allocate_credentials(&credentials);
            gnutls_init(&p->session, GNUTLS_CLIENT);
            if (shake_hands(p, credentials))
                talk(p);
            gnutls_deinit(p->session);
            gnutls_certificate_free_credentials(credentials);
        }
    }
    (void)shutdown(p->fd, SHUT_RDWR);
    p->done = true;
    return NULL;
}

void peer_start_thread(struct peer *p)
{
    buf_init(&p->in, 64u << 20);
    pthread_mutex_init(&p->lock, NULL);
    if (pthread_create(&p->thread, NULL, run, p) != 0)
        abort();
}

void peer_start(struct peer *p, uint16_t port, const struct pki_pair *who, const char *fmt, ...)
{
    va_list ap;
    AUTO(free) char *head = NULL;

    va_start(ap, fmt);
    if (vasprintf(&head, fmt, ap) < 0)
        abort();
    va_end(ap);
    *p = (struct peer){ .port = port, .who = who, .fd = -1 };
    p->request = xasprintf("%s\r\nHost: node\r\nConnection: close\r\n\r\n", head);
    peer_start_thread(p);
}

bool peer_has(struct peer *p, const char *text)
{
    pthread_mutex_lock(&p->lock);
    bool has = strstr(buf_str(&p->in), text) != NULL;
    pthread_mutex_unlock(&p->lock);
    return has;
}

size_t peer_len(struct peer *p)
{
    pthread_mutex_lock(&p->lock);
    size_t len = p->in.len;
    pthread_mutex_unlock(&p->lock);
    return len;
}

void peer_leave(struct peer *p)
{
    (void)shutdown(p->fd, SHUT_RDWR);
}

void peer_done(struct peer *p)
{
    pthread_join(p->thread, NULL);
    if (p->fd >= 0)
        (void)close(p->fd);
    pthread_mutex_destroy(&p->lock);
    buf_done(&p->in);
    free(p->request);
}

int peer_status(struct peer *p)
{
    int status = 0;
    return sscanf(buf_str(&p->in), "HTTP/1.%*d %d", &status) == 1 ? status : 0;
}

char *peer_body(struct peer *p)
{
    const char *all = buf_str(&p->in), *body = strstr(all, "\r\n\r\n");
    AUTO(buf_done) struct buf out = BUF_INIT(64u << 20);

    if (!body)
        return xstrdup("");
    const char *chunked = strcasestr(all, "transfer-encoding: chunked");
    body += 4;
    if (!chunked || chunked > body)
        return xstrdup(body);
    for (;;) {
        char *end;
        unsigned long len = strtoul(body, &end, 16);
        if (end == body || !len || !str_has_prefix(end, "\r\n"))
            break;
        (void)buf_add(&out, end + 2, len);
        body = end + 2 + len + 2;
    }
    return xstrndup(buf_str(&out), out.len);
}
