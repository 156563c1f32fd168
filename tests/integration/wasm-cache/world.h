/* SPDX-License-Identifier: Apache-2.0 */
/* world.h - a cache in a folder of its own, and modules to ask it for. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/loop.h"
#include "rt/wasm_cache.h"

struct world {
    char dir[64]; /* everything of the test's: cache/, modules, records of groups */
    char prefix[64]; /* of its control groups */
    struct loop *loop;
    struct rt_cgroups *cgroups;
    struct wasm_cache *cache;
    struct wasm_cache_config config; /* to be changed before world_open() */
    char *cache_dir;
};

bool world_can_run(void); /* root; says why not */
void world_init(struct world *w, const char *name);
void world_open(struct world *w);  /* the cache; again: after a restart */
void world_close(struct world *w);
void world_done(struct world *w); /* nothing is left: checked */
size_t world_files(const struct world *w, const char *suffix); /* in the cache's folder; "": all */
char *world_file(const struct world *w, const char *suffix);   /* the path of one of these; caller's */
bool world_has_children(const struct world *w); /* of this process, after a moment */

/* A module of these bytes; its path, caller's. */
char *world_module(const struct world *w, const char *name, const void *data, size_t len);
char *world_text_module(const struct world *w, const char *name, const char *text);
/* Takes the compiler seconds. */
char *world_slow_module(const struct world *w, const char *name);

struct answer {
    unsigned calls;
    struct err err;
    char path[256], entry[64];
    enum wasm_kind kind;
    uint64_t memory_min_bytes;
    size_t imports, exports;
};
void answer_take(void *answer, const struct err *err, const struct wasm_module *module); /* a wasm_cache_fn */
/* Asks and waits. */
struct answer world_get(struct world *w, const char *path, const char *identity);
struct answer world_get_function(struct world *w, const char *path, const char *identity, const char *function);
void world_wait(struct world *w, const struct answer *a); /* until it has come */

#define HELLO "(module (memory (export \"memory\") 1) (func (export \"_start\")) (func (export \"again\")))"
