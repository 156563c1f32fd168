/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_wasm_scan.c - modules and components from strangers: names within their limits and fit for a line of text. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "rt/wasm_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool fact)
{
    if (!fact)
        abort();
}

static void check_names(const struct wasm_names *names, size_t max, size_t *bytes)
{
    must(names->len <= max);
    for (size_t i = 0; i < names->len; i++) {
        must(names->items[i].sort < WASM_SORT_NR);
        *bytes += strlen(names->items[i].name);
        for (const char *c = names->items[i].name; *c; c++)
            must((unsigned char)*c >= ' ' && *c != 0x7f);
    }
}

static void check_entry(enum wasm_kind kind, const struct wasm_scan *scan, struct arena *arena)
{
    const char **items = arena_alloc(arena, scan->exports.len * sizeof(*items));
    struct rt_strings exports = { items, scan->exports.len };
    const char *entry = NULL;
    must(items != NULL);
    for (size_t i = 0; i < exports.len; i++)
        items[i] = scan->exports.items[i].name;
    /* A component is of a kind because of an export, a core module may leave it to the image. */
    must(wasm_entry(kind, &exports, NULL, &entry, NULL) == 0 || kind == WASM_CORE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(4 * LIMIT_WASM_SCAN_BYTES);
    struct wasm_names missing;
    struct wasm_scan scan;
    enum wasm_kind kind;
    struct err err = ERR_INIT;
    size_t bytes = 0;
    int rc = wasm_scan(data, size, arena, &scan, &err);
    must(rc == 0 ? err.code == 0 : err.code == rc && err.msg[0]);
    if (rc == 0) {
        must(scan.component == (wasm_format(data, size) == WASM_FORMAT_COMPONENT));
        check_names(&scan.imports, LIMIT_WASM_IMPORTS, &bytes);
        check_names(&scan.exports, LIMIT_WASM_EXPORTS, &bytes);
        must(bytes <= LIMIT_WASM_NAMES_BYTES);
        if (wasm_scan_kind(&scan, &kind, &err) == 0) {
            must(scan.component == (kind != WASM_CORE));
            check_entry(kind, &scan, arena);
        }
        must(wasm_imports_missing(&scan, arena, &missing, NULL) == 0 && missing.len <= scan.imports.len);
        if (missing.len)
            must(wasm_imports_refuse(&missing, &err) == -EOPNOTSUPP && !strchr(err.msg, '\n'));
    }
    (void)arena_unref(arena);
    return 0;
}
