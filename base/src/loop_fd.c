/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop_fd.c - readiness of descriptors: an epoll set of our own, which libuv watches as one
 * descriptor.
 *
 * libuv's poll handles would make every watched descriptor non-blocking, give up on one that
 * reports an error, and cannot move to another descriptor without being closed. Here an error or a
 * hang-up is readiness (the next read or write tells), a paused source costs nothing, and impls are
 * pooled. An impl that is stopped while a batch of events is delivered is pooled only after the
 * batch, because the batch may still name it.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/mem.h"
#include "loop_impl.h"

#define BATCH_EVENTS 64

struct fd_impl {
    struct loop_fd *owner; /* NULL: stopped */
    int events;            /* wanted; 0: paused, not in the epoll set */
    struct list node;
};

static const struct {
    int events;
    uint32_t epoll;
} translation[] = {
    { LOOP_READ, EPOLLIN },
    { LOOP_WRITE, EPOLLOUT },
    { LOOP_HANGUP, EPOLLRDHUP },
};

static uint32_t to_epoll(int events)
{
    uint32_t bits = 0;

    for (size_t i = 0; i < ARRAY_LEN(translation); i++)
        bits |= events & translation[i].events ? translation[i].epoll : 0;
    return bits;
}

static int from_epoll(uint32_t bits, int wanted)
{
    int events = 0;

    for (size_t i = 0; i < ARRAY_LEN(translation); i++)
        events |= bits & translation[i].epoll ? translation[i].events : 0;
    events &= wanted;
    if (bits & (EPOLLHUP | EPOLLERR))
        events |= LOOP_HANGUP | (wanted & (LOOP_READ | LOOP_WRITE));
    return events;
}

static void deliver(struct loop *loop, const struct epoll_event *event)
{
    struct fd_impl *impl = (struct fd_impl *)event->data.ptr;
    struct loop_fd *f = impl->owner;
    int events = f ? from_epoll(event->events, impl->events) : 0;
    const char *name;
    uint64_t entered_ns;

    if (!events || !impl->events)
        return;
    name = f->name;
    entered_ns = loop_enter();
    f->fn(f, events);
    loop_leave(loop, name, entered_ns);
}

static void on_ready(uv_poll_t *poll, int status, int uv_events)
{
    struct loop *loop = container_of(poll, struct loop, epoll);
    struct epoll_event batch[BATCH_EVENTS];
    int n = epoll_wait(loop->epoll_fd, batch, BATCH_EVENTS, 0);

    (void)status;
    (void)uv_events;
    loop->in_fds = true;
    for (int i = 0; i < n; i++)
        deliver(loop, &batch[i]);
    loop->in_fds = false;
    while (!list_empty(&loop->fds_stopped)) {
        struct list *node = loop->fds_stopped.next;

        list_remove(node);
        list_push_front(&loop->fds_free, node);
    }
}

int loop_fds_init(struct loop *loop)
{
    int r;

    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd < 0)
        return -errno;
    r = uv_poll_init(&loop->uv, &loop->epoll, loop->epoll_fd);
    if (r < 0)
        return r;
    r = uv_poll_start(&loop->epoll, UV_READABLE, on_ready);
    uv_unref((uv_handle_t *)&loop->epoll);
    return r;
}

void loop_fds_free(struct loop *loop)
{
    struct list *lists[] = { &loop->fds, &loop->fds_free, &loop->fds_stopped };
    struct fd_impl *impl;

    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        list_each (impl, lists[i], struct fd_impl, node)
            free(impl);
    }
    if (loop->epoll_fd >= 0)
        (void)close(loop->epoll_fd);
}

/* The epoll set follows impl->events; armed sources keep the loop alive. */
static int set_events(struct loop *loop, struct fd_impl *impl, int fd, int events)
{
    struct epoll_event event = { .events = to_epoll(events), .data = { .ptr = impl } };
    int op = !impl->events ? EPOLL_CTL_ADD : events ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;

    if (!impl->events && !events)
        return 0;
    if (epoll_ctl(loop->epoll_fd, op, fd, &event) < 0 && op != EPOLL_CTL_DEL)
        return -errno;
    if (op == EPOLL_CTL_ADD && loop->fds_armed++ == 0)
        uv_ref((uv_handle_t *)&loop->epoll);
    if (op == EPOLL_CTL_DEL && --loop->fds_armed == 0)
        uv_unref((uv_handle_t *)&loop->epoll);
    impl->events = events;
    return 0;
}

static struct fd_impl *acquire(struct loop *loop)
{
    struct fd_impl *impl = list_first(&loop->fds_free, struct fd_impl, node);

    if (impl)
        list_remove(&impl->node);
    else
        impl = NEW(struct fd_impl);
    list_push_back(&loop->fds, &impl->node);
    return impl;
}

void loop_fd_init(struct loop_fd *f, struct loop *loop, const char *name, loop_fd_fn fn)
{
    *f = (struct loop_fd){ .loop = loop, .name = name, .fn = fn, .fd = -1 };
}

int loop_fd_start(struct loop_fd *f, int fd, int events)
{
    struct fd_impl *impl;
    int r;

    if (f->impl && f->fd != fd)
        loop_fd_stop(f);
    impl = (struct fd_impl *)f->impl;
    if (!impl) {
        impl = acquire(f->loop);
        impl->owner = f;
        f->impl = impl;
        f->fd = fd;
    }
    r = set_events(f->loop, impl, fd, events);
    if (r < 0)
        loop_fd_stop(f);
    return r;
}

void loop_fd_stop(struct loop_fd *f)
{
    struct fd_impl *impl = (struct fd_impl *)f->impl;

    if (!impl)
        return;
    (void)set_events(f->loop, impl, f->fd, 0);
    f->impl = NULL;
    f->fd = -1;
    impl->owner = NULL;
    list_remove(&impl->node);
    list_push_front(f->loop->in_fds ? &f->loop->fds_stopped : &f->loop->fds_free, &impl->node);
}
