/* SPDX-License-Identifier: Apache-2.0 */
#include "filter.h"

#include <errno.h>
#include <seccomp.h>

#include "base/err.h"
#include "base/mem.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#if SANITIZED
const char *
__asan_default_options(void); /* looking for leaks takes /proc, which is not there any more */
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}
#endif

/* By name: not every architecture has each, and libseccomp knows which. */
static const char *const allowed[] = {
    /* the archive, the answer, memory */
    "read",
    "readv",
    "write",
    "writev",
    "pwrite64",
    "lseek",
    "_llseek",
    "close",
    "fstat",
    "fstat64",
    "newfstatat",
    "fstatat64",
    "statx",
    "fcntl",
    "fcntl64",
    "ioctl",
    "mmap",
    "mmap2",
    "munmap",
    "mremap",
    "mprotect",
    "madvise",
    "brk",
    /* the tree */
    "openat",
    "openat2",
    "getdents",
    "getdents64",
    "mkdirat",
    "mknodat",
    "linkat",
    "symlinkat",
    "unlinkat",
    "readlinkat",
    "ftruncate",
    "ftruncate64",
    "fchown",
    "fchown32",
    "fchownat",
    "fchmod",
    "fchmodat",
    "fchmodat2",
    "utimensat",
    "utimensat_time64",
    "fsetxattr",
    "fgetxattr",
    "flistxattr",
    /* the C library and its end */
    "getrandom",
    "futex",
    "futex_time64",
    "clock_gettime",
    "clock_gettime64",
    "gettimeofday",
    "time",
    "getpid",
    "gettid",
    "tgkill",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "sigreturn",
    "sched_yield",
    "exit",
    "exit_group",
    "restart_syscall",
};

int filter_install(struct err *err)
{
    if (SANITIZED)
        return 0;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    if (!filter)
        return err_set(err, -ENOMEM, "no memory for a filter of system calls");
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < ARRAY_LEN(allowed); i++) {
        int number = seccomp_syscall_resolve_name(allowed[i]);
        if (number >= 0)
            rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
    }
    if (rc == 0)
        rc = seccomp_load(filter);
    seccomp_release(filter);
    return rc < 0 ? err_errno(err, -rc, "the filter of system calls") : 0;
}
