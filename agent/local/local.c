/* SPDX-License-Identifier: Apache-2.0 */
/*
 * local.c - one line in ("GET /pods"), one document out, and the connection ends: HTTP/1.0, so that curl
 * --unix-socket can ask too.
 */
#include "local/local.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/str.h"

enum { CLIENTS_MAX = 16, REQUEST_BYTES = 4096, CLIENT_TIMEOUT_MS = 5000 };

struct local_server {
    struct loop *loop;
    struct local_ops ops;
    char *path;
    int fd;
    struct loop_fd listen;
    struct list clients;
    size_t clients_len;
};

struct client {
    struct list node;
    struct local_server *server;
    int fd;
    struct loop_fd source;
    struct loop_timer deadline;
    struct buf in, out;
    bool answering;
};

static struct client *client_free(struct client *c)
{
    loop_fd_stop(&c->source);
    loop_timer_stop(&c->deadline);
    (void)close(c->fd);
    buf_done(&c->in);
    buf_done(&c->out);
    list_remove(&c->node);
    c->server->clients_len--;
    free(c);
    return NULL;
}

static void answer(struct client *c)
{
    AUTO(buf_done) struct buf body = BUF_INIT(LIMIT_SERVER_PODS_BYTES);
    const char *status = "404 Not Found", *type = "text/plain";

    if (str_has_prefix(buf_str(&c->in), "GET /pods ")) {
        bool done = c->server->ops.pods(c->server->ops.user, &body) == 0;
        status = done ? "200 OK" : "500 Internal Server Error";
        type = "application/json";
    }
    (void)buf_printf(&c->out, "HTTP/1.0 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n", status, type, body.len);
    (void)buf_add(&c->out, buf_str(&body), body.len);
    c->answering = true;
    (void)loop_fd_start(&c->source, c->fd, LOOP_WRITE);
}

static bool client_read(struct client *c)
{
    char *room = buf_reserve(&c->in, 1024);
    ssize_t n = room ? read(c->fd, room, 1024) : 0;

    if (n < 0 && errno == EAGAIN)
        return true;
    if (n <= 0)
        return false;
    buf_commit(&c->in, (size_t)n);
    if (strstr(buf_str(&c->in), "\r\n\r\n"))
        answer(c);
    return true;
}

static bool client_write(struct client *c)
{
    ssize_t n = send(c->fd, buf_str(&c->out), c->out.len, MSG_NOSIGNAL);

    if (n < 0)
        return errno == EAGAIN;
    buf_consume(&c->out, (size_t)n);
    return c->out.len > 0;
}

static void on_client(struct loop_fd *f, int events)
{
    struct client *c = container_of(f, struct client, source);

    (void)events;
    if (!(c->answering ? client_write(c) : client_read(c)))
        client_free(c);
}

static void on_deadline(struct loop_timer *t)
{
    client_free(container_of(t, struct client, deadline));
}

static void on_listen(struct loop_fd *f, int events)
{
    struct local_server *s = container_of(f, struct local_server, listen);
    int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)events;
    if (fd < 0)
        return;
    if (s->clients_len >= CLIENTS_MAX) {
        (void)close(fd);
        return;
    }
    struct client *c = NEW(struct client);
    *c = (struct client){ .server = s, .fd = fd };
    buf_init(&c->in, REQUEST_BYTES);
    buf_init(&c->out, LIMIT_SERVER_PODS_BYTES + KIB);
    list_push_back(&s->clients, &c->node);
    s->clients_len++;
    loop_fd_init(&c->source, s->loop, "local", on_client);
    loop_timer_init(&c->deadline, s->loop, "local", on_deadline);
    loop_timer_start(&c->deadline, CLIENT_TIMEOUT_MS);
    (void)loop_fd_start(&c->source, fd, LOOP_READ);
}

static int make_address(const char *path, struct sockaddr_un *ret, struct err *err)
{
    *ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof(ret->sun_path))
        return err_set(err, -ENAMETOOLONG, "%s: too long for a socket", path);
    memcpy(ret->sun_path, path, strlen(path) + 1);
    return 0;
}

static int start(struct local_server *s, struct err *err)
{
    struct sockaddr_un address;

    if (make_address(s->path, &address, err) < 0)
        return err->code;
    s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)unlink(s->path); /* of a predecessor that was killed */
    if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&address, sizeof(address)) < 0 || chmod(s->path, 0600) < 0 ||
        listen(s->fd, CLIENTS_MAX) < 0)
        return err_errno(err, errno, "serve on %s", s->path);
    return loop_fd_start(&s->listen, s->fd, LOOP_READ) < 0 ? err_set(err, -EIO, "watch %s", s->path) : 0;
}

int local_server_new(struct loop *loop, const char *path, const struct local_ops *ops, struct local_server **ret,
                     struct err *err)
{
    AUTO(local_server_free) struct local_server *s = NEW(struct local_server);

    *s = (struct local_server){ .loop = loop, .ops = *ops, .path = xstrdup(path), .fd = -1 };
    list_init(&s->clients);
    loop_fd_init(&s->listen, loop, "local", on_listen);
    if (start(s, err) < 0)
        return err->code;
    *ret = TAKE_PTR(s);
    return 0;
}

struct local_server *local_server_free(struct local_server *s)
{
    struct client *c;

    if (!s)
        return NULL;
    list_each(c, &s->clients, struct client, node)
        client_free(c);
    loop_fd_stop(&s->listen);
    if (s->fd >= 0) {
        (void)close(s->fd);
        (void)unlink(s->path);
    }
    free(s->path);
    free(s);
    return NULL;
}

/* ---- the other end ---- */

static int read_answer(int fd, struct buf *text, struct err *err)
{
    for (;;) {
        char *room = buf_reserve(text, 64 * KIB);
        ssize_t n = room ? read(fd, room, 64 * KIB) : -1;
        if (!room)
            return err_set(err, -E2BIG, "the answer is too long");
        if (n < 0)
            return err_errno(err, errno, "read");
        if (n == 0)
            return 0;
        buf_commit(text, (size_t)n);
    }
}

int local_get(const char *path, const char *resource, struct buf *ret, struct err *err)
{
    AUTO(close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    AUTO(free) char *request = xasprintf("GET %s HTTP/1.0\r\n\r\n", resource);
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_SERVER_PODS_BYTES + KIB);
    struct sockaddr_un address;

    if (make_address(path, &address, err) < 0)
        return err->code;
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        return err_errno(err, errno, "%s", path);
    if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
        return err_errno(err, errno, "%s", path);
    if (read_answer(fd, &text, err) < 0)
        return err_wrap(err, "%s", path);
    const char *body = strstr(buf_str(&text), "\r\n\r\n");
    if (!body || !str_has_prefix(buf_str(&text), "HTTP/1.0 200 "))
        return err_set(err, -EIO, "%s: %.*s", path, (int)strcspn(buf_str(&text), "\r\n"), buf_str(&text));
    return buf_puts(ret, body + 4);
}
