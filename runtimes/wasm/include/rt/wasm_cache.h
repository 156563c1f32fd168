/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wasm_cache.h - compiled modules, made once and kept on disk.
 *
 * A module comes from strangers: it is read and compiled by oarsman-wasm-compile, a short-lived process without
 * privileges, bounded in memory and time, in a group of its own. What it made is ours: it is written down with its
 * digest, and verified before it is handed out. The key of an entry: identity of the module's bytes, full version of
 * the engine, its configuration, the features of this machine's CPU. Entries are disposable; nothing but what was made
 * here is ever loaded as compiled code.
 *
 *   DIR/KEY.cwasm  compiled code, never changed once it is there
 *   DIR/KEY.json   what it is: kind, imports, exports, size, digest of the file; written last, by rename
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "rt/cgroup.h"
#include "rt/runtime.h"
#include "rt/wasm_kind.h"

struct loop;
struct wasm_cache;

struct wasm_cache_config {
    const char *dir;          /* absolute; made when absent, 0700 */
    const char *compile;      /* absolute path of oarsman-wasm-compile */
    struct rt_cgroups *cgroups; /* borrowed until free; NULL: the helper stays in the caller's group */
    const char *cgroup;       /* above the groups of the helpers, one each; NULL: "/oarsman-compile" */
    uint64_t memory_max_bytes; /* of one compilation; 0: LIMIT_WASM_COMPILE_BYTES */
    int64_t deadline_ms;      /* of one; 0: LIMIT_WASM_COMPILE_MS */
    bool text_format;
};
/* Sweeps what an earlier process left half made, and entries of other engine versions. Blocking: at start. config is
 * copied. -ENOENT: there is no compiler, so this node does not offer Wasm. */
int wasm_cache_open(struct loop *loop, const struct wasm_cache_config *config, struct wasm_cache **ret, struct err *err);
struct wasm_cache *wasm_cache_free(struct wasm_cache *c); /* compilations under way are ended without a call. NULL */
DEFINE_CLEANUP(struct wasm_cache *, wasm_cache_free)

struct wasm_module {     /* a module that is ready to run; borrowed during done() */
    const char *path;    /* of the compiled code, absolute */
    enum wasm_kind kind;
    const char *entry;   /* the export to call: "_start", "wasi:cli/run@0.2.6", … */
    struct rt_strings imports, exports; /* exports: of a core module its functions */
    uint64_t memory_min_bytes; /* what a core module's memories have at their start; 0: none, or a component */
};
struct wasm_cache_request {
    const char *path;     /* of the module, absolute */
    const char *identity; /* of its bytes: a digest, or what else names them for good */
    const char *function; /* export to call; NULL: the usual one */
};
typedef void (*wasm_cache_fn)(void *user, const struct err *err, const struct wasm_module *module);
struct wasm_cache_wait;
/*
 * wasm_cache_get() - the compiled module, compiled now if it is not there.
 *
 * done comes once, on the loop, never from within the call; many who ask for the same module wait for one compilation.
 * err: what the user can do something about says so ("module needs imports that this node does not offer:
 * wasi:nn/graph@0.2.0", "compiling took longer than 120 s", "not a WebAssembly module: it starts with …"). A failed
 * compilation is remembered for ten times as long as it took, at least 10 s, at most an hour: so a pod that is started
 * again and again does not compile without end. req is copied.
 */
struct wasm_cache_wait *wasm_cache_get(struct wasm_cache *c, const struct wasm_cache_request *req, wasm_cache_fn done,
                                       void *user);
void wasm_cache_wait_cancel(struct wasm_cache_wait *w); /* done() does not come; the compilation goes on for others */

/* Entries whose identity used() says no to are removed: with unlink, so that what runs goes on. */
void wasm_cache_collect(struct wasm_cache *c, bool (*used)(void *user, const char *identity), void *user);
/* The engine and its settings that entries are compiled for, as oarsman-wasm-compile --version says. Borrowed. */
const char *wasm_cache_engine(const struct wasm_cache *c);
struct wasm_cache_counters {
    uint64_t hits; /* asked for, and there */
    uint64_t compilations, failures; /* failures of compilations */
    int64_t last_compile_ms;
};
struct wasm_cache_counters wasm_cache_counters(const struct wasm_cache *c);

/* Blocking twin, for the command line of oarsman-wasm beside no agent: opens DIR for one request, and finds out the
 * identity itself (by digest) when it is NULL. Strings in the arena. */
struct arena;
int wasm_cache_get_once(const struct wasm_cache_config *config, const struct wasm_cache_request *req,
                        struct arena *arena, struct wasm_module *ret, struct err *err);
