/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wasm_scan.h - what a module says about itself: read from its bytes, before any of it is compiled.
 *
 * A module comes from strangers, and what is wrong with it is told to the one who brought it: every refusal here is a
 * line for people. Everything is pure; strings lie in the caller's arena.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "rt/runtime.h"
#include "rt/wasm_kind.h"

/* What the first bytes of a file say. */
enum wasm_format {
    WASM_FORMAT_OTHER,
    WASM_FORMAT_MODULE,    /* core module, version 1 */
    WASM_FORMAT_COMPONENT, /* component, as WASI 0.2 has it */
    WASM_FORMAT_ELF,       /* compiled code, or a program of this machine */
};
#define WASM_FORMAT_BYTES 8 /* that many are enough */
enum wasm_format wasm_format(const void *data, size_t len);

/* What is behind a name. Of core modules the first five, of components the others and functions. */
enum wasm_sort {
    WASM_SORT_FUNCTION,
    WASM_SORT_TABLE,
    WASM_SORT_MEMORY,
    WASM_SORT_GLOBAL,
    WASM_SORT_TAG,
    WASM_SORT_MODULE,
    WASM_SORT_VALUE,
    WASM_SORT_TYPE,
    WASM_SORT_COMPONENT,
    WASM_SORT_INSTANCE,
    WASM_SORT_NR,
};
struct wasm_name {
    const char *name; /* an import of a core module: "module.field"; control characters are '?' */
    enum wasm_sort sort;
};
struct wasm_names {
    const struct wasm_name *items;
    size_t len;
};
struct wasm_scan {
    bool component;
    struct wasm_names imports, exports;
    uint64_t memory_min_bytes; /* what a core module's memories have at its start; 0: none, or a component */
};

/*
 * wasm_scan() - reads a binary's imports and exports, no further than that.
 *
 * data: borrowed
 *
 * Returns 0; -EINVAL: not a module, or malformed; -EOPNOTSUPP: compiled code, or a version that is not known;
 * -E2BIG beyond LIMIT_WASM_*.
 */
int wasm_scan(const void *data, size_t len, struct arena *arena, struct wasm_scan *ret, struct err *err);

/*
 * wasm_scan_kind() - what this module is to be run as.
 *
 * A component that answers HTTP and also has a main function is an HTTP handler: tool kits put a wasi:cli/run into
 * every component, a handler into those that are to serve. A core module with any function is WASM_CORE, because the
 * image may name the function: see wasm_entry().
 *
 * Returns 0; -EOPNOTSUPP: neither of these, or a filter for a proxy, with what it exports.
 */
int wasm_scan_kind(const struct wasm_scan *scan, enum wasm_kind *ret, struct err *err);

/* The imports that this node does not offer, without repetitions, in the module's order; strings are scan's. -E2BIG:
 * the arena is full. */
int wasm_imports_missing(const struct wasm_scan *scan, struct arena *arena, struct wasm_names *ret, struct err *err);
/* The line about them: "module needs imports that this node does not offer: a, b and 3 more". Returns -EOPNOTSUPP.
 * missing is not empty. */
int wasm_imports_refuse(const struct wasm_names *missing, struct err *err);

/*
 * wasm_entry() - the export to call.
 *
 * exports:  the functions of a core module, the exports of a component
 * function: as the image names it; NULL or "": the usual one
 * ret:      borrowed from exports
 *
 * Returns 0; -EINVAL: there is no such export; the message lists those there are.
 */
int wasm_entry(enum wasm_kind kind, const struct rt_strings *exports, const char *function, const char **ret,
               struct err *err);
