/* SPDX-License-Identifier: Apache-2.0 */
#include "filter.h"

#include <linux/prctl.h>
#include <sched.h>
#include <unistd.h>

#include "base/mem.h"
#include "syscalls/filter.h"

static const char *const allowed[] = {
    /* the module, the code, memory */
    "read",
    "write",
    "close",
    "fstat",
    "fstat64",
    "lseek",
    "_llseek",
    "mmap",
    "mmap2",
    "munmap",
    "mremap",
    "mprotect",
    "madvise",
    "brk",
    "membarrier",
    /* threads and the C library */
    "futex",
    "futex_time64",
    "set_robust_list",
    "set_tid_address",
    "rseq",
    "sched_yield",
    "sched_getaffinity",
    "sigaltstack",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "sigreturn",
    "getrandom",
    "clock_gettime",
    "clock_gettime64",
    "clock_nanosleep",
    "clock_nanosleep_time64",
    "gettimeofday",
    "time",
    "getpid",
    "gettid",
    "exit",
    "exit_group",
    "restart_syscall",
};

/* clone() for threads alone, a signal to this process alone (abort()), the name of a thread. clone3() hides its flags
 * behind a pointer and is left out: the C library then takes clone(). */
int filter_install(struct err *err)
{
    const struct syscall_rule rules[] = {
        { "clone", SYSCALL_FIRST_HAS, CLONE_VM | CLONE_THREAD | CLONE_SIGHAND },
        { "tgkill", SYSCALL_FIRST_IS, (uint64_t)getpid() },
        { "prctl", SYSCALL_FIRST_IS, PR_SET_NAME },
    };
    return syscalls_allow_only(allowed, ARRAY_LEN(allowed), rules, ARRAY_LEN(rules), err);
}
