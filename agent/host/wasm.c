/* SPDX-License-Identifier: Apache-2.0 */
#include "wasm.h"

#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "host/host.h"
#include "rt/wasm_backend.h"
#include "rt/wasm_cache.h"

#define TITLE "org.opencontainers.image.title"

struct host_wasm {
    struct rt_images *images;
    struct wasm_cache *cache;
    struct wasm_backend *backend;
};

bool host_wasm_is_here(void)
{
    AUTO(free) char *program = host_program("oarsman-wasm");
    AUTO(free) char *compile = host_program("oarsman-wasm-compile");

    return path_exists(program) && path_exists(compile);
}

/* ---- an image in the backend's words ---- */

static int copy_layers(const struct rt_image_detail *d, struct arena *arena, struct wasm_image *ret)
{
    struct wasm_layer *layers = arena_alloc(arena, (d->layers_len + 1) * sizeof(*layers));

    if (!layers)
        return -E2BIG;
    for (size_t i = 0; i < d->layers_len; i++)
        layers[i] = (struct wasm_layer){ .media_type = arena_strdup(arena, d->layers[i].media_type),
                                         .digest = arena_strdup(arena, d->layers[i].digest),
                                         .lower_dir = arena_strdup(arena, d->layers[i].lower_dir),
                                         .blob_path = arena_strdup(arena, d->layers[i].blob_path) };
    ret->layers = layers;
    ret->layers_len = d->layers_len;
    return host_copy_strings(&d->lower_dirs, arena, &ret->lower_dirs);
}

/* The annotations that a choice is made by; the rest is the author's. */
static int copy_annotations(const struct rt_image_detail *d, struct arena *arena, struct wasm_image *ret)
{
    struct rt_label *items = arena_alloc(arena, (d->annotations.len + 1) * sizeof(*items));

    if (!items)
        return -E2BIG;
    for (size_t i = 0; i < d->annotations.len; i++)
        items[i] = (struct rt_label){ arena_strdup(arena, d->annotations.items[i].key),
                                      arena_strdup(arena, d->annotations.items[i].value) };
    ret->annotations = (struct rt_labels){ items, d->annotations.len };
    return 0;
}

static int find_image(void *user, const char *image_id, struct arena *arena, struct rt_wasm_image *ret, struct err *err)
{
    struct host_wasm *w = user;
    const struct rt_image_detail *d = rt_images_get(w->images, image_id);

    if (!d)
        return err_set(err, -ENOENT, "image %s is not here", image_id);
    *ret = (struct rt_wasm_image){
        .image = { .id = arena_strdup(arena, d->image.id),
                   .config_media_type = arena_strdup(arena, d->config_media_type),
                   .artifact_type = arena_strdup(arena, d->artifact_type),
                   .os = arena_strdup(arena, d->config.os),
                   .architecture = arena_strdup(arena, d->config.architecture) },
        .title = arena_strdup(arena, rt_label_get(&d->annotations, TITLE)),
        .working_dir = arena_strdup(arena, d->config.working_dir),
        .user = arena_strdup(arena, d->config.user),
        .stop_signal = arena_strdup(arena, d->config.stop_signal),
    };
    if (copy_layers(d, arena, &ret->image) < 0 || copy_annotations(d, arena, &ret->image) < 0 ||
        host_copy_strings(&d->config.entrypoint, arena, &ret->entrypoint) < 0 ||
        host_copy_strings(&d->config.cmd, arena, &ret->cmd) < 0 || host_copy_strings(&d->config.env, arena, &ret->env) < 0)
        return err_set(err, -E2BIG, "image %s: its configuration is too large", image_id);
    return 0;
}

/* ---- opening ---- */

static int open_cache(struct host_wasm *w, struct loop *loop, const struct host_wasm_config *c, struct err *err)
{
    AUTO(free) char *dir = xasprintf("%s/wasm", c->config->state_dir);
    AUTO(free) char *compile = host_program("oarsman-wasm-compile");
    const struct wasm_cache_config config = { .dir = dir, .compile = compile, .cgroups = c->cgroups,
                                              .memory_max_bytes = (uint64_t)c->config->wasm_compile_bytes,
                                              .deadline_ms = c->config->wasm_compile_ms,
                                              .text_format = c->config->wasm_text_format };

    return wasm_cache_open(loop, &config, &w->cache, err);
}

static int open_backend(struct host_wasm *w, struct loop *loop, const struct host_wasm_config *c, struct err *err)
{
    AUTO(free) char *program = host_program("oarsman-wasm");
    const struct wasm_backend_config config = { .program = program, .state_dir = c->config->state_dir,
                                                .handlers = (const char *const *)c->config->wasm_handlers,
                                                .text_format = c->config->wasm_text_format, .cgroups = c->cgroups,
                                                .cache = w->cache, .source = { .user = w, .find = find_image } };

    return wasm_backend_new(loop, &config, &w->backend, err);
}

int host_wasm_open(struct loop *loop, const struct host_wasm_config *config, struct host_wasm **ret, struct err *err)
{
    struct host_wasm *w;
    int r;

    *ret = NULL;
    if (strv_len(config->config->wasm_handlers) == 0 || !host_wasm_is_here())
        return 0;
    w = NEW(struct host_wasm);
    w->images = config->images;
    r = open_cache(w, loop, config, err);
    if (r == 0)
        r = open_backend(w, loop, config, err);
    if (r < 0) {
        host_wasm_close(w);
        return err_wrap(err, "WebAssembly");
    }
    *ret = w;
    return 0;
}

struct host_wasm *host_wasm_close(struct host_wasm *w)
{
    if (!w)
        return NULL;
    wasm_backend_free(w->backend);
    wasm_cache_free(w->cache);
    free(w);
    return NULL;
}

struct rt_bundler host_wasm_bundler(struct host_wasm *w)
{
    return wasm_backend_bundler(w->backend);
}
