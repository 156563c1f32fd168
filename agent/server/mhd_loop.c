/* SPDX-License-Identifier: Apache-2.0 */
#include "mhd_loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "base/err.h"
#include "base/mem.h"

static void run(struct mhd_loop *m)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms;

    if (m->running) {
        loop_defer_start(&m->soon);
        return;
    }
    m->running = true;
    (void)MHD_run(m->daemon);
    m->running = false;
    if (MHD_get_timeout(m->daemon, &timeout_ms) == MHD_YES)
        loop_timer_start(&m->timer, (int64_t)timeout_ms);
    else
        loop_timer_stop(&m->timer);
}

static void on_epoll(struct loop_fd *f, int events)
{
    (void)events;
    run(container_of(f, struct mhd_loop, epoll));
}

static void on_timer(struct loop_timer *t)
{
    run(container_of(t, struct mhd_loop, timer));
}

static void on_soon(struct loop_defer *d)
{
    run(container_of(d, struct mhd_loop, soon));
}

void mhd_loop_init(struct mhd_loop *m, struct loop *loop)
{
    *m = (struct mhd_loop){ 0 };
    loop_fd_init(&m->epoll, loop, "http.server", on_epoll);
    loop_timer_init(&m->timer, loop, "http.server", on_timer);
    loop_defer_init(&m->soon, loop, "http.server", on_soon);
}

int mhd_loop_start(struct mhd_loop *m, struct err *err)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(m->daemon, MHD_DAEMON_INFO_EPOLL_FD);

    if (!info || loop_fd_start(&m->epoll, info->epoll_fd, LOOP_READ) < 0)
        return err_set(err, -EIO, "the HTTP server cannot be watched");
    run(m);
    return 0;
}

void mhd_loop_run_soon(struct mhd_loop *m)
{
    loop_defer_start(&m->soon);
}

void mhd_loop_stop(struct mhd_loop *m)
{
    loop_fd_stop(&m->epoll);
    loop_timer_stop(&m->timer);
    loop_defer_stop(&m->soon);
}

void mhd_loop_done(struct mhd_loop *m)
{
    mhd_loop_stop(m);
    if (m->daemon)
        MHD_stop_daemon(m->daemon);
    m->daemon = NULL;
    loop_defer_stop(&m->soon);
}

int mhd_address(const char *text, uint16_t port, struct sockaddr_storage *ret, struct err *err)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;

    *ret = (struct sockaddr_storage){ 0 };
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        return 0;
    }
    if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        return 0;
    }
    return err_set(err, -EINVAL, "address: expected an IP address, got \"%s\"", text);
}
