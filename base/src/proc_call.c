/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc_call.c - a few system calls made by another process, as a function call.
 *
 * The child shares memory and descriptors with us, so fn writes its results where it likes and a
 * descriptor that it opens is ours; what it does to its namespaces, working directory or
 * credentials goes with it.
 */
#include "base/proc.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/err.h"
#include "proc_child.h"

struct call {
    int (*fn)(void *arg);
    void *arg;
    int result;
};

static int child(void *arg)
{
    struct call *call = (struct call *)arg;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* half done is better than done behind a successor's back */
    call->result = call->fn(call->arg);
    return 0; /* clone() ends the child */
}

int proc_call(int (*fn)(void *arg), void *arg, int *ret_result, struct err *err)
{
    struct call call = { .fn = fn, .arg = arg, .result = -ECHILD }; /* kept by a killed child */
    int pidfd = -1;

    if (proc_clone(child, &call, CLONE_FILES, &pidfd) < 0)
        return err_errno(err, errno, "clone");
    proc_wait_gone(pidfd);
    *ret_result = call.result;
    return 0;
}
