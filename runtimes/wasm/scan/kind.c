/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "listing.h"
#include "offered.h"
#include "rt/wasm_scan.h"

static const char *const names[WASM_KIND_NR] = {
    [WASM_CORE] = "core",
    [WASM_COMMAND] = "command",
    [WASM_HTTP] = "http",
};

const char *wasm_kind_name(enum wasm_kind kind)
{
    return names[kind];
}

int wasm_kind_parse(const char *name, enum wasm_kind *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(name, names[i])) {
            *ret = (enum wasm_kind)i;
            return 0;
        }
    return -EINVAL;
}

/* ---- what to run it as ---- */

static bool is_proxy_filter(const char *name)
{
    return str_has_prefix(name, "proxy_abi_version_") || str_has_prefix(name, "proxy_on_");
}

static int core_kind(const struct wasm_names *exports, enum wasm_kind *ret, struct err *err)
{
    bool callable = false;
    for (size_t i = 0; i < exports->len; i++) {
        const struct wasm_name *export = &exports->items[i];
        if (is_proxy_filter(export->name))
            return err_set(err, -EOPNOTSUPP,
                           "module is a proxy-wasm filter (it exports %.100s): it runs inside a proxy, not as a container",
                           export->name);
        callable |= export->sort == WASM_SORT_FUNCTION;
    }
    if (!callable) {
        struct listing list = { .len = 0 };
        listing_add_names(&list, exports);
        return err_set(err, -EOPNOTSUPP, "module has no function to call: it exports %s", listing_text(&list));
    }
    *ret = WASM_CORE;
    return 0;
}

static bool has_interface(const struct wasm_names *exports, const char *interface)
{
    for (size_t i = 0; i < exports->len; i++)
        if (exports->items[i].sort == WASM_SORT_INSTANCE && offered_interface(exports->items[i].name, interface))
            return true;
    return false;
}

/* The interface of each kind of component, the one that wins first. */
static const struct {
    enum wasm_kind kind;
    const char *interface;
} worlds[] = { { WASM_HTTP, "wasi:http/incoming-handler" }, { WASM_COMMAND, "wasi:cli/run" } };

int wasm_scan_kind(const struct wasm_scan *scan, enum wasm_kind *ret, struct err *err)
{
    struct listing list = { .len = 0 };
    if (!scan->component)
        return core_kind(&scan->exports, ret, err);
    for (size_t i = 0; i < ARRAY_LEN(worlds); i++)
        if (has_interface(&scan->exports, worlds[i].interface)) {
            *ret = worlds[i].kind;
            return 0;
        }
    listing_add_names(&list, &scan->exports);
    return err_set(err, -EOPNOTSUPP,
                   "component exports neither wasi:cli/run nor wasi:http/incoming-handler of WASI " WASI_VERSIONS
                   ": it exports %s",
                   listing_text(&list));
}

/* ---- what it lacks ---- */

int wasm_imports_missing(const struct wasm_scan *scan, struct arena *arena, struct wasm_names *ret, struct err *err)
{
    AUTO(map_done) struct map seen = MAP_INIT;
    struct wasm_name *items = arena_alloc(arena, scan->imports.len * sizeof(*items));
    size_t len = 0;
    if (!items)
        return err_set(err, -E2BIG, "no room for the list of imports");
    for (size_t i = 0; i < scan->imports.len; i++) {
        const struct wasm_name *import = &scan->imports.items[i];
        if (!offered_import(scan->component, import) && !map_put(&seen, import->name, items))
            items[len++] = *import;
    }
    *ret = (struct wasm_names){ items, len };
    return 0;
}

int wasm_imports_refuse(const struct wasm_names *missing, struct err *err)
{
    struct listing list = { .len = 0 };
    bool other_version = false, unstable = false;
    for (size_t i = 0; i < missing->len; i++) {
        other_version |= offered_otherwise(missing->items[i].name);
        unstable |= str_has_prefix(missing->items[i].name, "wasi_unstable.");
    }
    listing_add_names(&list, missing);
    return err_set(err, -EOPNOTSUPP, "module needs imports that this node does not offer: %s%s%s", listing_text(&list),
                   other_version ? " (of WASI 0.2 it offers " WASI_VERSIONS ")" : "",
                   unstable ? " (wasi_unstable came before WASI 0.1: build the module for wasi_snapshot_preview1)" : "");
}
