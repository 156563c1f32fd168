/* SPDX-License-Identifier: Apache-2.0 */
#include "forks.h"

#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/mem.h"

#define RECEIVE_BYTES (4 << 20) /* everybody's events, between two looks of ours */

struct forks {
    int fd;
};

static int listen_to_all(int fd)
{
    const struct nlmsghdr header = { .nlmsg_len = NLMSG_HDRLEN + sizeof(struct cn_msg) + sizeof(enum proc_cn_mcast_op),
                                     .nlmsg_type = NLMSG_DONE };
    const struct cn_msg message = { .id = { CN_IDX_PROC, CN_VAL_PROC }, .len = sizeof(enum proc_cn_mcast_op) };
    enum proc_cn_mcast_op op = PROC_CN_MCAST_LISTEN;
    struct iovec parts[] = { { (void *)(uintptr_t)&header, NLMSG_HDRLEN },
                             { (void *)(uintptr_t)&message, sizeof(message) },
                             { &op, sizeof(op) } };

    return writev(fd, parts, ARRAY_LEN(parts)) == (ssize_t)header.nlmsg_len ? 0 : -errno;
}

int forks_open(struct forks **ret, struct err *err)
{
    const struct sockaddr_nl all = { .nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC };
    AUTO(close) int fd = socket(PF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
    const int bytes = RECEIVE_BYTES;

    if (fd < 0 || bind(fd, (const struct sockaddr *)&all, sizeof(all)) < 0)
        return err_errno(err, errno, "the kernel's process events");
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
    if (listen_to_all(fd) < 0)
        return err_errno(err, errno, "the kernel's process events");
    *ret = NEW(struct forks);
    (*ret)->fd = TAKE_FD(fd);
    return 0;
}

struct forks *forks_close(struct forks *f)
{
    if (!f)
        return NULL;
    (void)close(f->fd);
    free(f);
    return NULL;
}

static bool next(struct forks *f, struct proc_event *ret)
{
    const size_t offset = NLMSG_HDRLEN + sizeof(struct cn_msg);
    char text[NLMSG_HDRLEN + sizeof(struct cn_msg) + sizeof(*ret)];

    for (;;) {
        ssize_t n = recv(f->fd, text, sizeof(text), 0);

        if (n < 0 && errno == ENOBUFS)
            continue; /* some were lost: what is looked for may be among the rest */
        if (n < (ssize_t)sizeof(text))
            return false;
        memcpy(ret, text + offset, sizeof(*ret));
        return true;
    }
}

void forks_forget(struct forks *f)
{
    struct proc_event e;

    while (next(f, &e))
        ;
}

struct fork_times forks_of(struct forks *f, pid_t pid)
{
    struct fork_times t = { 0, 0 };
    struct proc_event e;

    while (next(f, &e)) {
        if (e.what == PROC_EVENT_EXEC && e.event_data.exec.process_tgid == pid && t.executed == 0)
            t.executed = (int64_t)e.timestamp_ns;
        if (e.what == PROC_EVENT_FORK && e.event_data.fork.parent_tgid == pid && e.event_data.fork.child_tgid != pid &&
            t.forked == 0)
            t.forked = (int64_t)e.timestamp_ns;
    }
    return t;
}
