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

/* Closes a pipe that is at its end, so that poll() skips it. */
static void read_pipe(struct pollfd *at, struct buf *buf, size_t limit)
{
    if (at->fd < 0 || !proc_read_pipe(at->fd, buf, limit))
        return;
    (void)close(at->fd);
    at->fd = -1;
}

static int left_ms(int64_t end_ms)
{
    int64_t left = end_ms - clock_boot_ms() + 1;

    return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

static int wait_for(struct pollfd at[AT_NR], int64_t deadline_ms, struct buf *bufs[AT_NR],
                    struct proc_exit *ret_exit)
{
    int64_t end_ms = deadline_ms > 0 ? clock_boot_ms() + deadline_ms : 0;
    bool timed_out = false;
    int r;

    for (;;) {
        int n = poll(at, AT_NR, end_ms && !timed_out ? left_ms(end_ms) : -1);

        if (n < 0 && errno != EINTR)
            return -errno;
        if (end_ms && !timed_out && clock_boot_ms() >= end_ms) {
            (void)syscall(SYS_pidfd_send_signal, at[AT_EXIT].fd, SIGKILL, NULL, 0);
            timed_out = true;
        }
        if (n <= 0)
            continue;
        for (int i = AT_OUT; i < AT_NR; i++) {
            if (at[i].revents)
                read_pipe(&at[i], bufs[i], LIMIT_PROC_CAPTURE_BYTES);
        }
        if (!at[AT_EXIT].revents)
            continue;
        r = proc_collect(at[AT_EXIT].fd, ret_exit);
        if (r == -EAGAIN)
            continue;
        ret_exit->timed_out = timed_out && ret_exit->signal == SIGKILL;
        return r;
    }
}

int proc_run(const struct proc_spec *spec, int64_t deadline_ms, struct buf *out,
             struct buf *error_out, struct proc_exit *ret_exit, struct err *err)
{
    struct buf *bufs[AT_NR] = { [AT_OUT] = out, [AT_ERROR] = error_out };
    struct proc_exit end = { .code = 0 };
    struct proc_launched child;
    struct pollfd at[AT_NR];
    int r;

    r = proc_launch(spec, false, out != NULL, error_out != NULL, &child, err);
    if (r < 0)
        return r;
    at[AT_EXIT] = (struct pollfd){ .fd = child.pidfd, .events = POLLIN };
    at[AT_OUT] = (struct pollfd){ .fd = child.out, .events = POLLIN };
    at[AT_ERROR] = (struct pollfd){ .fd = child.error_out, .events = POLLIN };
    r = wait_for(at, deadline_ms, bufs, &end);
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
