/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include <errno.h>

#include "base/limits.h"
#include "base/str.h"
#include "digest.h"
#include "key.h"

JSON_TYPE(wasm_record, WASM_RECORD_FIELDS);

int record_decode(const char *text, size_t len, const char *key, const char *engine, const char *cpu,
                  struct arena *arena, struct wasm_record *ret, struct err *err)
{
    struct json_decode_opts opts = { .max_bytes = LIMIT_WASM_DESCRIPTION_BYTES };
    struct wasm_record r;
    enum wasm_kind kind;
    char expected[KEY_BYTES];
    int rc = json_decode(&wasm_record_type, text, len, &opts, arena, &r, err);
    if (rc < 0)
        return rc;
    if (r.version != WASM_RECORD_VERSION)
        return err_set(err, -EBADMSG, "a record of version %d", r.version);
    rc = description_check(&r.module, engine, &kind, err);
    if (rc < 0)
        return rc;
    key_of(r.identity, engine, cpu, expected);
    if (!str_eq(expected, key))
        return err_set(err, -EBADMSG, "compiled for another processor, or another module");
    if (!str_has_prefix(r.digest, "sha256:") || digest_check(r.digest, NULL) < 0 ||
        r.size_bytes > LIMIT_WASM_ARTIFACT_BYTES)
        return err_set(err, -EBADMSG, "no digest or size that compiled code can have");
    *ret = r;
    return 0;
}

void record_module(const struct wasm_record *record, struct wasm_module *ret)
{
    enum wasm_kind kind = WASM_CORE;
    (void)wasm_kind_parse(record->module.kind, &kind); /* a decoded record has a good one */
    *ret = (struct wasm_module){
        .kind = kind,
        .imports = { record->module.imports.items, record->module.imports.len },
        .exports = { record->module.exports.items, record->module.exports.len },
        .memory_min_bytes = record->module.memory_min_bytes,
    };
}
