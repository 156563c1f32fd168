/* SPDX-License-Identifier: Apache-2.0 */
#include "wasm.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "host/host.h"
#include "rt/wasm_backend.h"
#include "rt/wasm_cache.h"

struct host_wasm {
    struct wasm_cache *cache;
    struct wasm_backend *backend;
};

bool host_wasm_is_here(void)
{
    AUTO(free) char *program = host_program("oarsman-wasm");
    AUTO(free) char *compile = host_program("oarsman-wasm-compile");

    return path_exists(program) && path_exists(compile);
}

/* ---- compiled modules go with their images ---- */

#define DIGEST_CHARS 71 /* "sha256:" and 64 digits */

/* A blob's digest, or an image's id with the path of a file in it (rt/wasm_artifact.h). */
static bool is_used(void *user, const char *identity)
{
    struct rt_images *images = user;
    AUTO(free) char *digest = xstrndup(identity, DIGEST_CHARS);

    return strlen(identity) > DIGEST_CHARS ? rt_images_get(images, digest) != NULL : rt_images_have_blob(images, digest);
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
                                                .cache = w->cache, .images = c->images };

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
    r = open_cache(w, loop, config, err);
    if (r == 0)
        r = open_backend(w, loop, config, err);
    if (r < 0) {
        host_wasm_close(w);
        return err_wrap(err, "WebAssembly");
    }
    wasm_cache_collect(w->cache, is_used, config->images);
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

struct wasm_cache_counters host_wasm_counters(const struct host_wasm *w)
{
    return w ? wasm_cache_counters(w->cache) : (struct wasm_cache_counters){ .hits = 0 };
}

struct rt_bundler host_wasm_bundler(struct host_wasm *w)
{
    return wasm_backend_bundler(w->backend);
}
