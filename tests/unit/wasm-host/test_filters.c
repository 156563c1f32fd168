/* SPDX-License-Identifier: Apache-2.0 */
/* Each call is tried in a child that the filter is laid on: -1 and EPERM is what the filter says. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "filters.h"

#undef fork /* a child that goes on in this program is the point */

enum { BOTH, COMPONENT, NEITHER };

#define ROW(allowed, name, ...) { #name, allowed, { SYS_##name, __VA_ARGS__ } }
static const struct {
    const char *name;
    int allowed;
    long call[7];
} rows[] = {
    ROW(BOTH, getpid, 0),
    ROW(BOTH, mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
    ROW(NEITHER, mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
    ROW(NEITHER, mprotect, 0, 4096, PROT_EXEC),
    ROW(NEITHER, pkey_mprotect, 0, 4096, PROT_EXEC, 0),
    ROW(BOTH, fcntl, 0, F_GETFL),
    ROW(NEITHER, fcntl, 0, F_SETOWN, 1),
    ROW(NEITHER, fcntl, 0, F_SETOWN_EX, 0),
    ROW(NEITHER, fcntl, 0, F_SETSIG, SIGKILL),
    ROW(NEITHER, fcntl, 0, F_NOTIFY, 0),
    ROW(NEITHER, ioctl, 0, FIOSETOWN, 0),
    ROW(NEITHER, ioctl, 0, TIOCSTI, 0),
    ROW(NEITHER, ioctl, 0, TIOCLINUX, 0),
    ROW(NEITHER, kill, 1, 0),
    ROW(NEITHER, tkill, 1, 0),
    ROW(NEITHER, tgkill, 1, 1, 0),
    ROW(NEITHER, rt_sigqueueinfo, 1, 0, 0),
    ROW(NEITHER, pidfd_open, 1, 0),
    ROW(NEITHER, pidfd_send_signal, 0, 0, 0, 0),
    ROW(NEITHER, ptrace, 16, 1, 0, 0),
    ROW(NEITHER, process_vm_readv, 1, 0, 0, 0, 0, 0),
    ROW(NEITHER, clone, SIGCHLD),
    ROW(NEITHER, clone, CLONE_VM | SIGCHLD),
    ROW(NEITHER, fork, 0),
    ROW(NEITHER, vfork, 0),
    ROW(NEITHER, execve, 0, 0, 0),
    ROW(NEITHER, execveat, -1, 0, 0, 0, 0),
    ROW(NEITHER, memfd_create, 0, 0),
    ROW(NEITHER, setns, 0, 0),
    ROW(NEITHER, unshare, 0),
    ROW(NEITHER, mount, 0, 0, 0, 0, 0),
    ROW(NEITHER, umount2, 0, 0),
    ROW(NEITHER, pivot_root, 0, 0),
    ROW(NEITHER, chroot, 0),
    ROW(NEITHER, open_by_handle_at, 0, 0, 0),
    ROW(NEITHER, name_to_handle_at, 0, 0, 0, 0, 0),
    ROW(NEITHER, setuid, 0),
    ROW(NEITHER, setresuid, -1, -1, -1),
    ROW(NEITHER, setfsuid, 0),
    ROW(NEITHER, setgroups, 0, 0),
    ROW(NEITHER, capset, 0, 0),
    ROW(NEITHER, prctl, PR_SET_DUMPABLE, 1),
    ROW(NEITHER, prctl, PR_SET_SECCOMP, 0),
    ROW(BOTH, prctl, PR_SET_NAME, 0),
    ROW(NEITHER, seccomp, SECCOMP_SET_MODE_FILTER, 0, 0),
    ROW(NEITHER, bpf, 0, 0, 0),
    ROW(NEITHER, io_uring_setup, 1, 0),
    ROW(NEITHER, userfaultfd, 0),
    ROW(NEITHER, perf_event_open, 0, 0, 0, 0, 0),
    ROW(NEITHER, keyctl, 0, 0),
    ROW(NEITHER, add_key, 0, 0, 0, 0, 0),
    ROW(NEITHER, personality, 0xffffffff),
    ROW(NEITHER, chmod, 0, 0),
    ROW(NEITHER, fchmodat, 0, 0, 0),
    ROW(NEITHER, mknodat, 0, 0, 0, 0),
    ROW(NEITHER, setxattr, 0, 0, 0, 0, 0),
    ROW(NEITHER, shmget, 0, 0, 0),
    ROW(NEITHER, mq_open, 0, 0, 0, 0),
    ROW(NEITHER, setpriority, 0, 0, 0),
    ROW(NEITHER, sched_setscheduler, 0, 0, 0),
    ROW(BOTH, prlimit64, 0, RLIMIT_NOFILE, 0, 0),
    ROW(NEITHER, prlimit64, 0, RLIMIT_NOFILE, 8, 0),
    ROW(NEITHER, setrlimit, 0, 0),
    ROW(NEITHER, setitimer, 0, 0, 0),
    ROW(NEITHER, timer_create, 0, 0, 0),
    ROW(BOTH, socketpair, AF_UNIX, SOCK_STREAM, 0, 0),
    ROW(NEITHER, socketpair, AF_INET, SOCK_STREAM, 0, 0),
    ROW(COMPONENT, socket, AF_INET, SOCK_STREAM, 0),
    ROW(COMPONENT, socket, AF_INET6, SOCK_DGRAM, 0),
    ROW(NEITHER, socket, AF_UNIX, SOCK_STREAM, 0),
    ROW(NEITHER, socket, AF_NETLINK, SOCK_RAW, 0),
    ROW(NEITHER, socket, AF_PACKET, SOCK_RAW, 0),
    ROW(NEITHER, socket, AF_VSOCK, SOCK_STREAM, 0),
    ROW(NEITHER, socket, AF_ALG, SOCK_SEQPACKET, 0),
    ROW(COMPONENT, bind, -1, 0, 0),
    ROW(COMPONENT, connect, -1, 0, 0),
    ROW(COMPONENT, sendmsg, -1, 0, 0),
    ROW(COMPONENT, accept4, -1, 0, 0, 0),
};

/* In a child. Nothing of the parent's is touched; what goes wrong is a code. */
static int try_call(const struct filter *f, const long call[7])
{
    const struct sock_fprog program = { .len = f->len, .filter = (struct sock_filter *)(uintptr_t)f->code };
    long r;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) != 0)
        return 2;
    r = syscall(call[0], call[1], call[2], call[3], call[4], call[5], call[6]);
    return r == -1 && errno == EPERM;
}

static int denied(const struct filter *f, const long call[7])
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(try_call(f, call));
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
        fail_msg("status %x", (unsigned)status);
    return WEXITSTATUS(status);
}

static void each_call_is_let_through_or_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (denied(&filter_core, rows[i].call) != (rows[i].allowed != BOTH))
            fail_msg("core: row %zu, %s", i, rows[i].name);
        if (denied(&filter_component, rows[i].call) != (rows[i].allowed == NEITHER))
            fail_msg("component: row %zu, %s", i, rows[i].name);
    }
}

static void the_call_whose_arguments_no_filter_sees_is_not_there(void **state)
{
    int status;
    pid_t pid;

    (void)state;
    pid = fork();
    if (pid == 0) {
        static const long call[7] = { SYS_clone3, 0, 0 };

        (void)try_call(&filter_component, call);
        _exit(errno == ENOSYS ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_is_let_through_or_not),
        cmocka_unit_test(the_call_whose_arguments_no_filter_sees_is_not_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
