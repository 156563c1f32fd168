/* SPDX-License-Identifier: Apache-2.0 */
#include "group.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "rt/cgroup.h"
#include "rt/wasm.h"

#undef fork /* the child goes on in this very program, and executes nothing */

enum { REMOVE_MS = 2000 };

static struct rt_resources limits_of(const struct oci_resources *r)
{
    return (struct rt_resources){ .cpu_shares = r->cpu.shares,
                                  .cpu_quota_us = r->cpu.quota,
                                  .cpu_period_us = r->cpu.period,
                                  .memory_bytes = r->memory.limit,
                                  .pids = r->pids.limit };
}

int group_path(const struct bundle *b, const char **ret, struct err *err)
{
    const char *path = b->config.linux_.cgroups_path;

    *ret = NULL;
    if (json_map_get(&b->config.annotations, WASM_BUNDLE_CGROUP_PROCS) || str_empty(path))
        return 0;
    if (strchr(path, ':'))
        return err_set(err, -EOPNOTSUPP, "linux.cgroupsPath: \"%s\" is systemd's, which is not supported", path);
    *ret = path[0] == '/' ? path : arena_printf(b->arena, "/%s", path);
    return *ret ? 0 : err_set(err, -E2BIG, "linux.cgroupsPath: too long");
}

/* What is in a group ends with the container, so none is taken that somebody else is in. */
static int check_free(const struct rt_cgroups *all, const char *path, struct err *err)
{
    struct rt_cgroup_usage usage;

    if (rt_cgroup_exists(all, path) && rt_cgroup_usage(all, path, &usage, NULL) == 0 && usage.pids > 0)
        return err_set(err, -EEXIST, "linux.cgroupsPath: there are processes in %s", path);
    return 0;
}

int group_make(const struct bundle *b, const char *path, struct group *ret, struct err *err)
{
    const char *given = json_map_get(&b->config.annotations, WASM_BUNDLE_CGROUP_PROCS);
    AUTO(rt_cgroups_free) struct rt_cgroups *all = NULL;
    const struct rt_cgroups_config config = { .prefix = NULL };
    const struct rt_resources limits = limits_of(&b->config.linux_.resources);
    int r;

    *ret = (struct group){ .files = given ? strv_split(given, ':') : NULL };
    if (!path)
        return 0;
    r = rt_cgroups_open(&config, &all, err);
    if (r == 0)
        r = check_free(all, path, err);
    if (r == 0)
        r = rt_cgroup_make(all, path, &limits, err);
    if (r == 0)
        ret->files = rt_cgroup_join_files(all, path, RT_CGROUP_JOIN_ALL);
    return r;
}

/* The folder of that file, if it is one of version 2. */
static int open_v2(const char *file)
{
    const char *slash = str_has_suffix(file, "/cgroup.procs") ? strrchr(file, '/') : NULL;
    AUTO(free) char *dir = slash ? xstrndup(file, (size_t)(slash - file)) : NULL;
    AUTO(close) int fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
    struct statfs fs;

    return fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC ? TAKE_FD(fd) : -1;
}

/* A child of the kernel's alone: what libc keeps of its thread's number is the parent's, which it looks up where it needs
 * the right one. -1: it cannot be had in that way. */
static pid_t fork_into(int dir_fd)
{
    struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)dir_fd };

    return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

pid_t group_fork(struct group *g)
{
    for (char **file = g->files; file && *file; file++) {
        AUTO(close) int dir_fd = open_v2(*file);
        pid_t pid = dir_fd >= 0 ? fork_into(dir_fd) : -1;

        if (pid == 0)
            g->born_in = *file;
        if (pid >= 0)
            return pid;
    }
    return fork();
}

static int join(const char *path, struct err *err)
{
    AUTO(close) int fd = open(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    struct statfs fs;

    if (fd < 0 || fstatfs(fd, &fs) < 0)
        return err_errno(err, errno, "join the group: %s", path);
    if (fs.f_type != CGROUP_SUPER_MAGIC && fs.f_type != CGROUP2_SUPER_MAGIC)
        return err_set(err, -EINVAL, "join the group: %s is no file of a control group", path);
    return write(fd, "0", 1) != 1 ? err_errno(err, errno, "join the group: %s", path) : 0;
}

int group_join(const struct group *g, struct err *err)
{
    for (char **file = g->files; file && *file; file++)
        if (*file != g->born_in && join(*file, err) < 0)
            return err->code;
    return 0;
}

void group_remove(const char *made)
{
    AUTO(rt_cgroups_free) struct rt_cgroups *all = NULL;
    const struct rt_cgroups_config config = { .prefix = NULL };

    if (!str_empty(made) && rt_cgroups_open(&config, &all, NULL) == 0)
        (void)rt_cgroup_remove(all, made, REMOVE_MS, NULL); /* what is left is empty, and in nobody's way */
}
