/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc_child.c - from clone to exec: the only file whose code runs in a child that will be another
 * program.
 *
 * The child shares our memory (proc_clone.c), so it reports what failed by writing it into the
 * plan. The price are rules for everything below child_main(): no allocation, no stdio, no lock,
 * nothing of libc that keeps state; credentials by raw system calls, because libc's would change
 * those of our threads.
 */
#include "proc_child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

/* Handlers are ours, not the child's; ignored signals (SIGPIPE) would stay ignored through the
 * exec. The kernel's own call, because libc's (and a sanitizer's above it) may keep books in the
 * memory that we share. */
static int step_signals(struct proc_plan *plan)
{
    static const uint64_t standard[8]; /* a kernel's struct sigaction: SIG_DFL, no flags, no mask */
    const uint64_t none = 0;

    (void)plan;
    for (int signum = 1; signum < _NSIG; signum++) /* KILL and STOP refuse, and need none */
        (void)syscall(SYS_rt_sigaction, signum, standard, NULL, sizeof(none));
    return (int)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none));
}

static int step_session(struct proc_plan *plan)
{
    return plan->spec->new_session && setsid() < 0 ? -1 : 0;
}

static int step_cgroup(struct proc_plan *plan)
{
    const char *const *paths = plan->spec->cgroup_procs;

    for (size_t i = 0; paths && paths[i]; i++) {
        int fd = open(paths[i], O_WRONLY | O_CLOEXEC);

        plan->failed_index = i;
        if (fd < 0 || write(fd, "0", 1) != 1)
            return -1;
        (void)close(fd);
    }
    return 0;
}

static int step_net_ns(struct proc_plan *plan)
{
    return plan->spec->net_ns_fd > 0 ? setns(plan->spec->net_ns_fd, CLONE_NEWNET) : 0;
}

static int step_mount_ns(struct proc_plan *plan)
{
    return plan->spec->mount_ns_fd > 0 ? setns(plan->spec->mount_ns_fd, CLONE_NEWNS) : 0;
}

/* Two rounds: first every source that lies among the targets moves above them, then each goes to
 * its place. What lies between and beyond the targets is closed. */
static int step_fds(struct proc_plan *plan)
{
    int above = plan->fds[plan->fds_len - 1].child_fd + 1;
    unsigned next = 0;

    for (size_t i = 0; i < plan->fds_len; i++) {
        struct proc_plan_fd *fd = &plan->fds[i];

        plan->failed_index = i;
        if (fd->from < above)
            fd->from = fcntl(fd->from, F_DUPFD_CLOEXEC, above);
        if (fd->from < 0)
            return -1;
    }
    for (size_t i = 0; i < plan->fds_len; i++) {
        unsigned target = (unsigned)plan->fds[i].child_fd;

        plan->failed_index = i;
        if (dup2(plan->fds[i].from, (int)target) < 0)
            return -1;
        if (target > next && syscall(SYS_close_range, next, target - 1, 0) < 0)
            return -1;
        next = target + 1;
    }
    return (int)syscall(SYS_close_range, next, ~0u, 0);
}

static int step_cwd(struct proc_plan *plan)
{
    return chdir(plan->spec->cwd ? plan->spec->cwd : "/");
}

static int step_limits(struct proc_plan *plan)
{
    for (size_t i = 0; i < plan->limits_len; i++) {
        if (setrlimit(plan->limits[i].resource, &plan->limits[i].value) < 0)
            return -1;
    }
    return 0;
}

/* Needs CAP_SETPCAP, so it comes before the ids change. Without that capability there is nothing to
 * drop but what no_new_privs keeps from being gained. */
static int step_bounding_set(struct proc_plan *plan)
{
    if (!plan->spec->drop_all_caps)
        return 0;
    for (int cap = 0; cap <= plan->last_cap; cap++) {
        if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno != EPERM && errno != EINVAL)
            return -1;
    }
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return 0;
}

static int step_ids(struct proc_plan *plan)
{
    uid_t uid = plan->spec->uid;
    gid_t gid = plan->spec->gid;

    if (!plan->spec->set_ids)
        return 0;
    if (syscall(SYS_setgroups, 0, NULL) < 0 || syscall(SYS_setresgid, gid, gid, gid) < 0)
        return -1;
    return (int)syscall(SYS_setresuid, uid, uid, uid);
}

static int step_caps(struct proc_plan *plan)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];

    if (!plan->spec->drop_all_caps)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        none[i] = (struct __user_cap_data_struct){ .effective = 0 };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    return (int)syscall(SYS_capset, &header, none);
}

/* After the ids, whose change clears it. A parent that died before is seen by its pid. */
static int step_death_signal(struct proc_plan *plan)
{
    if (!plan->spec->death_signal)
        return 0;
    if (prctl(PR_SET_PDEATHSIG, plan->spec->death_signal, 0, 0, 0) < 0)
        return -1;
    if (getppid() != plan->parent) {
        errno = ESRCH;
        return -1;
    }
    return 0;
}

static int step_exec(struct proc_plan *plan)
{
    return execve(plan->path, (char *const *)plan->argv, (char *const *)plan->env);
}

static const struct {
    int (*run)(struct proc_plan *plan);
    const char *name;
} steps[PROC_STEP_NR] = {
    [PROC_STEP_SIGNALS] = { step_signals, "reset signals" },
    [PROC_STEP_SESSION] = { step_session, "new session" },
    [PROC_STEP_CGROUP] = { step_cgroup, "join cgroup" },
    [PROC_STEP_NET_NS] = { step_net_ns, "enter network namespace" },
    [PROC_STEP_MOUNT_NS] = { step_mount_ns, "enter mount namespace" },
    [PROC_STEP_FDS] = { step_fds, "pass descriptors" },
    [PROC_STEP_CWD] = { step_cwd, "change to its folder" },
    [PROC_STEP_LIMITS] = { step_limits, "set resource limits" },
    [PROC_STEP_BOUNDING_SET] = { step_bounding_set, "drop the bounding set" },
    [PROC_STEP_IDS] = { step_ids, "change user and group" },
    [PROC_STEP_CAPS] = { step_caps, "drop capabilities" },
    [PROC_STEP_DEATH_SIGNAL] = { step_death_signal, "set the death signal" },
    [PROC_STEP_EXEC] = { step_exec, "execute" },
};

static int child_main(void *arg)
{
    struct proc_plan *plan = (struct proc_plan *)arg;

    for (enum proc_step step = 0; step < PROC_STEP_NR; step++) {
        if (steps[step].run(plan) < 0) {
            plan->failed_errno = errno;
            plan->failed_step = step;
            break;
        }
    }
    _exit(127);
}

struct orphan {
    struct proc_plan *plan;
    pid_t pid;
    int pidfd;
    int clone_errno;
};

/* The parent between: it shares our descriptors, so that the pidfd lands in our table, and ends at
 * once. */
static int orphan_parent(void *arg)
{
    struct orphan *o = (struct orphan *)arg;

    o->pid = proc_clone(child_main, o->plan, 0, &o->pidfd);
    if (o->pid < 0)
        o->clone_errno = errno;
    _exit(0);
}

static int report(const struct proc_plan *plan, struct err *err)
{
    enum proc_step step = plan->failed_step;

    if (step == PROC_STEP_CGROUP)
        return err_errno(err, plan->failed_errno, "%s: %s %s", plan->path, steps[step].name,
                         plan->spec->cgroup_procs[plan->failed_index]);
    if (step == PROC_STEP_FDS)
        return err_errno(err, plan->failed_errno, "%s: %s (number %d)", plan->path,
                         steps[step].name, plan->fds[plan->failed_index].child_fd);
    if (step == PROC_STEP_CWD)
        return err_errno(err, plan->failed_errno, "%s: %s %s", plan->path, steps[step].name,
                         plan->spec->cwd ? plan->spec->cwd : "/");
    return err_errno(err, plan->failed_errno, "%s: %s", plan->path, steps[step].name);
}

int proc_child_start(struct proc_plan *plan, pid_t *ret_pid, int *ret_pidfd, struct err *err)
{
    int pidfd = -1;
    pid_t pid = proc_clone(child_main, plan, 0, &pidfd);

    if (pid < 0)
        return err_errno(err, errno, "%s: clone", plan->path);
    if (plan->failed_errno) {
        proc_wait_gone(pidfd);
        return report(plan, err);
    }
    *ret_pid = pid;
    *ret_pidfd = pidfd;
    return 0;
}

int proc_child_start_orphan(struct proc_plan *plan, pid_t *ret_pid, int *ret_pidfd, struct err *err)
{
    struct orphan orphan = { .plan = plan, .pid = -1, .pidfd = -1 };
    int between_fd = -1;

    if (proc_clone(orphan_parent, &orphan, CLONE_FILES, &between_fd) < 0)
        return err_errno(err, errno, "%s: clone", plan->path);
    proc_wait_gone(between_fd);
    if (orphan.pid < 0)
        return err_errno(err, orphan.clone_errno, "%s: clone", plan->path);
    if (plan->failed_errno) {
        (void)close(orphan.pidfd);
        return report(plan, err);
    }
    *ret_pid = orphan.pid;
    *ret_pidfd = orphan.pidfd;
    return 0;
}
