/* SPDX-License-Identifier: Apache-2.0 */
#include "filter.h"

#include <stddef.h>

#include "base/mem.h"
#include "syscalls/filter.h"

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
    return syscalls_allow_only(allowed, ARRAY_LEN(allowed), NULL, 0, err);
}
