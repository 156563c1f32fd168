/* SPDX-License-Identifier: Apache-2.0 */
/* proc_launch.c - a child with pipes: what the two ways of waiting for it (loop, blocking) have in
 * common. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "proc_child.h"

/* Our end does not block, the child's does. */
static int make_pipe(bool wanted, bool child_reads, int *ret_ours, int *ret_theirs, struct err *err)
{
    int ends[2];

    if (!wanted)
        return 0;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_errno(err, errno, "pipe");
    *ret_ours = ends[child_reads ? 1 : 0];
    *ret_theirs = ends[child_reads ? 0 : 1];
    if (fcntl(*ret_ours, F_SETFL, O_NONBLOCK) < 0)
        return err_errno(err, errno, "pipe");
    return 0;
}

int proc_launch(const struct proc_spec *spec, bool want_in, bool want_out, bool want_error,
                struct proc_launched *ret, struct err *err)
{
    AUTO(proc_plan_done) struct proc_plan plan = { .null_fd = -1 };
    AUTO(close) int in = -1, out = -1, error_out = -1;
    AUTO(close) int child_in = -1, child_out = -1, child_error = -1;
    struct proc_launched child = { .pidfd = -1 };
    int r;

    r = make_pipe(want_in, true, &in, &child_in, err);
    if (r == 0)
        r = make_pipe(want_out, false, &out, &child_out, err);
    if (r == 0)
        r = make_pipe(want_error, false, &error_out, &child_error, err);
    if (r == 0)
        r = proc_plan_init(&plan, spec, (const int[3]){ child_in, child_out, child_error }, err);
    if (r == 0)
        r = proc_child_start(&plan, &child.pid, &child.pidfd, err);
    if (r < 0)
        return r;
    child.in = TAKE_FD(in);
    child.out = TAKE_FD(out);
    child.error_out = TAKE_FD(error_out);
    *ret = child;
    return 0;
}

int proc_read_pipe(int fd, struct buf *buf, size_t limit)
{
    char chunk[4096];

    while (limit > 0) {
        size_t want = limit < sizeof(chunk) ? limit : sizeof(chunk), room;
        ssize_t n = read(fd, chunk, want);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return 0;
        if (n <= 0)
            return 1;
        limit -= (size_t)n;
        room = buf->max_bytes - buf->len;
        (void)buf_add(buf, chunk, (size_t)n < room ? (size_t)n : room);
    }
    return 0;
}

int proc_collect(int pidfd, struct proc_exit *ret_exit)
{
    siginfo_t info = { .si_pid = 0 };
    bool exited;

    while (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG) < 0) {
        if (errno != EINTR)
            return -errno;
    }
    if (info.si_pid == 0)
        return -EAGAIN;
    exited = info.si_code == CLD_EXITED;
    *ret_exit = (struct proc_exit){
        .code = exited ? info.si_status : 128 + info.si_status,
        .signal = exited ? 0 : info.si_status,
    };
    return 0;
}
