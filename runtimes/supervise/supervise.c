/* SPDX-License-Identifier: Apache-2.0 */
#include "rt/supervise.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/effect.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "calls.h"

struct rt_supervisor *calls_supervisor(struct rt_containers *cs)
{
    return container_of(cs, struct rt_supervisor, containers);
}

struct container *calls_find(struct rt_supervisor *s, const char *id)
{
    return map_get(&s->by_id, id);
}

const struct rt_bundler *supervisor_bundler(const struct rt_supervisor *s, const char *runtime)
{
    for (size_t i = 0; i + 1 < s->bundlers_len; i++)
        if (s->bundlers[i].runtime && str_eq(s->bundlers[i].runtime, runtime))
            return &s->bundlers[i];
    return &s->bundlers[s->bundlers_len - 1];
}

static const struct rt_containers_ops ops = {
    .name = "oarsman",
    .create = create_call,
    .start = start_call,
    .stop = stop_call,
    .remove = remove_call,
    .status = status_call,
    .list = list_call,
    .update_resources = update_resources_call,
    .reopen_log = reopen_log_call,
    .stats = stats_call,
};

static int make_folders(struct rt_supervisor *s, struct err *err)
{
    const char *const dirs[] = { s->run_dir, s->containers_dir, s->exits_dir, s->state_dir };

    for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
        int r = path_mkdirs(dirs[i], 0700, err);

        if (r < 0)
            return r;
    }
    return 0;
}

static int make_conmon_group(struct rt_supervisor *s, const char *path, struct err *err)
{
    int r;

    if (!path || !s->cgroups)
        return 0;
    effect("conmon group");
    r = rt_cgroup_make(s->cgroups, path, NULL, err);
    if (r == 0)
        s->conmon_joins = rt_cgroup_join_files(s->cgroups, path, RT_CGROUP_JOIN_V1);
    if (r == 0)
        s->conmon_moves = rt_cgroup_join_files(s->cgroups, path, RT_CGROUP_JOIN_V2);
    return r;
}

static struct rt_supervisor *copy_config(struct loop *loop, const struct rt_supervise_config *config)
{
    struct rt_supervisor *s = NEW(struct rt_supervisor);

    s->loop = loop;
    s->ops = ops;
    s->ops.name = s->name = xstrdup(config->name);
    s->containers.ops = &s->ops;
    s->run_dir = xstrdup(config->run_dir);
    s->containers_dir = xasprintf("%s/containers", config->run_dir);
    s->exits_dir = xasprintf("%s/exits", config->run_dir);
    s->state_dir = xasprintf("%s/state", config->run_dir);
    s->conmon = xstrdup(config->conmon);
    s->runtime = xstrdup(config->runtime);
    s->cgroup_prefix = xstrdup(str_or(config->cgroup_prefix, ""));
    s->runtime_args = config->runtime_args ? strv_copy(config->runtime_args) : strv_new();
    s->mount_ns_fd = config->mount_ns_fd;
    s->cgroups = config->cgroups;
    s->sandboxes = config->sandboxes;
    s->bundlers = xcalloc(config->bundlers_len, sizeof(*s->bundlers));
    memcpy(s->bundlers, config->bundlers, config->bundlers_len * sizeof(*s->bundlers));
    s->bundlers_len = config->bundlers_len;
    s->exits_fd = -1;
    return s;
}

int rt_supervisor_new(struct loop *loop, const struct rt_supervise_config *config, struct rt_supervisor **ret,
                      struct err *err)
{
    struct rt_supervisor *s = copy_config(loop, config);
    int r = make_folders(s, err);

    if (r == 0)
        r = make_conmon_group(s, config->conmon_cgroup, err);
    if (r == 0)
        r = exits_watch(s, err); /* before looking, so that no exit falls between */
    if (r == 0)
        r = adopt_all(s, err);
    if (r < 0) {
        rt_supervisor_free(s);
        return r;
    }
    *ret = s;
    return 0;
}

struct rt_supervisor *rt_supervisor_free(struct rt_supervisor *s)
{
    const char *id;
    void *value;

    if (!s)
        return NULL;
    exits_unwatch(s);
    for (size_t i = 0; map_next(&s->by_id, &i, &id, &value);) {
        container_drop(value);
        container_free_if_unused(value);
    }
    map_done(&s->by_id);
    map_done(&s->by_identity);
    if (s->mount_ns_fd > 0)
        (void)close(s->mount_ns_fd);
    free(s->name);
    free(s->run_dir);
    free(s->containers_dir);
    free(s->exits_dir);
    free(s->state_dir);
    free(s->conmon);
    free(s->runtime);
    free(s->bundlers);
    free(s->cgroup_prefix);
    strv_free(s->runtime_args);
    strv_free(s->conmon_joins);
    strv_free(s->conmon_moves);
    free(s);
    return NULL;
}

struct rt_containers *rt_supervisor_containers(struct rt_supervisor *s)
{
    return &s->containers;
}

void rt_supervisor_set_events(struct rt_supervisor *s, rt_event_fn fn, void *user)
{
    s->event_fn = fn;
    s->event_user = user;
}
