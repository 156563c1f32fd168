/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wasm_backend.h - containers that are WebAssembly modules: bundles for oarsman-wasm.
 *
 * A bundler among others (rt/supervise.h), so a pod may hold containers of both kinds: it takes those whose image, or
 * whose entry point, is a module, has it compiled, and writes what oarsman-wasm needs into the bundle. From there on
 * conmon supervises it as it does any other.
 */
#pragma once

#include "base/err.h"
#include "rt/cgroup.h"
#include "rt/image.h"
#include "rt/supervise.h"
#include "rt/wasm_cache.h"

struct loop;
struct wasm_backend;

struct wasm_backend_config {
    const char *program;   /* absolute path of oarsman-wasm */
    const char *state_dir; /* on a disk: writable layers, state_dir/containers/ID */
    const char *const *handlers; /* RuntimeClass handlers that ask for Wasm, NULL-terminated */
    bool text_format;
    struct rt_cgroups *cgroups; /* borrowed until free, as the next */
    struct wasm_cache *cache;
    struct rt_images *images;   /* those of rt_images_open() */
};

/* Makes the small mount namespace that guests begin from. Everything is copied. */
int wasm_backend_new(struct loop *loop, const struct wasm_backend_config *config, struct wasm_backend **ret,
                     struct err *err);
struct wasm_backend *wasm_backend_free(struct wasm_backend *b); /* no bundle being made. NULL */
struct rt_bundler wasm_backend_bundler(struct wasm_backend *b); /* good until free */
