/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Killing what is in a group, and only that.
 *
 * Version 2 has a file for it. In version 1 the members are listed by pid, and a pid may be given
 * to another process between reading and killing. So: read the list, open a pidfd, read the list
 * again, and send through the pidfd only if the pid is still listed. If the process we opened has
 * ended in between, the signal goes nowhere; if it lives, the second list says that it is a member.
 *
 * A frozen process dies only when thawed: groups in the freezer hierarchy are thawed first.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "cgroup_internal.h"

#define PROCS_BYTES (1 * MIB) /* some 130,000 pids; the next round takes the rest */
enum { DEPTH_MAX = 64 };

static int walk(int parent, const char *name, int depth, cgroup_walk_fn fn, void *user)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), r = 0;
    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    AUTO(closedir) DIR *dir = fdopendir(fd);
    if (!dir) {
        (void)close(fd);
        return -errno;
    }
    if (depth >= DEPTH_MAX)
        return -ELOOP;
    for (struct dirent *e; r == 0 && (e = readdir(dir));)
        if (e->d_type == DT_DIR && path_is_name(e->d_name))
            r = walk(fd, e->d_name, depth + 1, fn, user);
    return r == 0 ? fn(parent, name, user) : r;
}

int cgroup_walk(const char *dir, cgroup_walk_fn fn, void *user)
{
    return walk(AT_FDCWD, dir, 0, fn, user);
}

static bool lists(const char *procs, const char *pid)
{
    size_t len = strlen(pid);
    for (const char *p = procs; (p = strstr(p, pid)); p += len)
        if ((p == procs || p[-1] == '\n') && (p[len] == '\n' || p[len] == '\0'))
            return true;
    return false;
}

static int read_procs(int parent, const char *name, struct buf *ret)
{
    AUTO(free) char *file = xasprintf("%s/cgroup.procs", name);
    buf_clear(ret);
    return file_read(parent, file, ret, NULL);
}

static void kill_member(int parent, const char *name, const char *text, struct buf *again)
{
    int64_t pid;
    if (str_to_i64(text, 1, INT32_MAX, &pid) < 0 || pid == 1 || pid == getpid())
        return;
    AUTO(close) int pidfd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
    if (pidfd < 0 || read_procs(parent, name, again) < 0 || !lists(buf_str(again), text))
        return;
    effect("cgroup kill");
    (void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0); /* ended already is fine */
}

static int kill_members(int parent, const char *name, void *user)
{
    size_t *found = user;
    AUTO(buf_done) struct buf procs = BUF_INIT(PROCS_BYTES);
    AUTO(buf_done) struct buf again = BUF_INIT(PROCS_BYTES);
    int r = read_procs(parent, name, &procs);
    if (r < 0 && r != -E2BIG)
        return 0; /* gone, or not a group */
    AUTO(strv_free) char **pids = strv_split(buf_str(&procs), '\n');
    for (size_t i = 0; i < strv_len(pids); i++) {
        if (str_empty(pids[i]))
            continue;
        (*found)++;
        kill_member(parent, name, pids[i], &again);
    }
    return 0;
}

static int thaw(int parent, const char *name, void *user)
{
    (void)user;
    AUTO(free) char *file = xasprintf("%s/freezer.state", name);
    (void)file_write_value(parent, file, "THAWED", NULL); /* not there: nothing is frozen */
    return 0;
}

/* Children are visited before their parents; a parent's own state is what freezes it, so both get
 * thawed. */
int cgroup_kill_v1(const struct rt_cgroups *c, const char *path)
{
    size_t found = 0;
    for (size_t i = 0; i < c->len; i++) {
        AUTO(free) char *dir = cgroup_path_in(c, &c->items[i], path, NULL);
        if (c->items[i].controllers & CGROUP_FREEZER)
            (void)cgroup_walk(dir, thaw, NULL);
        (void)cgroup_walk(dir, kill_members, &found);
    }
    return found > 0;
}

static int count_populated(const struct rt_cgroups *c, const char *path)
{
    AUTO(buf_done) struct buf text = BUF_INIT(4 * KIB);
    AUTO(free) char *file = cgroup_path_in(c, &c->items[0], path, "cgroup.events");
    uint64_t populated = 0;
    if (file_read(AT_FDCWD, file, &text, NULL) < 0)
        return 0;
    (void)cgroup_usage_number(buf_str(&text), "populated", &populated);
    return populated > 0;
}

int cgroup_kill_v2(const struct rt_cgroups *c, const char *path)
{
    if (!count_populated(c, path))
        return 0;
    AUTO(free) char *file = cgroup_path_in(c, &c->items[0], path, "cgroup.kill");
    effect("cgroup kill");
    if (file_write_value(AT_FDCWD, file, "1", NULL) < 0) { /* kernels before 5.14 */
        size_t found = 0;
        AUTO(free) char *dir = cgroup_path_in(c, &c->items[0], path, NULL);
        (void)cgroup_walk(dir, kill_members, &found);
    }
    return 1;
}
