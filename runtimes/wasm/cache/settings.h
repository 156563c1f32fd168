/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings.h - the configuration, complete: defaults filled in, the compiler asked for its version, the processor for
 * its features. Immutable afterwards, so that any thread may look.
 */
#pragma once

#include "key.h"
#include "rt/wasm_cache.h"

struct cache_settings {
    char *dir, *compile, *cgroup;
    struct rt_cgroups *cgroups; /* borrowed; NULL: none */
    uint64_t memory_max_bytes;
    int64_t deadline_ms;
    bool text_format;
    char *engine;
    char cpu[KEY_BYTES];
};

/* Runs the compiler once. Blocking. */
int settings_init(struct cache_settings *s, const struct wasm_cache_config *config, struct err *err);
void settings_done(struct cache_settings *s);
DEFINE_CLEANUP_DONE(struct cache_settings, settings_done)
