/* SPDX-License-Identifier: Apache-2.0 */
/*
 * description.h - what is said about a compiled module: by the program that compiled it, as JSON on a descriptor.
 */
#pragma once

#include "base/json.h"
#include "rt/wasm_scan.h"

#define WASM_DESCRIPTION_FIELDS(F)                                                                                     \
    F(value, const char *, kind, "kind", JSON_REQUIRED)     /* wasm_kind_name() */                                     \
    F(value, const char *, engine, "engine", JSON_REQUIRED) /* engine_config_key() */                                  \
    F(values, const char *, imports, "imports", 0)                                                                     \
    F(values, const char *, exports, "exports", 0) /* of a core module its functions, of a component all */            \
    F(value, uint64_t, memory_min_bytes, "memoryMinBytes", 0)
JSON_STRUCT(wasm_description, WASM_DESCRIPTION_FIELDS);

/* Strings are borrowed from scan and engine. -E2BIG: the arena is full. */
int description_of(const struct wasm_scan *scan, enum wasm_kind kind, const char *engine, struct arena *arena,
                   struct wasm_description *ret, struct err *err);
/* Is it one that this node's compiler can have written? 0; -EBADMSG. */
int description_check(const struct wasm_description *d, const char *engine, enum wasm_kind *ret_kind, struct err *err);
