/* SPDX-License-Identifier: Apache-2.0 */
/* proc_run.c - a child that a worker or a helper waits for. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "proc_child.h"

enum { AT_EXIT, AT_OUT, AT_ERROR, AT_NR };

struct deadline {
    int64_t end_ms; /* since boot; 0: none */
    bool passed;    /* the child has been sent SIGKILL */
};

/* Closes a pipe that is at its end, so that poll() skips it. */
static void read_pipe(struct pollfd *at, struct buf *buf, size_t limit)
{
    if (at->fd < 0 || !proc_read_pipe(at->fd, buf, limit))
        return;
    (void)close(at->fd);
    at->fd = -1;
}

/* What poll() may wait for; past the deadline the child is killed, and then there is no hurry. */
static int time_left_ms(struct deadline *deadline, int pidfd)
{
    int64_t left_ms = deadline->end_ms - clock_boot_ms();

    if (!deadline->end_ms || deadline->passed)
        return -1;
    if (left_ms > 0)
        return left_ms < 60000 ? (int)left_ms : 60000;
    (void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
    deadline->passed = true;
    return -1;
}

static int wait_for(struct pollfd at[AT_NR], struct deadline *deadline, struct buf *bufs[AT_NR],
                    struct proc_exit *ret_exit)
{
    for (;;) {
        int n = poll(at, AT_NR, time_left_ms(deadline, at[AT_EXIT].fd));
        int r = n < 0 && errno != EINTR ? -errno : -EAGAIN;

        for (int i = AT_OUT; i < AT_NR && n > 0; i++) {
            if (at[i].revents)
                read_pipe(&at[i], bufs[i], LIMIT_PROC_CAPTURE_BYTES);
        }
        if (n > 0 && at[AT_EXIT].revents)
            r = proc_collect(at[AT_EXIT].fd, ret_exit);
        if (r != -EAGAIN)
            return r;
    }
}

int proc_run(const struct proc_spec *spec, int64_t deadline_ms, struct buf *out,
             struct buf *error_out, struct proc_exit *ret_exit, struct err *err)
{
    struct buf *bufs[AT_NR] = { [AT_OUT] = out, [AT_ERROR] = error_out };
    struct proc_exit end = { .code = 0 };
    struct deadline deadline = { .end_ms = 0 };
    struct proc_launched child;
    struct pollfd at[AT_NR];
    int r;

    r = proc_launch(spec, false, out != NULL, error_out != NULL, &child, err);
    if (r < 0)
        return r;
    at[AT_EXIT] = (struct pollfd){ .fd = child.pidfd, .events = POLLIN };
    at[AT_OUT] = (struct pollfd){ .fd = child.out, .events = POLLIN };
    at[AT_ERROR] = (struct pollfd){ .fd = child.error_out, .events = POLLIN };
    if (deadline_ms > 0)
        deadline.end_ms = clock_boot_ms() + deadline_ms;
    r = wait_for(at, &deadline, bufs, &end);
    end.timed_out = deadline.passed && end.signal == SIGKILL;
    for (int i = AT_OUT; i < AT_NR; i++) {
        read_pipe(&at[i], bufs[i], LIMIT_PROC_DRAIN_BYTES);
        if (at[i].fd >= 0)
            (void)close(at[i].fd);
    }
    (void)close(child.pidfd);
    if (r < 0)
        return err_errno(err, -r, "%s: wait", spec->path);
    if (ret_exit)
        *ret_exit = end;
    return 0;
}
