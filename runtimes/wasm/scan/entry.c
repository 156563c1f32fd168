/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/mem.h"
#include "base/str.h"
#include "listing.h"
#include "offered.h"
#include "rt/wasm_scan.h"

static bool is_entry(enum wasm_kind kind, const char *export, const char *function)
{
    switch (kind) {
    case WASM_CORE:
        return str_eq(export, str_or(function, "_start"));
    case WASM_COMMAND:
        return offered_interface(export, "wasi:cli/run") && (str_empty(function) || str_eq(export, function));
    default:
        return offered_interface(export, "wasi:http/incoming-handler") &&
               (str_empty(function) || str_eq(export, function));
    }
}

int wasm_entry(enum wasm_kind kind, const struct rt_strings *exports, const char *function, const char **ret,
               struct err *err)
{
    struct listing list = { .len = 0 };
    for (size_t i = 0; i < exports->len; i++) {
        if (is_entry(kind, exports->items[i], function)) {
            *ret = exports->items[i];
            return 0;
        }
        listing_add(&list, exports->items[i], NULL);
    }
    return err_set(err, -EINVAL, "%s does not export %.200s, which is to be called: it exports %s",
                   kind == WASM_CORE ? "module" : "component",
                   str_or(function, kind == WASM_CORE      ? "_start"
                                    : kind == WASM_COMMAND ? "wasi:cli/run"
                                                           : "wasi:http/incoming-handler"),
                   listing_text(&list));
}
