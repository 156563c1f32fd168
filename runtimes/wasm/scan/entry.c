/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/mem.h"
#include "base/str.h"
#include "listing.h"
#include "offered.h"
#include "rt/wasm_scan.h"

static const char *const usual[WASM_KIND_NR] = {
    [WASM_CORE] = "_start",
    [WASM_COMMAND] = "wasi:cli/run",
    [WASM_HTTP] = "wasi:http/incoming-handler",
};

/* The functions of a component have types of their own, which whoever calls them must know: only that of its world is
 * known here. */
static bool is_entry(enum wasm_kind kind, const char *export, const char *function)
{
    if (kind == WASM_CORE)
        return str_eq(export, str_or(function, usual[kind]));
    return offered_interface(export, usual[kind]) && (str_empty(function) || str_eq(export, function));
}

static int refuse(enum wasm_kind kind, const struct rt_strings *exports, const char *function, struct err *err)
{
    struct listing list = { .len = 0 };
    for (size_t i = 0; i < exports->len; i++)
        listing_add(&list, exports->items[i], NULL);
    if (kind != WASM_CORE && !str_empty(function))
        return err_set(err, -EINVAL, "%.200s cannot be called: of this component only %s is, and it exports %s",
                       function, usual[kind], listing_text(&list));
    return err_set(err, -EINVAL, "%s does not export %.200s, which is to be called: it exports %s",
                   kind == WASM_CORE ? "module" : "component", str_or(function, usual[kind]), listing_text(&list));
}

int wasm_entry(enum wasm_kind kind, const struct rt_strings *exports, const char *function, const char **ret,
               struct err *err)
{
    for (size_t i = 0; i < exports->len; i++)
        if (is_entry(kind, exports->items[i], function)) {
            *ret = exports->items[i];
            return 0;
        }
    return refuse(kind, exports, function, err);
}
