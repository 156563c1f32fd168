/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking a group away with all below it, in every hierarchy: ours, those an OCI runtime has made
 * beside them, and the hybrid's version 2. A directory goes away when its last process is gone,
 * which the kernel may notice a little later than we do: so kill, try, wait, again, until the time
 * is over.
 */
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/effect.h"
#include "base/mem.h"
#include "cgroup_internal.h"

enum { PAUSE_FIRST_US = 200, PAUSE_MAX_US = 20000 };

static void pause_us(long us)
{
    struct timespec t = { .tv_sec = 0, .tv_nsec = us * 1000 };
    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
}

static int remove_dir(int parent, const char *name, void *user)
{
    bool *busy = user;
    effect("cgroup rmdir");
    if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
        return 0;
    if (errno != EBUSY && errno != ENOTEMPTY)
        return -errno;
    *busy = true;
    return 0;
}

static int remove_everywhere(const struct rt_cgroups *c, const char *path, bool *ret_busy)
{
    int first = 0;
    *ret_busy = false;
    for (size_t i = 0; i < c->len; i++) {
        AUTO(free) char *dir = cgroup_path_in(c, &c->items[i], path, NULL);
        int r = cgroup_walk(dir, remove_dir, ret_busy);
        if (r < 0 && first == 0)
            first = r;
    }
    return first;
}

/* Runs step until it says that nothing is left (0), fails, or the time is over. */
static int repeat(const struct rt_cgroups *c, const char *path, int64_t timeout_ms,
                  int (*step)(const struct rt_cgroups *c, const char *path), struct err *err)
{
    int64_t end_ms = clock_boot_ms() + timeout_ms;
    long us = PAUSE_FIRST_US;
    for (;;) {
        int r = step(c, path);
        if (r == 0)
            return 0;
        if (r < 0)
            return err_errno(err, -r, "remove cgroup %s", path);
        if (clock_boot_ms() >= end_ms)
            return err_set(err, -ETIMEDOUT, "cgroup %s: processes in it do not end", path);
        pause_us(us);
        us = us * 2 > PAUSE_MAX_US ? PAUSE_MAX_US : us * 2;
    }
}

static int step_kill(const struct rt_cgroups *c, const char *path)
{
    return c->version->kill(c, path);
}

static int step_remove(const struct rt_cgroups *c, const char *path)
{
    bool busy;
    int r = remove_everywhere(c, path, &busy);
    if (r < 0 || !busy)
        return r;
    (void)c->version->kill(c, path);
    return 1;
}

int rt_cgroup_kill(const struct rt_cgroups *c, const char *path, int64_t timeout_ms,
                   struct err *err)
{
    int r = cgroup_path_check(path, err);
    return r < 0 ? r : repeat(c, path, timeout_ms, step_kill, err);
}

int rt_cgroup_remove(const struct rt_cgroups *c, const char *path, int64_t timeout_ms,
                     struct err *err)
{
    int r = cgroup_path_check(path, err);
    if (r < 0)
        return r;
    if (!cgroup_record_has(c, path)) {
        if (!rt_cgroup_exists(c, path))
            return 0;
        return err_set(err, -EPERM, "cgroup %s was not made by this node agent: it is left alone",
                       path);
    }
    r = repeat(c, path, timeout_ms, step_remove, err);
    return r < 0 ? r : cgroup_record_drop(c, path, err);
}
