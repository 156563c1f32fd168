/* SPDX-License-Identifier: Apache-2.0 */
/* request.h - one bundle on its way: what the loop knows of it before a worker makes it. */
#pragma once

#include "bundle/own.h"
#include "rt/wasm_artifact.h"
#include "rt/wasm_backend.h"
#include "spec.h"

struct wasm_backend {
    struct loop *loop;
    char *program, *state_dir;
    char **handlers;
    bool text_format;
    struct rt_cgroups *cgroups;
    struct wasm_cache *cache;
    struct rt_images *images;
    struct own_power own;
    int mount_ns_fd;
    char *mount_ns; /* path by which others find it */
};

struct wasm_request {
    struct wasm_backend *backend;
    struct rt_bundle *bundle;
    const struct rt_image_detail *detail; /* a reference */
    struct wasm_image image;              /* borrows from it */
    struct wasm_choice choice;
    struct rt_sandbox_place place; /* strings in the bundle's arena */
    const char *group;             /* path of the container's, as rt_cgroup_make() takes it */
    const char *layer_dir;
    char **args;
    struct wasm_spec_input spec;
    struct user_ids user;
    struct rt_user told; /* the same, for the supervisor */
    struct wasm_cache_wait *wait; /* for the compiled module; NULL: none under way */
    rt_bundle_ready_fn ready;
};

/* 0; RT_BUNDLE_NOT_MINE; below 0. Loop. ret is heap: wasm_request_free(). */
int wasm_request_new(struct wasm_backend *b, struct rt_bundle *bundle, struct wasm_request **ret, struct err *err);
struct wasm_request *wasm_request_free(struct wasm_request *q); /* NULL */
DEFINE_CLEANUP(struct wasm_request *, wasm_request_free)
