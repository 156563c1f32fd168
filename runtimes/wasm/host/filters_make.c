/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program of the build: writes filters.c, the system call filters of guests as compiled BPF, so that none is
 * compiled where guests are started.
 *
 * What is not listed is answered with EPERM. Listed is what the engine and its WASI do for a guest once its code is
 * loaded; a core module needs no sockets. With conditions:
 *   - no memory becomes executable (mmap, mprotect), so no code but the loaded one runs;
 *   - clone makes threads and nothing else; clone3, whose arguments no filter sees, is not there (ENOSYS);
 *   - sockets are of the internet, or a pair that leads nowhere else;
 *   - no signals to anybody (a process of user 0 could reach others of user 0 even without capabilities), neither by
 *     kill nor by fcntl, which could name another process to be told of what happens to a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const common[] = {
    /* files below the preopened directories */
    "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "preadv2", "pwritev2", "close", "lseek",
    "fstat", "newfstatat", "statx", "fstatfs", "openat", "openat2", "getdents64", "readlink", "readlinkat", "mkdirat", "unlinkat",
    "renameat", "renameat2", "linkat", "symlinkat", "ftruncate", "fallocate", "fsync", "fdatasync", "sync_file_range",
    "fadvise64", "utimensat", "dup", "dup3", "faccessat", "faccessat2", "copy_file_range",
    /* waiting */
    "poll", "ppoll", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd2", "pipe2",
    "futex", "nanosleep", "clock_nanosleep", "clock_gettime", "clock_getres", "gettimeofday", "sched_yield", "restart_syscall",
    /* memory and threads */
    "munmap", "mremap", "madvise", "brk", "membarrier", "set_robust_list", "rseq", "sched_getaffinity", "sigaltstack", "rt_sigaction",
    "rt_sigprocmask", "rt_sigreturn", "gettid", "getpid", "getuid", "geteuid", "getgid", "getegid", "getrandom", "exit", "exit_group",
    "uname",
};
static const char *const network[] = {
    "bind", "listen", "accept4", "connect", "getsockname", "getpeername", "setsockopt", "getsockopt", "recvfrom",
    "sendto", "recvmsg", "sendmsg", "sendmmsg", "recvmmsg", "shutdown",
};

static void must(int r, const char *what)
{
    if (r == 0)
        return;
    fprintf(stderr, "filters_make: %s: error %d\n", what, -r);
    exit(1);
}

static void allow_all(scmp_filter_ctx c, const char *const *names, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int call = seccomp_syscall_resolve_name(names[i]);

        if (call != __NR_SCMP_ERROR)
            must(seccomp_rule_add(c, SCMP_ACT_ALLOW, call, 0), names[i]);
    }
}

static void allow_if(scmp_filter_ctx c, int call, struct scmp_arg_cmp condition)
{
    must(seccomp_rule_add_array(c, SCMP_ACT_ALLOW, call, 1, &condition), "a rule with a condition");
}

static void add_conditions(scmp_filter_ctx c)
{
    static const uint64_t terminal[] = { FIONBIO, FIONREAD, TCGETS, TIOCGWINSZ, FIOCLEX };
    static const uint64_t descriptor[] = { F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL };

    allow_if(c, SCMP_SYS(mmap), SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    allow_if(c, SCMP_SYS(mprotect), SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    allow_if(c, SCMP_SYS(clone), SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM));
    must(seccomp_rule_add(c, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0), "clone3");
    allow_if(c, SCMP_SYS(prlimit64), SCMP_A2_64(SCMP_CMP_EQ, 0, 0));
    allow_if(c, SCMP_SYS(socketpair), SCMP_A0_64(SCMP_CMP_EQ, AF_UNIX, 0)); /* the engine wakes itself by one */
    allow_if(c, SCMP_SYS(prctl), SCMP_A0_64(SCMP_CMP_EQ, PR_SET_NAME, 0));
    for (size_t i = 0; i < COUNT(terminal); i++)
        allow_if(c, SCMP_SYS(ioctl), SCMP_A1_64(SCMP_CMP_EQ, terminal[i], 0));
    for (size_t i = 0; i < COUNT(descriptor); i++)
        allow_if(c, SCMP_SYS(fcntl), SCMP_A1_64(SCMP_CMP_EQ, descriptor[i], 0));
}

static void add_network(scmp_filter_ctx c)
{
    allow_all(c, network, COUNT(network));
    allow_if(c, SCMP_SYS(socket), SCMP_A0_64(SCMP_CMP_EQ, AF_INET, 0));
    allow_if(c, SCMP_SYS(socket), SCMP_A0_64(SCMP_CMP_EQ, AF_INET6, 0));
}

static void print_code(scmp_filter_ctx c, const char *name)
{
    FILE *file = tmpfile();
    struct {
        uint16_t code;
        uint8_t jt, jf;
        uint32_t k;
    } op;
    unsigned n = 0;

    if (!file)
        must(-errno, "a temporary file");
    must(seccomp_export_bpf(c, fileno(file)), "compile");
    must(lseek(fileno(file), 0, SEEK_SET) < 0 ? -errno : 0, "read back");
    printf("static const struct sock_filter %s_code[] = {\n", name);
    for (; read(fileno(file), &op, sizeof(op)) == (ssize_t)sizeof(op); n++)
        printf("    { 0x%x, %u, %u, 0x%x },\n", op.code, op.jt, op.jf, op.k);
    printf("};\nconst struct filter filter_%s = { %s_code, %u };\n\n", name, name, n);
    (void)fclose(file);
}

static void make(const char *name, int with_network)
{
    scmp_filter_ctx c = seccomp_init(SCMP_ACT_ERRNO(EPERM));

    must(c ? 0 : -ENOMEM, "begin");
    must(seccomp_attr_set(c, SCMP_FLTATR_CTL_OPTIMIZE, 2), "ask for a tree");
    allow_all(c, common, COUNT(common));
    add_conditions(c);
    if (with_network)
        add_network(c);
    print_code(c, name);
    seccomp_release(c);
}

int main(int argc, char **argv)
{
    if (argc != 2 || !freopen(argv[1], "w", stdout)) {
        fprintf(stderr, "usage: filters_make FILE\n");
        return 2;
    }
    printf("/* Made by filters_make.c. */\n#include \"filters.h\"\n\n");
    make("core", 0);
    make("component", 1);
    return fflush(stdout) == 0 ? 0 : 1;
}
