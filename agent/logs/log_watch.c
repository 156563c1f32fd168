/* SPDX-License-Identifier: Apache-2.0 */
#include "log_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

struct log_watcher {
    struct list node; /* of watchers */
    struct loop *loop;
    struct loop_fd source;
    struct list watches;
    int fd;
    bool telling; /* it must not go while it tells */
};

static struct list watchers = LIST_INIT(watchers);

static void release(struct log_watcher *w)
{
    if (w->telling || !list_empty(&w->watches))
        return;
    loop_fd_stop(&w->source);
    (void)close(w->fd);
    list_remove(&w->node);
    free(w);
}

/* wd -1: events were lost, everybody looks. */
static void touch(struct log_watcher *w, int wd)
{
    struct log_watch *watch;

    list_each(watch, &w->watches, struct log_watch, node)
        watch->touched = watch->touched || wd < 0 || watch->wd == wd;
}

/* Anybody may stop any watch while being told: the search begins anew each time. */
static void tell(struct log_watcher *w)
{
    struct log_watch *watch, *next;

    do {
        next = NULL;
        list_each(watch, &w->watches, struct log_watch, node)
            if (watch->touched && !next)
                next = watch;
        if (next) {
            next->touched = false;
            list_remove(&next->node); /* to the end, so that the search is short */
            list_push_back(&w->watches, &next->node);
            next->fn(next);
        }
    } while (next);
}

static void on_inotify(struct loop_fd *f, int events)
{
    struct log_watcher *w = container_of(f, struct log_watcher, source);
    _Alignas(struct inotify_event) char batch[4096];
    ssize_t len;

    (void)events;
    while ((len = read(w->fd, batch, sizeof(batch))) > 0)
        for (const char *at = batch; at < batch + len;) {
            const struct inotify_event *e = (const void *)at;
            touch(w, e->mask & IN_Q_OVERFLOW ? -1 : e->wd);
            at += sizeof(*e) + e->len;
        }
    w->telling = true;
    tell(w);
    w->telling = false;
    release(w);
}

static int watcher_new(struct loop *loop, struct log_watcher **ret, struct err *err)
{
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

    if (fd < 0)
        return err_errno(err, errno, "follow logs");
    struct log_watcher *w = NEW(struct log_watcher);
    w->loop = loop;
    w->fd = fd;
    list_init(&w->watches);
    list_push_back(&watchers, &w->node);
    loop_fd_init(&w->source, loop, "logs", on_inotify);
    int r = loop_fd_start(&w->source, fd, LOOP_READ);
    if (r < 0) {
        release(w);
        return err_errno(err, -r, "follow logs");
    }
    *ret = w;
    return 0;
}

static struct log_watcher *watcher_of(struct loop *loop)
{
    struct log_watcher *w;

    list_each(w, &watchers, struct log_watcher, node)
        if (w->loop == loop)
            return w;
    return NULL;
}

int log_watch_start(struct log_watch *w, struct loop *loop, const char *folder, log_watch_fn fn, struct err *err)
{
    struct log_watcher *watcher = watcher_of(loop);
    int r = watcher ? 0 : watcher_new(loop, &watcher, err);

    if (r < 0)
        return r;
    /* the same folder gives the same wd: the first mask holds for all */
    int wd = inotify_add_watch(watcher->fd, folder, IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
    if (wd < 0) {
        int code = errno;
        release(watcher);
        return err_errno(err, code, "watch %s", folder);
    }
    *w = (struct log_watch){ .fn = fn, .watcher = watcher, .wd = wd };
    list_push_back(&watcher->watches, &w->node);
    return 0;
}

void log_watch_stop(struct log_watch *w)
{
    struct log_watcher *watcher = w->watcher;
    struct log_watch *other;
    bool shared = false;

    if (!watcher)
        return;
    list_remove(&w->node);
    w->watcher = NULL;
    list_each(other, &watcher->watches, struct log_watch, node)
        shared = shared || other->wd == w->wd;
    if (!shared)
        (void)inotify_rm_watch(watcher->fd, w->wd); /* a folder that is gone has taken its watch along */
    release(watcher);
}
