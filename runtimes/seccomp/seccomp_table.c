/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The default profile. It lets through what ordinary programs do, and asks the container's capabilities about
 * the rest: a capability that was given by the pod's author opens the calls that are useless without it. The
 * kernel checks capabilities anyway; the filter is the wall in front of the code behind those checks.
 *
 * Of note: clone() may not make namespaces without CAP_SYS_ADMIN, and clone3(), whose flags a filter cannot see,
 * is absent then (the ENOSYS of the unknown makes the C library fall back to clone). io_uring is absent because its operations pass
 * no filter. vsock leads to the hypervisor and is closed. personality() is limited to the harmless values.
 */
#include "seccomp_table.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "rt/seccomp.h"

#define ADMIN RT_CAP_BIT(CAP_SYS_ADMIN)
#define CLONE_NAMESPACES                                                                          \
    (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |     \
     CLONE_NEWCGROUP)

#define ALLOW(list) { .names = list }
#define ALLOW_ARG(list, ...) { .names = list, .arg = { __VA_ARGS__ } }
/* Allowed with one of the capabilities, EPERM without. */
#define BEHIND(caps, list)                                                                        \
    { .names = list, .with_caps = (caps) }, { .names = list, .errnum = EPERM, .without_caps = (caps) }

const struct seccomp_rule seccomp_rules[] = {
    /* files */
    ALLOW("access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3 faccessat "
          "faccessat2 fadvise64 fadvise64_64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat "
          "fcntl fcntl64 fdatasync flock fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 "
          "futimesat getcwd getdents getdents64 ioctl lchown lchown32 link linkat llseek _llseek lseek lstat "
          "lstat64 mkdir mkdirat mknod mknodat newfstatat open openat openat2 pread64 preadv preadv2 pwrite64 "
          "pwritev pwritev2 read readahead readdir readlink readlinkat readv rename renameat renameat2 rmdir "
          "sendfile sendfile64 splice stat stat64 statfs statfs64 statx symlink symlinkat sync sync_file_range "
          "sync_file_range2 arm_sync_file_range arm_fadvise64_64 syncfs tee truncate truncate64 umask unlink "
          "unlinkat utime utimensat utimensat_time64 utimes vmsplice write writev statmount listmount "
          "name_to_handle_at cachestat"),
    ALLOW("fgetxattr flistxattr fremovexattr fsetxattr getxattr getxattrat lgetxattr listxattr listxattrat "
          "llistxattr lremovexattr lsetxattr removexattr removexattrat setxattr setxattrat"),
    ALLOW("inotify_add_watch inotify_init inotify_init1 inotify_rm_watch fanotify_mark"),
    ALLOW("landlock_add_rule landlock_create_ruleset landlock_restrict_self"),
    /* memory */
    ALLOW("brk madvise membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall mmap mmap2 mprotect "
          "mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect remap_file_pages "
          "map_shadow_stack"),
    /* processes, threads and what is asked of them */
    ALLOW("arch_prctl capget capset cacheflush breakpoint set_tls execve execveat exit exit_group fork get_robust_list "
          "get_thread_area getcpu getpgid getpgrp getpid getppid getpriority getrlimit getrusage getsid gettid "
          "modify_ldt pidfd_open pidfd_send_signal prctl prlimit64 process_mrelease restart_syscall rseq "
          "set_robust_list set_thread_area set_tid_address setpgid setpriority setrlimit setsid sysinfo "
          "ugetrlimit uname vfork wait4 waitid waitpid seccomp"),
    ALLOW_ARG("clone", .op = SECCOMP_ARG_MASKED_EQ, .index = 0, .value = CLONE_NAMESPACES, .other = 0),
    ALLOW_ARG("personality", .op = SECCOMP_ARG_EQ, .value = 0x0),
    ALLOW_ARG("personality", .op = SECCOMP_ARG_EQ, .value = 0x0008),
    ALLOW_ARG("personality", .op = SECCOMP_ARG_EQ, .value = 0x20000),
    ALLOW_ARG("personality", .op = SECCOMP_ARG_EQ, .value = 0x20008),
    ALLOW_ARG("personality", .op = SECCOMP_ARG_EQ, .value = 0xffffffff),
    /* users and groups */
    ALLOW("getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getresgid getresgid32 "
          "getresuid getresuid32 getuid getuid32 setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 "
          "setgroups setgroups32 setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid "
          "setreuid32 setuid setuid32"),
    /* scheduling */
    ALLOW("ioprio_get ioprio_set sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr "
          "sched_getparam sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 "
          "sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield"),
    /* signals and time */
    ALLOW("alarm kill pause rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend "
          "rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaction sigaltstack signal signalfd "
          "signalfd4 sigpending sigprocmask sigreturn sigsuspend tgkill tkill"),
    ALLOW("adjtimex clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64 "
          "clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday nanosleep setitimer time timer_create "
          "timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 "
          "timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64 times"),
    /* waiting and events */
    ALLOW("epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old "
          "eventfd eventfd2 futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake poll ppoll "
          "ppoll_time64 pselect6 pselect6_time64 select _newselect"),
    ALLOW("io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit"),
    ALLOW("getrandom lsm_get_self_attr lsm_list_modules lsm_set_self_attr uretprobe"),
    /* pipes, sockets, System V and POSIX IPC */
    ALLOW("accept accept4 bind connect getpeername getsockname getsockopt listen pipe pipe2 recv recvfrom "
          "recvmmsg recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown socketcall "
          "socketpair"),
    ALLOW_ARG("socket", .op = SECCOMP_ARG_NE, .index = 0, .value = AF_VSOCK),
    ALLOW("ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend "
          "mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd semctl semget semop semtimedop "
          "semtimedop_time64 shmat shmctl shmdt shmget"),
    /* looking into other processes: the kernel checks that they are the container's own */
    ALLOW("ptrace process_vm_readv process_vm_writev"),

    /* with a capability */
    BEHIND(ADMIN, "fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr move_mount "
                  "open_tree pivot_root quotactl quotactl_fd setdomainname sethostname setns umount umount2 unshare"),
    { .names = "clone clone3", .with_caps = ADMIN },
    BEHIND(ADMIN | RT_CAP_BIT(CAP_BPF), "bpf"),
    BEHIND(ADMIN | RT_CAP_BIT(CAP_PERFMON), "perf_event_open"),
    BEHIND(RT_CAP_BIT(CAP_DAC_READ_SEARCH), "open_by_handle_at"),
    BEHIND(RT_CAP_BIT(CAP_SYS_BOOT), "reboot"),
    BEHIND(RT_CAP_BIT(CAP_SYS_CHROOT), "chroot"),
    BEHIND(RT_CAP_BIT(CAP_SYS_MODULE), "delete_module init_module finit_module query_module"),
    BEHIND(RT_CAP_BIT(CAP_SYS_NICE), "get_mempolicy mbind set_mempolicy set_mempolicy_home_node migrate_pages "
                                     "move_pages"),
    BEHIND(RT_CAP_BIT(CAP_SYS_PACCT), "acct"),
    BEHIND(RT_CAP_BIT(CAP_SYS_PTRACE), "kcmp pidfd_getfd process_madvise"),
    BEHIND(RT_CAP_BIT(CAP_SYS_RAWIO), "ioperm iopl"),
    BEHIND(RT_CAP_BIT(CAP_SYS_TIME), "clock_settime clock_settime64 settimeofday stime"),
    BEHIND(RT_CAP_BIT(CAP_SYS_TTY_CONFIG), "vhangup"),
    BEHIND(ADMIN | RT_CAP_BIT(CAP_SYSLOG), "syslog"),

    /* known, and for nobody */
    { .names = "add_key request_key keyctl kexec_load kexec_file_load swapon swapoff userfaultfd uselib nfsservctl "
               "create_module get_kernel_syms ustat sysfs vm86 vm86old",
      .errnum = EPERM },
};
const size_t seccomp_rules_len = ARRAY_LEN(seccomp_rules);
