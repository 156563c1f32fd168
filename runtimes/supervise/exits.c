/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How an end becomes known. conmon renames exits/ID into place (inotify), then ends (pidfd). A pidfd that fires
 * with no exit file means that conmon was killed: the exit code will never be known. If the container's first
 * process is alive it is watched from then on, so that at least its end is noticed.
 *
 *   exits/ID appears ──────────────▶ exited, with a code
 *   conmon gone ─┬─ exits/ID there ─▶ exited, with a code
 *                ├─ process alive ──▶ SUPERVISOR_LOST, watch the process ─▶ exited, unseen
 *                └─ process gone ───▶ exited, unseen
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "background.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "operation.h"

#define EXIT_KILLED 137

static void ended(struct container *c, bool quiet)
{
    c->exited = true;
    c->kill_at_ms = 0;
    loop_timer_stop(&c->kill_timer);
    exits_unwatch_container(c);
    /* In a pid namespace of its own nothing survives the first process. In a shared one it may. */
    if (c->record.shares_pids)
        background_kill_group(c->s, c->record.cgroup_path);
    if (!quiet) {
        if (c->oom_killed)
            supervisor_event(c->s, RT_EVENT_CONTAINER_OOM, c);
        supervisor_event(c->s, RT_EVENT_CONTAINER_EXITED, c);
    }
    operation_tell_exit(c);
}

static void ended_unseen(struct container *c, bool quiet)
{
    if (!c->record.lost_wall_ns) {
        c->record.lost_wall_ns = clock_wall_ns();
        (void)container_save(c, NULL); /* without it the next start says a later time */
    }
    c->ended_unseen = true;
    c->finished_wall_ns = c->record.lost_wall_ns;
    ended(c, quiet);
}

bool exits_collect(struct container *c)
{
    AUTO(buf_done) struct buf text = BUF_INIT(32);
    char path[LIMIT_PATH_BYTES];
    struct stat st;
    int64_t code;

    (void)snprintf(path, sizeof(path), "%s/%s", c->s->exits_dir, c->record.id);
    if (stat(path, &st) < 0 || file_read(AT_FDCWD, path, &text, NULL) < 0)
        return false;
    if (str_to_i64(buf_str(&text), 0, 255, &code) < 0)
        return false;
    c->exit_code = (int)code;
    c->finished_wall_ns = (int64_t)st.st_mtim.tv_sec * NS_PER_S + st.st_mtim.tv_nsec;
    (void)snprintf(path, sizeof(path), "%s/oom", c->dir);
    c->oom_killed = code == EXIT_KILLED && path_exists(path);
    return true;
}

static void look(struct container *c, bool quiet);

static void on_watch(struct loop_fd *f, int events)
{
    (void)events;
    look(container_of(f, struct container, watch), false);
}

static void watch_process(struct container *c, int pidfd)
{
    exits_unwatch_container(c);
    c->watch_fd = pidfd;
    loop_fd_init(&c->watch, c->s->loop, "container supervisor", on_watch);
    (void)loop_fd_start(&c->watch, pidfd, LOOP_READ);
}

/* Something that was watched has ended, or it is not known what lives. */
static void look(struct container *c, bool quiet)
{
    int fd = -1;

    if (c->exited)
        return;
    if (exits_collect(c)) {
        ended(c, quiet);
        return;
    }
    if (c->record.refused) {
        exits_unwatch_container(c);
        return;
    }
    if (proc_open((pid_t)c->record.pid, c->record.pid_start_ticks, &fd) < 0) {
        ended_unseen(c, quiet);
        return;
    }
    watch_process(c, fd);
    if (c->supervisor_lost)
        return;
    c->supervisor_lost = true;
    if (!quiet)
        supervisor_event(c->s, RT_EVENT_SUPERVISOR_LOST, c);
}

void exits_watch_container(struct container *c, bool quiet)
{
    int fd = -1;

    if (c->exited || !c->record.made)
        return;
    if (exits_collect(c)) {
        ended(c, quiet);
        return;
    }
    if (c->record.conmon_pid > 0 &&
        proc_open((pid_t)c->record.conmon_pid, c->record.conmon_start_ticks, &fd) == 0)
        watch_process(c, fd);
    else
        look(c, quiet);
}

void exits_unwatch_container(struct container *c)
{
    if (c->watch_fd < 0)
        return;
    loop_fd_stop(&c->watch);
    (void)close(c->watch_fd);
    c->watch_fd = -1;
}

static void on_exit_file(struct rt_supervisor *s, const char *name)
{
    struct container *c = map_get(&s->by_id, name);

    if (c && c->record.made && !c->exited && exits_collect(c))
        ended(c, false);
}

static void on_inotify(struct loop_fd *f, int events)
{
    struct rt_supervisor *s = container_of(f, struct rt_supervisor, exits_watch);
    _Alignas(struct inotify_event) char buf[4096];
    ssize_t n = read(s->exits_fd, buf, sizeof(buf));

    (void)events;
    for (ssize_t at = 0; n > 0 && at < n;) {
        const struct inotify_event *e = (const struct inotify_event *)(const void *)(buf + at);

        if (e->len > 0)
            on_exit_file(s, e->name);
        at += (ssize_t)(sizeof(*e) + e->len);
    }
    /* An overflow (IN_Q_OVERFLOW) loses names, not ends: the pidfd of each conmon fires, too. */
}

int exits_watch(struct rt_supervisor *s, struct err *err)
{
    int r;

    s->exits_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (s->exits_fd < 0)
        return err_errno(err, errno, "inotify");
    if (inotify_add_watch(s->exits_fd, s->exits_dir, IN_MOVED_TO | IN_CLOSE_WRITE) < 0)
        return err_errno(err, errno, "watch %s", s->exits_dir);
    loop_fd_init(&s->exits_watch, s->loop, "container exits", on_inotify);
    r = loop_fd_start(&s->exits_watch, s->exits_fd, LOOP_READ);
    return r < 0 ? err_errno(err, -r, "watch %s", s->exits_dir) : 0;
}

void exits_unwatch(struct rt_supervisor *s)
{
    if (s->exits_fd < 0)
        return;
    loop_fd_stop(&s->exits_watch);
    (void)close(s->exits_fd);
    s->exits_fd = -1;
}
