/* SPDX-License-Identifier: Apache-2.0 */
#include "group.h"

#include <errno.h>

#include "base/mem.h"
#include "base/str.h"
#include "rt/cgroup.h"
#include "rt/wasm.h"

enum { REMOVE_MS = 2000 };

static struct rt_resources limits_of(const struct oci_resources *r)
{
    return (struct rt_resources){ .cpu_shares = r->cpu.shares,
                                  .cpu_quota_us = r->cpu.quota,
                                  .cpu_period_us = r->cpu.period,
                                  .memory_bytes = r->memory.limit,
                                  .pids = r->pids.limit };
}

static int make(const char *path, const struct oci_resources *resources, struct group *ret, struct err *err)
{
    AUTO(rt_cgroups_free) struct rt_cgroups *all = NULL;
    const struct rt_cgroups_config config = { .prefix = NULL };
    const struct rt_resources limits = limits_of(resources);
    int r = rt_cgroups_open(&config, &all, err);

    if (r == 0)
        r = rt_cgroup_make(all, path, &limits, err);
    if (r == 0)
        ret->procs = rt_cgroup_procs_files(all, path);
    return r;
}

int group_make(const struct bundle *b, struct group *ret, const char **ret_made, struct err *err)
{
    const char *given = json_map_get(&b->config.annotations, WASM_BUNDLE_CGROUP_PROCS);
    const char *path = b->config.linux_.cgroups_path;

    *ret = (struct group){ .procs = given ? strv_split(given, ':') : NULL };
    if (given || str_empty(path))
        return 0;
    if (strchr(path, ':'))
        return err_set(err, -EOPNOTSUPP, "linux.cgroupsPath: \"%s\" is systemd's, which is not supported", path);
    *ret_made = path[0] == '/' ? path : arena_printf(b->arena, "/%s", path);
    return make(*ret_made, &b->config.linux_.resources, ret, err);
}

void group_remove(const char *made)
{
    AUTO(rt_cgroups_free) struct rt_cgroups *all = NULL;
    const struct rt_cgroups_config config = { .prefix = NULL };

    if (!str_empty(made) && rt_cgroups_open(&config, &all, NULL) == 0)
        (void)rt_cgroup_remove(all, made, REMOVE_MS, NULL); /* what is left is empty, and in nobody's way */
}
