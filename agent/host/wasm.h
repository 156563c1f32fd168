/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wasm.h - WebAssembly on this machine: the compiled modules, and the backend that runs them. Private to host/.
 */
#pragma once

#include "config/config.h"
#include "rt/cgroup.h"
#include "rt/image.h"
#include "rt/supervise.h"
#include "rt/wasm_cache.h"

struct host_wasm;
struct host_wasm_config { /* all borrowed until close */
    const struct config *config;
    struct rt_images *images;
    struct rt_cgroups *cgroups;
};

/* *ret NULL: no handlers are configured, or the programs are not here, which is no error: this node offers no Wasm. */
int host_wasm_open(struct loop *loop, const struct host_wasm_config *config, struct host_wasm **ret, struct err *err);
struct host_wasm *host_wasm_close(struct host_wasm *w); /* NULL */
struct rt_bundler host_wasm_bundler(struct host_wasm *w);
struct wasm_cache_counters host_wasm_counters(const struct host_wasm *w); /* NULL is fine */
bool host_wasm_is_here(void); /* are the programs beside us? */
