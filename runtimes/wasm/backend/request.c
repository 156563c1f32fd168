/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include <errno.h>
#include <stdlib.h>

#include "argv.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "bundle/process.h"
#include "rt/wasm.h"

#define TITLE "org.opencontainers.image.title"

static int too_large(struct err *err)
{
    return err_set(err, -E2BIG, "the container's configuration is too large");
}

static const char *keep(struct arena *a, const char *s, bool *full)
{
    const char *copy = arena_strdup(a, s);

    *full = *full || (s && !copy);
    return copy;
}

static int keep_place(struct wasm_request *q, struct err *err)
{
    struct arena *a = q->bundle->arena;
    struct rt_sandbox_place *p = &q->place;
    bool full = false;

    *p = *q->bundle->place;
    p->hostname = keep(a, p->hostname, &full);
    p->net_ns = keep(a, p->net_ns, &full);
    p->ipc_ns = keep(a, p->ipc_ns, &full);
    p->uts_ns = keep(a, p->uts_ns, &full);
    p->pid_ns = keep(a, p->pid_ns, &full);
    p->resolv_conf = keep(a, p->resolv_conf, &full);
    p->hostname_file = keep(a, p->hostname_file, &full);
    q->group = arena_printf(a, "%s/%s", str_or(p->cgroup_parent, ""), q->bundle->id);
    q->layer_dir = arena_printf(a, "%s/containers/%s", q->backend->state_dir, q->bundle->id);
    return full || !q->group || !q->layer_dir ? too_large(err) : 0;
}

/* ---- is it ours? ---- */

static bool asks_for_wasm(const struct wasm_backend *b, const char *handler)
{
    for (char **h = b->handlers; *h; h++)
        if (str_eq(*h, handler))
            return true;
    return false;
}

static int put_args(struct wasm_request *q)
{
    const struct rt_container_config *c = q->bundle->config;

    return process_args(&c->command, &c->args, &q->detail->config.entrypoint, &q->detail->config.cmd, &q->args, NULL);
}

static int choose(struct wasm_request *q, struct err *err)
{
    const struct rt_container_config *c = q->bundle->config;
    struct wasm_ask ask = {
        .wanted = asks_for_wasm(q->backend, q->bundle->place->runtime_handler),
        .variant = rt_label_get(&c->annotations, WASM_POD_VARIANT),
        .handler = rt_label_get(&c->annotations, WASM_POD_HANDLER),
        .text_format = q->backend->text_format,
    };

    if (put_args(q) == 0)
        ask.args = (struct rt_strings){ .items = (const char *const *)q->args, .len = strv_len(q->args) };
    if (wasm_choose(&q->image, &ask, q->bundle->arena, &q->choice, err) < 0)
        return err->code;
    return q->choice.wasm ? 0 : RT_BUNDLE_NOT_MINE;
}

/* ---- what it is called with ---- */

static void name_it(struct wasm_request *q)
{
    const struct rt_container_config *c = q->bundle->config;
    const struct wasm_argv_input in = {
        .command = &c->command, .args = &c->args,
        .entrypoint = &q->detail->config.entrypoint, .cmd = &q->detail->config.cmd,
        .title = rt_label_get(&q->detail->annotations, TITLE), .name = c->name,
        .choice = &q->choice,
    };

    strv_free(q->args);
    q->args = wasm_argv(&in);
}

static int check(const struct wasm_request *q, struct err *err)
{
    const struct rt_container_config *c = q->bundle->config;

    if ((q->choice.rootfs && !q->spec.rootfs) || (q->detail->config.stop_signal && !q->bundle->stop_signal))
        return too_large(err);
    if (c->devices_len > 0)
        return err_set(err, -EOPNOTSUPP, "devices cannot be given to a WebAssembly module");
    if (q->spec.cwd[0] != '/')
        return err_set(err, -EINVAL, "working directory %s is not absolute", q->spec.cwd);
    if (q->bundle->pid == RT_NS_TARGET && q->bundle->target_pid <= 0)
        return err_set(err, -EINVAL, "the target container %s does not run", str_or(c->security.target_container_id, "?"));
    return 0;
}

static int fill(struct wasm_request *q, struct err *err)
{
    const struct rt_container_config *c = q->bundle->config;
    const struct wasm_backend *b = q->backend;
    unsigned cuts = 0;

    name_it(q);
    q->bundle->stop_signal = arena_strdup(q->bundle->arena, q->detail->config.stop_signal);
    q->spec = (struct wasm_spec_input){
        .config = c,
        .place = &q->place,
        .rootfs = q->choice.rootfs ? arena_printf(q->bundle->arena, "%s/rootfs", q->bundle->dir) : NULL,
        .cgroup_path = q->bundle->cgroup_path,
        .cwd = str_or(c->working_dir, str_or(q->detail->config.working_dir, "/")),
        .oom_score_adj = own_clamp_oom_score_adj(&b->own, c->resources.oom_score_adj, &cuts),
        .nofile = b->own.nofile_hard < LIMIT_WASM_FILES ? b->own.nofile_hard : LIMIT_WASM_FILES,
        .pid = q->bundle->pid,
        .target_pid = q->bundle->target_pid,
        .function = q->choice.function,
        .mount_ns = b->mount_ns,
    };
    return check(q, err);
}

int wasm_request_new(struct wasm_backend *b, struct rt_bundle *bundle, struct wasm_request **ret, struct err *err)
{
    AUTO(wasm_request_free) struct wasm_request *q = NEW(struct wasm_request);
    int r;

    q->backend = b;
    q->bundle = bundle;
    q->detail = rt_images_get(b->images, str_or(bundle->config->image_id, ""));
    if (!q->detail)
        return RT_BUNDLE_NOT_MINE; /* whoever comes last has the words for it */
    q->detail = rt_image_detail_ref(q->detail);
    r = wasm_image_of(q->detail, bundle->arena, &q->image, err);
    if (r == 0)
        r = choose(q, err);
    if (r == 0)
        r = keep_place(q, err);
    if (r == 0)
        r = fill(q, err);
    if (r == 0)
        *ret = TAKE_PTR(q);
    return r;
}

struct wasm_request *wasm_request_free(struct wasm_request *q)
{
    if (!q)
        return NULL;
    strv_free(q->args);
    user_ids_done(&q->user);
    if (q->detail)
        (void)rt_image_detail_unref(q->detail);
    free(q);
    return NULL;
}
