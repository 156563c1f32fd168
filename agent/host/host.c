/* SPDX-License-Identifier: Apache-2.0 */
#include "host/host.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "pull_gate.h"
#include "rt/cgroup.h"
#include "rt/image.h"
#include "rt/network.h"
#include "rt/oci.h"
#include "rt/run_dir.h"
#include "rt/sandbox.h"
#include "wasm.h"

struct host {
    struct config_warn warn;
    char *run_dir, *root_dir, *cgroup_prefix;
    bool root_shared; /* we have made mounts below root_dir shared */
    struct rt_images *images;
    struct pull_gate *gate;
    struct rt_cgroups *cgroups;
    struct rt_network *network;
    struct rt_sandboxes *sandboxes;
    struct rt_runtime *runtime;
    struct host_wasm *wasm; /* NULL: this node does not run any */
};

char *host_program(const char *name)
{
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

    self[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(self, '/');
    return slash ? xasprintf("%.*s/%s", (int)(slash - self), self, name) : xstrdup(name);
}

static struct rt_strings strings_of(char **v)
{
    return (struct rt_strings){ .items = (const char *const *)v, .len = strv_len(v) };
}

static void on_warn(void *user, const char *text)
{
    struct host *h = user;

    if (h->warn.fn)
        h->warn.fn(h->warn.user, text);
}

static bool image_in_use(void *user, const char *image_id);

/* h NULL: the images alone. */
static int open_images(struct loop *loop, const struct config *config, struct host *h, bool read_only,
                       struct rt_images **ret, struct err *err)
{
    AUTO(free) char *root = xasprintf("%s/images", config->state_dir);
    AUTO(free) char *unpack = host_program("oarsman-unpack");
    const struct rt_strings plain_http = strings_of(config->insecure_registries);
    struct rt_platform platforms[1 + RT_PLATFORMS_WASM_NR] = { rt_platform_native() };
    bool wasm = strv_len(config->wasm_handlers) > 0 && host_wasm_is_here();
    const struct rt_images_opts opts = { .root = root, .unpack_path = unpack, .plain_http = &plain_http,
                                         .certs_dir = str_empty(config->registry_certs_dir) ? NULL : config->registry_certs_dir,
                                         .platforms = platforms, .platforms_len = wasm ? ARRAY_LEN(platforms) : 1,
                                         .local_modules = config->wasm_local_modules, .read_only = read_only,
                                         .in_use = h ? image_in_use : NULL, .user = h };

    memcpy(&platforms[1], rt_platforms_wasm, sizeof(rt_platforms_wasm));
    return rt_images_open(loop, &opts, ret, err);
}

int host_open_images(struct loop *loop, const struct config *config, bool read_only, struct rt_images **ret,
                     struct err *err)
{
    return open_images(loop, config, NULL, read_only, ret, err);
}

static void open_gate(struct host *h, struct loop *loop, const struct config *config)
{
    const struct pull_gate_opts opts = { .images = h->images,
                                         .parallel_max = config->serialize_image_pulls ? 1
                                                                                       : config->max_parallel_image_pulls,
                                         .per_second = config->registry_pull_qps, .burst = config->registry_burst };

    h->gate = pull_gate_new(loop, &opts);
}

static const char *cgroup_prefix(const struct config *config)
{
    return str_eq(config->cgroup_root, "/") ? NULL : config->cgroup_root;
}

static int open_cgroups(struct host *h, const struct config *config, struct err *err)
{
    AUTO(free) char *records = xasprintf("%s/cgroups", config->run_dir);
    const struct rt_cgroups_config c = { .prefix = cgroup_prefix(config), .record_dir = records };

    if (path_mkdirs(records, 0700, err) < 0)
        return err->code;
    return rt_cgroups_open(&c, &h->cgroups, err);
}

static int open_network(struct host *h, struct loop *loop, const struct config *config, struct err *err)
{
    AUTO(free) char *run_dir = xasprintf("%s/network", config->run_dir);
    bool bridge = str_eq(config->network_mode, "bridge");
    const struct rt_network_config c = {
        .mode = bridge ? RT_NETWORK_BRIDGE : RT_NETWORK_CNI,
        .run_dir = run_dir,
        .bridge = config->bridge_name,
        .cidr = !str_empty(config->bridge_cidr) ? config->bridge_cidr
                : !str_empty(config->pod_cidr)  ? config->pod_cidr
                                                : NULL,
        .cni_conf_dir = config->cni_conf_dir,
        .cni_bin_dirs = strings_of(config->cni_bin_dirs),
    };

    return rt_network_new(loop, &c, &h->network, err);
}

static int open_sandboxes(struct host *h, struct loop *loop, const struct config *config, struct err *err)
{
    AUTO(free) char *pause = host_program("oarsman-pause");
    const struct rt_sandboxes_config c = { .name = "oarsman", .run_dir = config->run_dir,
                                           .pause = path_exists(pause) ? pause : NULL, .network = h->network,
                                           .cgroups = h->cgroups };

    return rt_sandboxes_new(loop, &c, &h->sandboxes, err);
}

static int copy_strings(const struct rt_strings *src, struct arena *arena, struct rt_strings *ret)
{
    const char **items = arena_alloc(arena, (src->len + 1) * sizeof(*items));

    if (!items)
        return -E2BIG;
    for (size_t i = 0; i < src->len; i++)
        if (!(items[i] = arena_strdup(arena, src->items[i])))
            return -E2BIG;
    *ret = (struct rt_strings){ .items = items, .len = src->len };
    return 0;
}

/* The image store's words in the backend's. */
static int find_image(void *user, const char *image_id, struct arena *arena, struct rt_oci_image *ret, struct err *err)
{
    struct host *h = user;
    const struct rt_image_detail *d = rt_images_get(h->images, image_id);

    if (!d)
        return err_set(err, -ENOENT, "image %s is not here", image_id);
    *ret = (struct rt_oci_image){ .working_dir = arena_strdup(arena, d->config.working_dir),
                                  .user = arena_strdup(arena, d->config.user),
                                  .stop_signal = arena_strdup(arena, d->config.stop_signal) };
    if (copy_strings(&d->lower_dirs, arena, &ret->lowerdirs) < 0 ||
        copy_strings(&d->config.entrypoint, arena, &ret->entrypoint) < 0 ||
        copy_strings(&d->config.cmd, arena, &ret->cmd) < 0 || copy_strings(&d->config.env, arena, &ret->env) < 0)
        return err_set(err, -E2BIG, "image %s: its configuration is too large", image_id);
    return 0;
}

static int open_wasm(struct host *h, struct loop *loop, const struct config *config, struct err *err)
{
    const struct host_wasm_config c = { .config = config, .images = h->images, .cgroups = h->cgroups };

    return host_wasm_open(loop, &c, &h->wasm, err);
}

static int open_runtime(struct host *h, struct loop *loop, const struct config *config, struct err *err)
{
    const struct rt_bundler wasm = h->wasm ? host_wasm_bundler(h->wasm) : (struct rt_bundler){ .user = NULL };
    const struct rt_oci_config c = {
        .other = h->wasm ? &wasm : NULL,
        .other_handlers = (const char *const *)config->wasm_handlers,
        .run_dir = config->run_dir, .state_dir = config->state_dir,
        .conmon = str_empty(config->conmon_path) ? NULL : config->conmon_path,
        .runtime = str_empty(config->runtime_path) ? NULL : config->runtime_path,
        .cgroup_prefix = cgroup_prefix(config), .conmon_cgroup = "/oarsman-conmon", .cgroups = h->cgroups,
        .network = h->network, .sandboxes = h->sandboxes, .images = pull_gate_images(h->gate),
        .source = { .user = h, .find = find_image }, .warn = on_warn, .warn_user = h,
    };

    return rt_oci_new(loop, &c, &h->runtime, err);
}

static bool image_in_use(void *user, const char *image_id)
{
    (void)user;
    (void)image_id;
    return true; /* images are not collected yet: the agent removes none */
}

int host_open(struct loop *loop, const struct config *config, const struct config_warn *warn, struct host **ret,
              struct err *err)
{
    AUTO(host_close) struct host *h = NEW(struct host);

    if (warn)
        h->warn = *warn;
    h->run_dir = xstrdup(config->run_dir);
    h->cgroup_prefix = xstrdup(cgroup_prefix(config));
    h->root_dir = xstrdup(config->root_dir);
    if (rt_run_dir_prepare(config->run_dir, err) < 0 || rt_run_dir_share(h->root_dir, &h->root_shared, err) < 0 ||
        path_mkdirs(config->state_dir, 0711, err) < 0)
        return err->code;
    if (open_images(loop, config, h, false, &h->images, err) < 0)
        return err->code;
    open_gate(h, loop, config);
    if (open_cgroups(h, config, err) < 0 ||
        open_network(h, loop, config, err) < 0 || open_sandboxes(h, loop, config, err) < 0 ||
        open_wasm(h, loop, config, err) < 0 || open_runtime(h, loop, config, err) < 0)
        return err->code;
    *ret = TAKE_PTR(h);
    return 0;
}

struct host *host_close(struct host *h)
{
    if (!h)
        return NULL;
    if (h->runtime)
        h->runtime->free(h->runtime);
    rt_images_close(h->images); /* turns the loop, so all that others have put on it must be there still */
    host_wasm_close(h->wasm);
    rt_sandboxes_free(h->sandboxes);
    rt_network_free(h->network);
    pull_gate_free(h->gate);
    rt_cgroups_free(h->cgroups);
    free(h->run_dir);
    free(h->root_dir);
    free(h->cgroup_prefix);
    free(h);
    return NULL;
}

enum { CGROUP_REMOVE_MS = 2000 };

/* Whatever is recorded, the deepest first: a parent goes when its children have. */
static int remember_path(const char *path, void *user)
{
    strv_push(user, path);
    return 0;
}

static int longest_first(const void *a, const void *b)
{
    size_t la = strlen(*(char *const *)a), lb = strlen(*(char *const *)b);
    return la < lb ? 1 : la > lb ? -1 : 0;
}

static int remove_cgroups(struct host *h, struct err *err)
{
    AUTO(strv_free) char **paths = strv_new();

    if (rt_cgroup_each_recorded(h->cgroups, remember_path, &paths, err) < 0)
        return err->code;
    qsort(paths, strv_len(paths), sizeof(*paths), longest_first);
    for (char **path = paths; *path; path++)
        if (rt_cgroup_remove(h->cgroups, *path, CGROUP_REMOVE_MS, err) < 0)
            return err->code;
    return 0;
}

/* The group that all of ours lie in is not ours to record, but it is empty now. */
static int remove_cgroup_prefix(const struct host *h, struct err *err)
{
    AUTO(rt_cgroups_free) struct rt_cgroups *all = NULL;
    const struct rt_cgroups_config config = { .prefix = NULL };

    if (!h->cgroup_prefix)
        return 0;
    if (rt_cgroups_open(&config, &all, err) < 0)
        return err->code;
    return rt_cgroup_remove(all, h->cgroup_prefix, CGROUP_REMOVE_MS, err);
}

struct host *host_remove(struct host *h)
{
    struct err err = ERR_INIT;

    if (!h)
        return NULL;
    AUTO(free) char *run_dir = xstrdup(h->run_dir);
    AUTO(free) char *shared = h->root_shared ? xstrdup(h->root_dir) : NULL;
    const struct config_warn warn = h->warn;
    if (h->network && rt_network_uninstall(h->network, &err) < 0)
        on_warn(h, err.msg);
    if (h->cgroups && (remove_cgroups(h, &err) < 0 || remove_cgroup_prefix(h, &err) < 0))
        on_warn(h, err.msg);
    host_close(h);
    if (shared)
        rt_run_dir_unshare(shared);
    if (rt_run_dir_remove(run_dir, &err) < 0 && warn.fn)
        warn.fn(warn.user, err.msg);
    return NULL;
}

struct rt_runtime *host_runtime(struct host *h)
{
    return h->runtime;
}

struct host_compilations host_compilations(const struct host *h)
{
    struct wasm_cache_counters c = host_wasm_counters(h->wasm);

    return (struct host_compilations){ .hits = c.hits, .done = c.compilations, .failed = c.failures };
}

struct rt_network *host_network(struct host *h)
{
    return h->network;
}

void host_on_image(struct host *h, void (*fn)(void *user), void *user)
{
    pull_gate_on_pulled(h->gate, fn, user);
}
