/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child runs on a stack of its own inside our memory, makes two system calls and ends; it calls
 * nothing else. CLONE_VFORK keeps this thread asleep meanwhile, so the shared errno and stack are
 * nobody's else. Without a termination signal (the low byte of the flags is 0) no SIGCHLD handler
 * sees it, and only a wait with __WCLONE collects it. Rejected: a helper program (1 ms for exec), a
 * thread with setns() and back (a thread that dies between the two leaves a pool thread in a pod's
 * namespace).
 */
#include "netns_socket.h"

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"

enum { STACK_BYTES = 64 * 1024 };

struct wish {
    int netns_fd, domain, type, protocol;
    int fd; /* the answer, or -errno */
};

static int child(void *arg)
{
    struct wish *w = arg;
    if (syscall(SYS_setns, w->netns_fd, CLONE_NEWNET) < 0) {
        w->fd = -errno;
        return 0;
    }
    long fd = syscall(SYS_socket, w->domain, w->type | SOCK_CLOEXEC, w->protocol);
    w->fd = fd < 0 ? -errno : (int)fd;
    return 0;
}

int netns_socket(int netns_fd, int domain, int type, int protocol, int *ret_fd, struct err *err)
{
    struct wish w = { netns_fd, domain, type, protocol, -EIO };
    AUTO(free) char *stack = xmalloc(STACK_BYTES);
    char *top = stack + STACK_BYTES - ((uintptr_t)(stack + STACK_BYTES) & 15);
    pid_t pid = clone(child, top, CLONE_VM | CLONE_FILES | CLONE_VFORK, &w);
    if (pid < 0)
        return err_errno(err, errno, "start a child in the network namespace");
    while (waitpid(pid, NULL, __WCLONE) < 0 && errno == EINTR)
        ;
    if (w.fd < 0)
        return err_errno(err, -w.fd, "make a socket in the network namespace");
    *ret_fd = w.fd;
    return 0;
}
