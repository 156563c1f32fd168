/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wasm_backend.h - containers that are WebAssembly modules: bundles for oarsman-wasm.
 *
 * A bundler among others (rt/supervise.h), so a pod may hold containers of both kinds: it takes those whose image, or
 * whose entry point, is a module, has it compiled, and writes what oarsman-wasm needs into the bundle. From there on
 * conmon supervises it as it does any other.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "rt/cgroup.h"
#include "rt/supervise.h"
#include "rt/wasm_artifact.h"
#include "rt/wasm_cache.h"

struct loop;
struct wasm_backend;

/* What a container needs to know of its image. Strings and lists in the arena given. */
struct rt_wasm_image {
    struct wasm_image image;
    const char *title; /* annotation org.opencontainers.image.title; NULL: none */
    struct rt_strings entrypoint, cmd, env;
    const char *working_dir, *user, *stop_signal; /* NULL: the image says nothing */
};
struct rt_wasm_image_source {
    void *user;
    /* Loop, fast. -ENOENT: the image is not here. */
    int (*find)(void *user, const char *image_id, struct arena *arena, struct rt_wasm_image *ret, struct err *err);
};

struct wasm_backend_config {
    const char *program;   /* absolute path of oarsman-wasm */
    const char *state_dir; /* on a disk: writable layers, state_dir/containers/ID */
    const char *const *handlers; /* RuntimeClass handlers that ask for Wasm, NULL-terminated */
    bool text_format;
    struct rt_cgroups *cgroups; /* borrowed until free, as the next */
    struct wasm_cache *cache;
    struct rt_wasm_image_source source;
};

/* Makes the small mount namespace that guests begin from. Everything is copied. */
int wasm_backend_new(struct loop *loop, const struct wasm_backend_config *config, struct wasm_backend **ret,
                     struct err *err);
struct wasm_backend *wasm_backend_free(struct wasm_backend *b); /* no bundle being made. NULL */
struct rt_bundler wasm_backend_bundler(struct wasm_backend *b); /* good until free */
