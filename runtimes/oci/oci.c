/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "backend.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "mount_view.h"
#include "pinned.h"

#define BACKEND_NAME "oarsman"

static struct oci *of(struct rt_runtime *rt)
{
    return container_of(rt, struct oci, runtime);
}

static struct rt_health health(struct rt_runtime *rt)
{
    struct oci *oci = of(rt);
    struct rt_health h = { .runtime_ready = true, .network_ready = true };

    if (access(oci->found.conmon, X_OK) < 0 || access(oci->found.runtime, X_OK) < 0) {
        h.runtime_ready = false;
        h.runtime_message = "conmon or the OCI runtime is not installed any more";
    }
    if (oci->network) {
        struct rt_network_health n = rt_network_health(oci->network);

        h.network_ready = n.ready;
        h.network_message = n.message;
    }
    return h;
}

static void set_events(struct rt_runtime *rt, rt_event_fn fn, void *user)
{
    rt_supervisor_set_events(of(rt)->supervisor, fn, user);
    rt_sandboxes_set_events(of(rt)->sandboxes, fn, user);
}

static void oci_free(struct oci *oci)
{
    rt_supervisor_free(oci->supervisor);
    bundle_warm_up_cancel(oci);
    discovered_done(&oci->found);
    free(oci->found_text);
    for (size_t i = 0; i < oci->filters_len; i++)
        free(oci->filters[i].data);
    for (size_t i = 0; i < oci->handlers_len; i++)
        free((char *)(uintptr_t)oci->handlers[i].name);
    free(oci->handlers);
    free(oci->state_dir);
    free(oci);
}

static void runtime_free(struct rt_runtime *rt)
{
    if (rt)
        oci_free(of(rt));
}

/* ---- start ---- */

static bool limits_swap(int cgroup_version)
{
    return cgroup_version == 2 || path_exists("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes");
}

static int start_supervisor(struct oci *oci, const struct rt_oci_config *config, struct err *err)
{
    AUTO(free) char *runtime = NULL;
    const struct rt_bundler ours = { .user = oci, .in_mount_ns = true, .prepare = bundle_prepare, .make = bundle_make, .free = bundle_free,
                                     .unmake = bundle_unmake };
    const struct rt_bundler bundlers[] = { config->other ? *config->other : ours, ours };
    struct rt_supervise_config supervise = {
        .name = BACKEND_NAME,
        .run_dir = config->run_dir,
        .conmon = oci->found.conmon,
        .cgroup_prefix = config->cgroup_prefix,
        .conmon_cgroup = config->conmon_cgroup,
        .cgroups = config->cgroups,
        .sandboxes = config->sandboxes,
        .bundlers = bundlers,
        .bundlers_len = config->other ? 2 : 1,
    };
    int r = 0;

    if (str_eq(oci->found.name, "crun"))
        r = pinned_program(config->run_dir, oci->found.runtime, &runtime, err);
    supervise.runtime = str_or(runtime, oci->found.runtime);
    if (r == 0 && str_eq(oci->found.name, "crun") && mount_view_needed())
        r = mount_view_new(&supervise.mount_ns_fd, err);
    return r < 0 ? r : rt_supervisor_new(oci->loop, &supervise, &oci->supervisor, err);
}

static int start(struct oci *oci, const struct rt_oci_config *config, struct err *err)
{
    AUTO(free) char *layers = xasprintf("%s/containers", config->state_dir);
    int r = discover(config->conmon, config->runtime, &oci->found, err);

    if (r == 0)
        r = own_power_read(&oci->own, err);
    if (r == 0)
        r = path_mkdirs(layers, 0700, err);
    if (r == 0)
        r = start_supervisor(oci, config, err);
    return r;
}

static void add_handler(struct oci *oci, const char *name, bool wasm)
{
    oci->handlers[oci->handlers_len++] =
        (struct rt_handler){ .name = xstrdup(name), .recursive_readonly_mounts = true, .wasm = wasm };
}

static void fill_handlers(struct oci *oci, const char *const *others)
{
    size_t others_len = strv_len((char *const *)(uintptr_t)others);

    oci->handlers = xcalloc(2 + others_len, sizeof(*oci->handlers));
    add_handler(oci, "", false);
    add_handler(oci, oci->found.name, false);
    for (size_t i = 0; i < others_len; i++)
        add_handler(oci, others[i], true);
}

static void fill_runtime(struct oci *oci, const struct rt_oci_config *config)
{
    fill_handlers(oci, config->other ? config->other_handlers : NULL);
    oci->runtime = (struct rt_runtime){
        .name = BACKEND_NAME,
        .version = OARSMAN_VERSION,
        .images = config->images,
        .sandboxes = config->sandboxes,
        .containers = rt_supervisor_containers(oci->supervisor),
        .handlers = oci->handlers,
        .handlers_len = oci->handlers_len,
        .health = health,
        .set_events = set_events,
        .free = runtime_free,
    };
}

int rt_oci_new(struct loop *loop, const struct rt_oci_config *config, struct rt_runtime **ret, struct err *err)
{
    struct oci *oci = NEW(struct oci);
    int r;

    oci->loop = loop;
    oci->state_dir = xstrdup(config->state_dir);
    oci->cgroup_version = config->cgroups ? rt_cgroups_version(config->cgroups) : 1;
    oci->swap_limit = limits_swap(oci->cgroup_version);
    oci->sandboxes = config->sandboxes;
    oci->network = config->network;
    oci->source = config->source;
    oci->warn = config->warn;
    oci->warn_user = config->warn_user;
    r = start(oci, config, err);
    if (r < 0) {
        oci_free(oci);
        return r;
    }
    oci->found_text = xasprintf("%s %s, conmon %s", oci->found.name, oci->found.version, oci->found.conmon_version);
    fill_runtime(oci, config);
    bundle_warm_up(oci);
    *ret = &oci->runtime;
    return 0;
}

const char *rt_oci_found(const struct rt_runtime *rt)
{
    return ((const struct oci *)(const void *)rt)->found_text; /* its first member */
}
