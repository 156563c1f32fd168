/* SPDX-License-Identifier: Apache-2.0 */
/* Limits as files and values: two pure tables, one writer. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "base/effect.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cgroup_internal.h"

enum { SHARES_MIN = 2, SHARES_MAX = 262144, PERIOD_DEFAULT_US = 100000 };

uint64_t rt_cgroup_weight_from_shares(uint64_t shares)
{
    if (shares < SHARES_MIN)
        shares = SHARES_MIN;
    if (shares > SHARES_MAX)
        shares = SHARES_MAX;
    return 1 + (shares - SHARES_MIN) * 9999 / (SHARES_MAX - SHARES_MIN);
}

static void set(struct cgroup_setting *ret, size_t *len, unsigned controller, const char *file,
                const char *unlimited, int64_t value)
{
    if (value == 0)
        return;
    struct cgroup_setting *s = &ret[(*len)++];
    s->controller = controller;
    s->file = file;
    if (value < 0)
        (void)snprintf(s->value, sizeof(s->value), "%s", unlimited);
    else
        (void)snprintf(s->value, sizeof(s->value), "%" PRId64, value);
}

size_t cgroup_limits_v1(const struct rt_resources *l,
                        struct cgroup_setting ret[CGROUP_SETTINGS_MAX])
{
    size_t len = 0;
    set(ret, &len, CGROUP_CPU, "cpu.shares", "", (int64_t)l->cpu_shares);
    set(ret, &len, CGROUP_CPU, "cpu.cfs_period_us", "", (int64_t)l->cpu_period_us);
    set(ret, &len, CGROUP_CPU, "cpu.cfs_quota_us", "-1", l->cpu_quota_us);
    set(ret, &len, CGROUP_MEMORY, "memory.limit_in_bytes", "-1", l->memory_bytes);
    set(ret, &len, CGROUP_PIDS, "pids.max", "max", l->pids);
    return len;
}

/* A period without a quota is no limit: it is written with its quota or not at all. */
size_t cgroup_limits_v2(const struct rt_resources *l,
                        struct cgroup_setting ret[CGROUP_SETTINGS_MAX])
{
    size_t len = 0;
    if (l->cpu_shares)
        set(ret, &len, CGROUP_CPU, "cpu.weight", "",
            (int64_t)rt_cgroup_weight_from_shares(l->cpu_shares));
    if (l->cpu_quota_us) {
        uint64_t period_us = l->cpu_period_us ? l->cpu_period_us : PERIOD_DEFAULT_US;
        struct cgroup_setting *s = &ret[len];
        set(ret, &len, CGROUP_CPU, "cpu.max", "max", l->cpu_quota_us);
        size_t used = strlen(s->value);
        (void)snprintf(s->value + used, sizeof(s->value) - used, " %" PRIu64, period_us);
    }
    set(ret, &len, CGROUP_MEMORY, "memory.max", "max", l->memory_bytes);
    set(ret, &len, CGROUP_PIDS, "pids.max", "max", l->pids);
    return len;
}

static int write_setting(const struct rt_cgroups *c, const char *path,
                         const struct cgroup_setting *s, struct err *err)
{
    const struct cgroup_hierarchy *h = cgroup_hierarchy_of(c, s->controller);
    if (!h)
        return 0; /* the kernel has no such controller: nobody can set this limit here */
    AUTO(free) char *file = cgroup_path_in(c, h, path, s->file);
    effect("cgroup limit");
    int r = file_write_value(AT_FDCWD, file, s->value, err);
    return r < 0 ? err_wrap(err, "set %s of cgroup %s to %s", s->file, path, s->value) : 0;
}

/* A limit on memory and swap together (runtimes set it to that on memory, so that nothing is
 * swapped) must not be below the one on memory: it is raised first. */
static int raise_with_swap(const struct rt_cgroups *c, const char *path,
                           const struct cgroup_setting *memory, struct err *err)
{
    struct cgroup_setting both = *memory;
    both.file = "memory.memsw.limit_in_bytes";
    int r = write_setting(c, path, &both, err);
    return r < 0 ? r : write_setting(c, path, memory, err);
}

/* The kernel compares quota and period with those of parents and children after each single write,
 * so that the way from one good pair to another may lead over a bad one: then the other order is
 * good. */
int cgroup_limits_write(const struct rt_cgroups *c, const char *path,
                        const struct rt_resources *limits, struct err *err)
{
    struct cgroup_setting settings[CGROUP_SETTINGS_MAX];
    size_t len = c->version->limits(limits, settings);
    for (size_t i = 0; i < len; i++) {
        int r = write_setting(c, path, &settings[i], err);
        bool pair = r == -EINVAL && i + 1 < len && str_eq(settings[i].file, "cpu.cfs_period_us") &&
                    str_eq(settings[i + 1].file, "cpu.cfs_quota_us");
        if (pair) {
            r = write_setting(c, path, &settings[i + 1], err);
            if (r == 0)
                r = write_setting(c, path, &settings[i], err);
            i++;
        }
        if (r == -EINVAL && str_eq(settings[i].file, "memory.limit_in_bytes"))
            r = raise_with_swap(c, path, &settings[i], err);
        if (r < 0)
            return r;
    }
    err_clear(err);
    return 0;
}
