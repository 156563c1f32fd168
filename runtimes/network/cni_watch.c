/* SPDX-License-Identifier: Apache-2.0 */
#include "cni_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

enum { SETTLE_MS = 50, FILES_MAX = 1000 };

/* ---- finding ---- */

static int collect(int dirfd, const char *name, void *user)
{
    char ***names = user;
    (void)dirfd;
    bool wanted = str_has_suffix(name, ".conflist") || str_has_suffix(name, ".conf") ||
                  str_has_suffix(name, ".json");
    if (wanted && strv_len(*names) < FILES_MAX)
        strv_push(names, name);
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_config(const char *path, struct cni_found *ret, struct err *err)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_CNI_CONFIG_BYTES);
    struct arena *arena = arena_new(16 * LIMIT_CNI_CONFIG_BYTES);
    struct cni_config *config = ARENA_NEW(arena, struct cni_config);
    int r = file_read(AT_FDCWD, path, &text, err);
    if (r == 0)
        r = cni_config_parse(buf_str(&text), text.len, arena, config, err);
    if (r < 0) {
        arena_unref(arena);
        return r;
    }
    ret->arena = arena;
    ret->config = config;
    return 0;
}

void cni_find(const char *dir, struct cni_found *ret)
{
    AUTO(strv_free) char **names = strv_new();
    struct cni_found found = { .config = NULL };
    (void)path_each(dir, collect, &names, NULL); /* unreadable is as good as empty */
    (void)snprintf(found.message, sizeof(found.message), "no configuration in %s", dir);
    if (strv_len(names) > 0)
        qsort(names, strv_len(names), sizeof(*names), by_name);
    for (size_t i = 0; i < strv_len(names) && !found.arena; i++) {
        AUTO(free) char *path = xasprintf("%s/%s", dir, names[i]);
        struct err err = ERR_INIT;
        if (read_config(path, &found, &err) < 0 && i == 0)
            (void)snprintf(found.message, sizeof(found.message), "%.300s: %.600s", path, err.msg);
    }
    if (found.arena)
        found.message[0] = '\0';
    *ret = found;
}

/* ---- watching ---- */

static void on_worker(struct worker_job *job)
{
    struct cni_watch *w = container_of(job, struct cni_watch, job);
    cni_find(w->dir, &w->next);
}

static bool differs(const struct cni_found *a, const struct cni_found *b)
{
    if (!a->arena || !b->arena)
        return a->arena || b->arena || !str_eq(a->message, b->message);
    return !str_eq(a->config->text.text, b->config->text.text);
}

static void read_again(struct cni_watch *w);

static void on_read(struct worker_job *job)
{
    struct cni_watch *w = container_of(job, struct cni_watch, job);
    struct cni_found old = w->found;
    w->reading = false;
    if (job->cancelled)
        return;
    bool changed = differs(&old, &w->next);
    w->found = w->next;
    arena_unref(old.arena);
    if (w->again && !w->stopped)
        read_again(w);
    if (changed && !w->stopped)
        w->fn(w);
}

static void read_again(struct cni_watch *w)
{
    w->again = w->reading;
    if (w->reading)
        return;
    w->reading = true;
    worker_submit(w->loop, WORKER_DISK, &w->job, on_worker, on_read);
}

/* The folder, or what of its path exists. */
static int add_watch(struct cni_watch *w, struct err *err)
{
    const uint32_t mask = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE |
                          IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
    AUTO(free) char *dir = xstrdup(w->dir);
    for (;;) {
        if (inotify_add_watch(w->inotify_fd, dir, mask) >= 0)
            return 0;
        char *slash = strrchr(dir, '/');
        if ((errno != ENOENT && errno != ENOTDIR) || !slash || str_eq(dir, "/"))
            return err_errno(err, errno, "watch %s", w->dir);
        slash[slash == dir] = '\0';
    }
}

static void on_settled(struct loop_timer *t)
{
    struct cni_watch *w = container_of(t, struct cni_watch, settle);
    (void)add_watch(w, NULL); /* a deeper folder may be there by now */
    read_again(w);
}

static void on_event(struct loop_fd *f, int events)
{
    struct cni_watch *w = container_of(f, struct cni_watch, fd);
    char text[4096] __attribute__((aligned(8)));
    (void)events;
    while (read(w->inotify_fd, text, sizeof(text)) > 0)
        ; /* what happened does not matter: the folder tells the truth */
    (void)add_watch(w, NULL);
    loop_timer_start(&w->settle, SETTLE_MS);
}

int cni_watch_start(struct cni_watch *w, struct loop *loop, const char *dir, cni_watch_fn fn,
                    struct err *err)
{
    *w = (struct cni_watch){ .loop = loop, .fn = fn, .inotify_fd = -1 };
    w->dir = xstrdup(dir);
    loop_fd_init(&w->fd, loop, "cni configuration", on_event);
    loop_timer_init(&w->settle, loop, "cni configuration", on_settled);
    w->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (w->inotify_fd < 0)
        return err_errno(err, errno, "inotify");
    int r = add_watch(w, err);
    if (r == 0)
        r = loop_fd_start(&w->fd, w->inotify_fd, LOOP_READ);
    if (r < 0)
        return r;
    cni_find(dir, &w->found); /* after watching: no gap */
    return 0;
}

void cni_watch_stop(struct cni_watch *w)
{
    if (!w->loop)
        return;
    w->stopped = true;
    loop_fd_stop(&w->fd);
    loop_timer_stop(&w->settle);
    if (w->reading)
        worker_drain(w->loop);
    if (w->inotify_fd >= 0)
        (void)close(w->inotify_fd);
    arena_unref(w->found.arena);
    free(w->dir);
    w->loop = NULL;
}
