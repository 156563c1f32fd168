/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc_clone.c - the one place that makes a process.
 *
 * The child shares our memory and our thread stands still until it has executed another program or
 * ended (CLONE_VM and CLONE_VFORK, as posix_spawn does): no page table is copied, which is most of
 * what a fork of a large process costs, and the child answers by writing to memory. It has a stack
 * of its own. All signals are blocked meanwhile: a handler must not run in a process that has our
 * memory and not our identity.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc_child.h"

#define STACK_BYTES 65536u

pid_t proc_clone(int (*entry)(void *arg), void *arg, int more_flags, int *ret_pidfd)
{
    char *stack = (char *)mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    sigset_t all, before;
    int pidfd = -1, errnum;
    pid_t pid;

    if (stack == (char *)MAP_FAILED)
        return -1;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    pid = clone(entry, stack + STACK_BYTES,
                CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD | more_flags, arg, &pidfd);
    errnum = errno;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)munmap(stack, STACK_BYTES);
    errno = errnum;
    if (pid >= 0)
        *ret_pidfd = pidfd;
    return pid;
}

void proc_wait_gone(int pidfd)
{
    siginfo_t info;

    while (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0 && errno == EINTR)
        ;
    (void)close(pidfd);
}
