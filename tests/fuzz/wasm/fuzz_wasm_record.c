/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_wasm_record.c - the first byte chooses: a record of the cache's folder, or what the compiler says about a module.
 * An accepted record is written and read again to the same; an accepted description has no more names than a module.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "key.h"
#include "record.h"

#define ENGINE "wasmtime 48.0.8"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool fact)
{
    if (!fact)
        abort();
}

static void record(const char *text, size_t len, struct arena *arena)
{
    struct buf again = BUF_INIT(4 * LIMIT_WASM_DESCRIPTION_BYTES);
    struct wasm_record r, s;
    struct wasm_module module;
    char key[KEY_BYTES];
    key_of("i", ENGINE, "cpu", key);
    if (record_decode(text, len, key, ENGINE, "cpu", arena, &r, NULL) < 0)
        return;
    record_module(&r, &module);
    must(module.kind < WASM_KIND_NR && str_eq(r.identity, "i") && r.size_bytes <= LIMIT_WASM_ARTIFACT_BYTES);
    must(json_encode(&wasm_record_type, &r, &again) == 0);
    must(record_decode(again.data, again.len, key, ENGINE, "cpu", arena, &s, NULL) == 0);
    must(str_eq(r.digest, s.digest) && r.module.exports.len == s.module.exports.len &&
         r.module.memory_min_bytes == s.module.memory_min_bytes);
    buf_done(&again);
}

static void description(const char *text, size_t len, struct arena *arena)
{
    struct wasm_description d;
    enum wasm_kind kind;
    if (json_decode(&wasm_description_type, text, len, NULL, arena, &d, NULL) == 0 &&
        description_check(&d, ENGINE, &kind, NULL) == 0)
        must(kind < WASM_KIND_NR && d.imports.len <= LIMIT_WASM_IMPORTS && d.exports.len <= LIMIT_WASM_EXPORTS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct arena *arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    (data[0] & 1 ? record : description)((const char *)data + 1, size - 1, arena);
    (void)arena_unref(arena);
    return 0;
}
