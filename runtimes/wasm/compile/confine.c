/* SPDX-License-Identifier: Apache-2.0 */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "filter.h"
#include "syscalls/sanitized.h"

enum { NOBODY = 65534, FIRST_FD = 3 };

static void close_others(int keep_fd)
{
    if (keep_fd < FIRST_FD) {
        (void)syscall(SYS_close_range, FIRST_FD, ~0U, 0);
        return;
    }
    if (keep_fd > FIRST_FD)
        (void)syscall(SYS_close_range, FIRST_FD, keep_fd - 1, 0);
    (void)syscall(SYS_close_range, keep_fd + 1, ~0U, 0);
}

static void set_limits(uint64_t memory_max_bytes)
{
    const struct {
        int what;
        rlim_t max;
    } limits[] = { { RLIMIT_CORE, 0 },
                   { RLIMIT_NOFILE, 64 },
                   { RLIMIT_FSIZE, LIMIT_WASM_ARTIFACT_BYTES },
                   { RLIMIT_DATA, memory_max_bytes && !SANITIZED ? memory_max_bytes : RLIM_INFINITY } };
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        struct rlimit r = { limits[i].max, limits[i].max };
        (void)setrlimit(limits[i].what, &r); /* a lower hard limit is as good */
    }
    (void)signal(SIGXFSZ, SIG_IGN); /* too large a file is an error of write() */
}

/* A machine that runs out of memory ends this first. */
static void be_the_first_victim(void)
{
    static const char most[] = "1000";
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return; /* no /proc, no score */
    (void)!write(fd, most, sizeof(most) - 1);
    (void)close(fd);
}

/* An empty file system over a directory that is there everywhere, and that as the only one. */
static int enter_nowhere(struct err *err)
{
    static const char place[] = "/proc";
    if (unshare(CLONE_NEWNS) < 0)
        return err_errno(err, errno, "a mount namespace of its own");
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return err_errno(err, errno, "making mounts private");
    if (mount("none", place, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k,mode=0555") < 0)
        return err_errno(err, errno, "an empty file system");
    if (chdir(place) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
        return err_errno(err, errno, "leaving the old root");
    return 0;
}

static int become_nobody(struct err *err)
{
    for (unsigned cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
        if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
            return err_errno(err, errno, "dropping capability %u", cap);
    if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 || setresuid(NOBODY, NOBODY, NOBODY) < 0)
        return err_errno(err, errno, "becoming nobody");
    return 0;
}

static int drop_privileges(struct err *err)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2] = { { .effective = 0 } };
    if (syscall(SYS_capset, &header, data) < 0)
        return err_errno(err, errno, "dropping capabilities");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return err_errno(err, errno, "no_new_privs");
    return 0;
}

int confine(uint64_t memory_max_bytes, int keep_fd, struct err *err)
{
    int rc = 0;
    close_others(keep_fd);
    set_limits(memory_max_bytes);
    be_the_first_victim();
    if (geteuid() == 0)
        rc = enter_nowhere(err);
    if (rc == 0 && geteuid() == 0)
        rc = become_nobody(err);
    if (rc == 0)
        rc = drop_privileges(err);
    if (rc == 0)
        rc = filter_install(err);
    return rc < 0 ? err_wrap(err, "confining the compiler") : 0;
}
