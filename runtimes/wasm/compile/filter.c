/* SPDX-License-Identifier: Apache-2.0 */
#include "filter.h"

#include <errno.h>
#include <linux/prctl.h>
#include <sched.h>
#include <seccomp.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "sanitized.h"

#if SANITIZED
const char *__asan_default_options(void); /* looking for leaks takes /proc, which is not there any more */
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}
#endif

/* By name: not every architecture has each, and libseccomp knows which. */
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

/* One call; conditions: 0 or 1. */
static int add(scmp_filter_ctx filter, const char *name, unsigned conditions, struct scmp_arg_cmp condition)
{
    int number = seccomp_syscall_resolve_name(name);
    return number < 0 ? 0 : seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, conditions, &condition);
}

static struct scmp_arg_cmp first_is(scmp_datum_t value)
{
    return (struct scmp_arg_cmp){ .arg = 0, .op = SCMP_CMP_EQ, .datum_a = value };
}

static struct scmp_arg_cmp first_has(scmp_datum_t bits)
{
    return (struct scmp_arg_cmp){ .arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = bits, .datum_b = bits };
}

/* clone() for threads alone, a signal to this process alone (abort()), the name of a thread. clone3() hides its flags
 * behind a pointer and is left out: the C library then takes clone(). */
static int add_conditional(scmp_filter_ctx filter)
{
    int rc = add(filter, "clone", 1, first_has(CLONE_VM | CLONE_THREAD | CLONE_SIGHAND));
    if (rc == 0)
        rc = add(filter, "tgkill", 1, first_is((scmp_datum_t)getpid()));
    if (rc == 0)
        rc = add(filter, "prctl", 1, first_is(PR_SET_NAME));
    return rc;
}

int filter_install(struct err *err)
{
    if (SANITIZED)
        return 0;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    if (!filter)
        return err_set(err, -ENOMEM, "no memory for a filter of system calls");
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < ARRAY_LEN(allowed); i++)
        rc = add(filter, allowed[i], 0, first_is(0));
    if (rc == 0)
        rc = add_conditional(filter);
    if (rc == 0)
        rc = seccomp_load(filter);
    seccomp_release(filter);
    return rc < 0 ? err_errno(err, -rc, "the filter of system calls") : 0;
}
