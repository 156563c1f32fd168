/* SPDX-License-Identifier: Apache-2.0 */
#include "description.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"

JSON_TYPE(wasm_description, WASM_DESCRIPTION_FIELDS);

static const char *const *names_of(const struct wasm_names *names, bool functions_only, struct arena *arena,
                                   size_t *ret_len)
{
    const char **items = arena_alloc(arena, names->len * sizeof(*items));
    size_t len = 0;
    for (size_t i = 0; items && i < names->len; i++)
        if (!functions_only || names->items[i].sort == WASM_SORT_FUNCTION)
            items[len++] = names->items[i].name;
    *ret_len = len;
    return items;
}

int description_of(const struct wasm_scan *scan, enum wasm_kind kind, const char *engine, struct arena *arena,
                   struct wasm_description *ret, struct err *err)
{
    struct wasm_description d = {
        .kind = wasm_kind_name(kind),
        .engine = engine,
        .memory_min_bytes = scan->memory_min_bytes,
    };
    d.imports.items = names_of(&scan->imports, false, arena, &d.imports.len);
    d.exports.items = names_of(&scan->exports, !scan->component, arena, &d.exports.len);
    if (!d.imports.items || !d.exports.items)
        return err_set(err, -E2BIG, "no room for the names of the module's imports and exports");
    *ret = d;
    return 0;
}

static size_t bytes_of(const char *const *items, size_t len)
{
    size_t bytes = 0;
    for (size_t i = 0; i < len; i++)
        bytes += strlen(items[i]);
    return bytes;
}

int description_check(const struct wasm_description *d, const char *engine, enum wasm_kind *ret_kind, struct err *err)
{
    /* Bytes that are no UTF-8 have become three each on their way through JSON. */
    size_t bytes = bytes_of(d->imports.items, d->imports.len) + bytes_of(d->exports.items, d->exports.len);
    if (d->imports.len > LIMIT_WASM_IMPORTS || d->exports.len > LIMIT_WASM_EXPORTS || bytes > 3 * LIMIT_WASM_NAMES_BYTES)
        return err_set(err, -EBADMSG, "more names than a module may have");
    if (!str_eq(d->engine, engine))
        return err_set(err, -EBADMSG, "compiled by '%.100s', and this is '%.100s'", d->engine, engine);
    if (wasm_kind_parse(d->kind, ret_kind) < 0)
        return err_set(err, -EBADMSG, "'%.100s' is no kind of module", d->kind);
    return 0;
}
