/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc.c - a child on the loop.
 *
 * The pidfd becomes readable when the child has ended; that is the end, also when a descendant
 * still holds the child's pipes: what they contain at that moment is read, and then the owner is
 * told. All that is needed while the child runs is in the impl, which is gone before the owner's
 * function is called.
 */
#include "base/proc.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "proc_child.h"

struct proc_impl {
    struct proc *owner;
    struct loop_fd exit, in, out, error_out;
    int in_fd, out_fd, error_fd; /* our ends of the pipes; -1: none or closed */
    struct loop_timer deadline;
    const char *input;
    size_t input_len;
    bool timed_out;
};

static void close_pipe(struct loop_fd *source, int *fd)
{
    loop_fd_stop(source);
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static void impl_free(struct proc_impl *impl)
{
    loop_timer_stop(&impl->deadline);
    loop_fd_stop(&impl->exit);
    close_pipe(&impl->in, &impl->in_fd);
    close_pipe(&impl->out, &impl->out_fd);
    close_pipe(&impl->error_out, &impl->error_fd);
    free(impl);
}

static void on_exit_event(struct loop_fd *f, int events)
{
    struct proc_impl *impl = container_of(f, struct proc_impl, exit);
    struct proc *p = impl->owner;
    struct proc_exit end;
    int r = proc_collect(p->pidfd, &end);

    (void)events;
    if (r == -EAGAIN)
        return;
    if (r < 0) /* somebody else has collected it: its code is lost, its end is not */
        end = (struct proc_exit){ .code = 255 };
    /* it may have ended by itself before the signal came */
    end.timed_out = impl->timed_out && end.signal == SIGKILL;
    if (impl->out_fd >= 0)
        (void)proc_read_pipe(impl->out_fd, &p->out, LIMIT_PROC_DRAIN_BYTES);
    if (impl->error_fd >= 0)
        (void)proc_read_pipe(impl->error_fd, &p->error_out, LIMIT_PROC_DRAIN_BYTES);
    impl_free(impl);
    p->impl = NULL;
    (void)close(p->pidfd);
    p->pidfd = -1;
    p->fn(p, &end);
}

static void on_out(struct loop_fd *f, int events)
{
    struct proc_impl *impl = container_of(f, struct proc_impl, out);

    (void)events;
    if (proc_read_pipe(impl->out_fd, &impl->owner->out, LIMIT_PROC_CAPTURE_BYTES))
        close_pipe(f, &impl->out_fd);
}

static void on_error_out(struct loop_fd *f, int events)
{
    struct proc_impl *impl = container_of(f, struct proc_impl, error_out);

    (void)events;
    if (proc_read_pipe(impl->error_fd, &impl->owner->error_out, LIMIT_PROC_CAPTURE_BYTES))
        close_pipe(f, &impl->error_fd);
}

static void on_in(struct loop_fd *f, int events)
{
    struct proc_impl *impl = container_of(f, struct proc_impl, in);
    ssize_t n = write(impl->in_fd, impl->input, impl->input_len);

    (void)events;
    if (n > 0) {
        impl->input += n;
        impl->input_len -= (size_t)n;
    } else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n <= 0 || impl->input_len == 0) /* all is said, or nobody listens */
        close_pipe(f, &impl->in_fd);
}

static void on_deadline(struct loop_timer *t)
{
    struct proc_impl *impl = container_of(t, struct proc_impl, deadline);

    impl->timed_out = true;
    proc_kill(impl->owner, SIGKILL);
}

void proc_init(struct proc *p, struct loop *loop, const char *name, proc_exit_fn fn)
{
    *p = (struct proc){ .loop = loop, .name = name, .fn = fn, .pidfd = -1 };
}

static struct proc_impl *impl_new(struct proc *p, const struct proc_launched *child,
                                  const struct proc_opts *opts)
{
    struct proc_impl *impl = NEW(struct proc_impl);

    impl->owner = p;
    impl->in_fd = child->in;
    impl->out_fd = child->out;
    impl->error_fd = child->error_out;
    impl->input = (const char *)opts->input;
    impl->input_len = opts->input_len;
    loop_fd_init(&impl->exit, p->loop, p->name, on_exit_event);
    loop_fd_init(&impl->in, p->loop, p->name, on_in);
    loop_fd_init(&impl->out, p->loop, p->name, on_out);
    loop_fd_init(&impl->error_out, p->loop, p->name, on_error_out);
    loop_timer_init(&impl->deadline, p->loop, p->name, on_deadline);
    return impl;
}

static int watch(struct proc *p, struct proc_impl *impl)
{
    int r = loop_fd_start(&impl->exit, p->pidfd, LOOP_READ);

    if (r == 0 && impl->in_fd >= 0)
        r = loop_fd_start(&impl->in, impl->in_fd, LOOP_WRITE);
    if (r == 0 && impl->out_fd >= 0)
        r = loop_fd_start(&impl->out, impl->out_fd, LOOP_READ);
    if (r == 0 && impl->error_fd >= 0)
        r = loop_fd_start(&impl->error_out, impl->error_fd, LOOP_READ);
    return r;
}

int proc_start(struct proc *p, const struct proc_spec *spec, const struct proc_opts *opts,
               struct err *err)
{
    static const struct proc_opts no_opts = { .deadline_ms = 0 };
    struct proc_launched child;
    struct proc_impl *impl;
    size_t max_bytes;
    int r;

    if (!opts)
        opts = &no_opts;
    max_bytes = opts->capture_max_bytes ? opts->capture_max_bytes : LIMIT_PROC_CAPTURE_BYTES;
    if (p->impl)
        return err_set(err, -EBUSY, "%s: still running", spec->path);
    r = proc_launch(spec, opts->input != NULL, opts->capture_out, opts->capture_error, &child, err);
    if (r < 0)
        return r;
    buf_done(&p->out);
    buf_done(&p->error_out);
    buf_init(&p->out, max_bytes);
    buf_init(&p->error_out, max_bytes);
    p->pid = child.pid;
    p->pidfd = child.pidfd;
    impl = impl_new(p, &child, opts);
    p->impl = impl;
    r = watch(p, impl);
    if (r < 0) {
        proc_done(p);
        return err_errno(err, -r, "%s: watch", spec->path);
    }
    if (opts->deadline_ms > 0)
        loop_timer_start(&impl->deadline, opts->deadline_ms);
    return 0;
}

void proc_kill(struct proc *p, int signum)
{
    if (p->impl)
        (void)syscall(SYS_pidfd_send_signal, p->pidfd, signum, NULL, 0); /* gone already is fine */
}

void proc_done(struct proc *p)
{
    if (p->impl) {
        proc_kill(p, SIGKILL);
        impl_free((struct proc_impl *)p->impl);
        p->impl = NULL;
        proc_reaper_start(p->loop, TAKE_FD(p->pidfd));
    }
    buf_done(&p->out);
    buf_done(&p->error_out);
}

int proc_spawn(const struct proc_spec *spec, pid_t *ret_pid, int *ret_pidfd, struct err *err)
{
    AUTO(proc_plan_done) struct proc_plan plan = { .null_fd = -1 };
    AUTO(close) int pidfd = -1;
    pid_t pid = -1;
    int r;

    if (spec->death_signal)
        return err_set(err, -EINVAL, "%s: a death signal for a process that is let go", spec->path);
    r = proc_plan_init(&plan, spec, (const int[3]){ -1, -1, -1 }, err);
    if (r == 0)
        r = proc_child_start_orphan(&plan, &pid, &pidfd, err);
    if (r < 0)
        return r;
    if (ret_pid)
        *ret_pid = pid;
    if (ret_pidfd)
        *ret_pidfd = TAKE_FD(pidfd);
    return 0;
}
