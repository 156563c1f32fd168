/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc_call.c - a few system calls made by another process, as a function call.
 *
 * The child shares memory and descriptors with us and has a stack of its own; our thread sleeps until it is
 * gone (as with vfork). So fn writes its results where it likes, a descriptor it opens is ours, and what it
 * does to its namespaces, working directory or credentials goes with it. All signals are blocked meanwhile: a
 * handler must not run in a process that has our memory and not our identity.
 */
#include "base/proc.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/err.h"

#define STACK_BYTES (256 * 1024)

struct frame {
    int (*fn)(void *arg);
    void *arg;
    int result;
};

static int child(void *user)
{
    struct frame *frame = user;

    frame->result = frame->fn(frame->arg);
    _exit(0);
}

static int call_on_stack(struct frame *frame, char *stack, struct err *err)
{
    int flags = CLONE_VM | CLONE_VFORK | CLONE_FILES;
    sigset_t all, before;
    pid_t pid;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    pid = clone(child, stack + STACK_BYTES, flags, frame);
    if (pid < 0)
        (void)err_errno(err, errno, "clone");
    while (pid > 0 && waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
        continue;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pid < 0 ? -1 : 0;
}

int proc_call(int (*fn)(void *arg), void *arg, int *ret_result, struct err *err)
{
    struct frame frame = { .fn = fn, .arg = arg, .result = -ECHILD };
    char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    int r;

    if (stack == MAP_FAILED)
        return err_errno(err, errno, "stack");
    r = call_on_stack(&frame, stack, err);
    (void)munmap(stack, STACK_BYTES);
    if (r == 0)
        *ret_result = frame.result;
    return r < 0 ? -EAGAIN : 0;
}
