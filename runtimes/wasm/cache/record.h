/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - what is written down about an entry. Pure.
 */
#pragma once

#include <stddef.h>

#include "description.h"
#include "rt/wasm_cache.h"

enum { WASM_RECORD_VERSION = 1 };

#define WASM_RECORD_FIELDS(F)                                                                                          \
    F(value, int32_t, version, "version", JSON_REQUIRED)                                                               \
    F(value, const char *, identity, "identity", JSON_REQUIRED)                                                        \
    F(value, uint64_t, size_bytes, "sizeBytes", JSON_REQUIRED) /* of the code's file, and its digest */                \
    F(value, const char *, digest, "digest", JSON_REQUIRED)                                                            \
    F(inline, wasm_description, module, "", 0)
JSON_STRUCT(wasm_record, WASM_RECORD_FIELDS);

/*
 * record_decode() - reads one, and refuses what this node cannot have written for this key.
 *
 * key:    the name that it was found under; engine, cpu: what entries are made for now
 * arena:  holds the strings
 *
 * Returns 0; -EINVAL not JSON or not of this form; -EBADMSG of another version, engine or key; -E2BIG.
 */
int record_decode(const char *text, size_t len, const char *key, const char *engine, const char *cpu,
                  struct arena *arena, struct wasm_record *ret, struct err *err);
/* The module it tells of, but for path and entry, which stand elsewhere. Strings stay the record's. */
void record_module(const struct wasm_record *record, struct wasm_module *ret);
