/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bundle for oarsman-wasm. On the loop: is it ours, and what is it called with (request.c)? Then the module is
 * compiled, or found so. In a worker: the group, the root file system if the image brings one, config.json.
 *
 * The group is made here and not by oarsman-wasm, which would have to find out where groups are, in a list of mounts
 * that grows with the number of pods. Its path is written into the bundle before.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "bundle/process.h"
#include "bundle/rootfs.h"
#include "request.h"
#include "small_namespace.h"
#include "wasm_state.h"

#define GROUP_FILE "group"
enum { GROUP_REMOVE_MS = 5000 };

/* ---- on the loop ---- */

static int prepare(void *user, struct rt_bundle *b, struct err *err)
{
    struct wasm_request *q = NULL;
    int r = wasm_request_new(user, b, &q, err);

    b->data = q;
    return r < 0 ? err_wrap(err, "image %s", str_or(b->config->image, str_or(b->config->image_id, "?"))) : r;
}

static void on_module(void *user, const struct err *err, const struct wasm_module *module)
{
    struct wasm_request *q = user;
    struct err full = ERR_INIT;

    q->wait = NULL;
    if (!err) {
        q->spec.artifact = arena_strdup(q->bundle->arena, module->path);
        q->spec.kind = module->kind;
        if (!q->spec.artifact)
            (void)err_set(&full, -E2BIG, "the container's configuration is too large");
    }
    q->ready(q->bundle, err ? err : full.code ? &full : NULL);
}

static void await(void *user, struct rt_bundle *b, rt_bundle_ready_fn ready)
{
    struct wasm_backend *backend = user;
    struct wasm_request *q = b->data;
    const struct wasm_cache_request request = { .path = q->choice.path, .identity = q->choice.identity,
                                                .function = q->choice.function };

    q->ready = ready;
    q->wait = wasm_cache_get(backend->cache, &request, on_module, q);
}

static void unawait(void *user, struct rt_bundle *b)
{
    struct wasm_request *q = b->data;

    (void)user;
    if (q->wait)
        wasm_cache_wait_cancel(q->wait);
    q->wait = NULL;
}

static void bundle_free(void *user, struct rt_bundle *b)
{
    (void)user;
    b->data = wasm_request_free(b->data);
}

/* ---- in a worker ---- */

static char *join(char *const *items, char separator)
{
    struct buf text = BUF_INIT(LIMIT_PATH_BYTES * 16);

    for (size_t i = 0; items[i]; i++) {
        if (i > 0)
            (void)buf_putc(&text, separator);
        (void)buf_puts(&text, items[i]);
    }
    return buf_take(&text);
}

static int make_group(struct wasm_request *q, struct err *err)
{
    AUTO(free) char *path = xasprintf("%s/" GROUP_FILE, q->bundle->dir);
    AUTO(strv_free) char **procs = NULL;
    AUTO(free) char *joined = NULL;
    struct rt_resources limits = q->bundle->config->resources;
    int r;

    effect("name of the group");
    r = file_write_atomic(AT_FDCWD, path, q->group, strlen(q->group), 0600, 0, err);
    if (r < 0)
        return r;
    effect("group");
    r = rt_cgroup_make(q->backend->cgroups, q->group, &limits, err);
    if (r < 0)
        return r;
    procs = rt_cgroup_join_files(q->backend->cgroups, q->group, RT_CGROUP_JOIN_ALL);
    joined = join(procs, ':');
    q->spec.cgroup_procs = arena_strdup(q->bundle->arena, joined);
    return q->spec.cgroup_procs ? 0 : err_set(err, -E2BIG, "the paths of the groups are too long");
}

static int make_cwd(int root_fd, const char *cwd, struct err *err)
{
    int r = path_mkdirs_beneath(root_fd, cwd, 0755, NULL, err);

    return r < 0 ? err_wrap(err, "working directory %s", cwd) : 0;
}

/* The image's own files say who its user is; an artifact has none, so its user is a number or root. */
static int make_root(struct wasm_request *q, struct err *err)
{
    const struct rt_security *security = &q->bundle->config->security;
    AUTO(close) int root_fd = -1;

    if (!q->spec.rootfs)
        return user_resolve(security, q->detail->config.user, "", "", &q->user, err);
    if (rootfs_mount(q->spec.rootfs, &q->image.lower_dirs, q->layer_dir, err) < 0)
        return err->code;
    root_fd = open(q->spec.rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root_fd < 0)
        return err_errno(err, errno, "%s", q->spec.rootfs);
    if (user_resolve_in(root_fd, security, q->detail->config.user, &q->user, err) < 0)
        return err->code;
    return make_cwd(root_fd, q->spec.cwd, err);
}

static int write_config(struct wasm_request *q, struct err *err)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_CONTAINER_SPEC_BYTES);
    AUTO(free) char *path = xasprintf("%s/config.json", q->bundle->dir);
    const struct rt_container_config *config = q->bundle->config;
    const struct process_env_input env_input = {
        .image = &q->detail->config.env,
        .container = config->envs,
        .container_len = config->envs_len,
        .hostname = q->place.hostname,
        .home = q->user.home,
        .tty = config->tty,
    };
    AUTO(strv_free) char **env = process_env(&env_input);
    int r;

    q->spec.args = q->args;
    q->spec.env = env;
    q->spec.user = &q->user;
    r = wasm_spec_write(&q->spec, &text, err);
    if (r < 0)
        return r;
    effect("config.json");
    return file_write_atomic(AT_FDCWD, path, text.data, text.len, 0600, 0, err);
}

static int make(struct rt_bundle *b, struct err *err)
{
    struct wasm_request *q = b->data;
    int r = make_group(q, err);

    if (r == 0)
        r = make_root(q, err);
    if (r == 0)
        r = write_config(q, err);
    q->told = user_told(&q->user);
    b->user = r == 0 ? &q->told : NULL;
    return r;
}

/* Whether it was ours is told by the name of the group, which is written first and goes last. */
static int unmake(void *user, const char *id, const char *dir, struct err *err)
{
    const struct wasm_backend *b = user; /* what is read of it never changes */
    AUTO(free) char *path = xasprintf("%s/" GROUP_FILE, dir);
    AUTO(free) char *rootfs = xasprintf("%s/rootfs", dir);
    AUTO(free) char *layer_dir = xasprintf("%s/containers/%s", b->state_dir, id);
    AUTO(buf_done) struct buf group = BUF_INIT(LIMIT_PATH_BYTES);
    struct err own = ERR_INIT;
    int r = file_read(AT_FDCWD, path, &group, &own);

    if (r == -ENOENT)
        return 0;
    if (r == 0)
        r = rt_cgroup_remove(b->cgroups, buf_str(&group), GROUP_REMOVE_MS, &own);
    if (r == 0)
        r = rootfs_unmount(rootfs, layer_dir, &own);
    effect("forget the group");
    if (r == 0 && unlink(path) < 0)
        r = err_errno(&own, errno, "%s", path);
    if (r < 0 && err)
        err_copy(err, &own);
    return r;
}

/* ---- started ---- */

/* As "oarsman-wasm start" would. */
static int start(void *user, const char *state_dir, const char *id, struct err *err)
{
    AUTO(arena_unref) struct arena *arena = arena_new(64 * KIB);
    struct wasm_state state;
    int r = wasm_state_read(state_dir, id, arena, &state, err);

    (void)user;
    effect("start");
    return r < 0 ? r : wasm_state_let_go(state_dir, &state, err);
}

/* ---- the backend ---- */

struct rt_bundler wasm_backend_bundler(struct wasm_backend *b)
{
    return (struct rt_bundler){ .user = b, .runtime = b->program, .start = start, .leaves_files_only = true, .prepare = prepare, .await = await, .unawait = unawait,
                                .make = make, .free = bundle_free, .unmake = unmake };
}

int wasm_backend_new(struct loop *loop, const struct wasm_backend_config *config, struct wasm_backend **ret,
                     struct err *err)
{
    struct wasm_backend *b = NEW(struct wasm_backend);
    int r;

    b->loop = loop;
    b->program = xstrdup(config->program);
    b->state_dir = xstrdup(config->state_dir);
    b->handlers = strv_copy(config->handlers);
    b->text_format = config->text_format;
    b->cgroups = config->cgroups;
    b->cache = config->cache;
    b->images = config->images;
    b->mount_ns_fd = -1;
    r = own_power_read(&b->own, err);
    if (r == 0)
        r = small_namespace_new(&b->mount_ns_fd, err);
    if (r < 0) {
        wasm_backend_free(b);
        return r;
    }
    b->mount_ns = xasprintf("/proc/%d/fd/%d", (int)getpid(), b->mount_ns_fd);
    *ret = b;
    return 0;
}

struct wasm_backend *wasm_backend_free(struct wasm_backend *b)
{
    if (!b)
        return NULL;
    if (b->mount_ns_fd >= 0)
        (void)close(b->mount_ns_fd);
    free(b->program);
    free(b->state_dir);
    strv_free(b->handlers);
    free(b->mount_ns);
    free(b);
    return NULL;
}
