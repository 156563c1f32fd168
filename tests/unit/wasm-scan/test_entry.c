/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "rt/wasm_scan.h"

static void the_export_to_call_is_found(void **state)
{
    static const struct {
        enum wasm_kind kind;
        const char *exports[4], *function, *entry, *words;
    } cases[] = {
        { WASM_CORE, { "add", "_start" }, NULL, "_start", NULL },
        { WASM_CORE, { "add", "_start" }, "", "_start", NULL },
        { WASM_CORE, { "add", "_start" }, "add", "add", NULL },
        { WASM_CORE, { "add", "mul" }, NULL, NULL,
          "module does not export _start, which is to be called: it exports add, mul" },
        { WASM_CORE, { "_start" }, "sub", NULL, "module does not export sub, which is to be called: it exports _start" },
        { WASM_CORE, { NULL }, NULL, NULL, "module does not export _start, which is to be called: it exports nothing" },
        { WASM_COMMAND, { "x", "wasi:cli/run@0.2.6" }, NULL, "wasi:cli/run@0.2.6", NULL },
        { WASM_COMMAND, { "x", "wasi:cli/run@0.2.6" }, "wasi:cli/run@0.2.6", "wasi:cli/run@0.2.6", NULL },
        { WASM_COMMAND, { "x", "wasi:cli/run@0.2.6" }, "x", NULL,
          "x cannot be called: of this component only wasi:cli/run is, and it exports x, wasi:cli/run@0.2.6" },
        { WASM_HTTP, { "wasi:cli/run@0.2.6", "wasi:http/incoming-handler@0.2.6" }, NULL,
          "wasi:http/incoming-handler@0.2.6", NULL },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rt_strings exports = { cases[i].exports, 0 };
        const char *entry = NULL;
        struct err err = ERR_INIT;
        while (exports.items[exports.len])
            exports.len++;
        int rc = wasm_entry(cases[i].kind, &exports, cases[i].function, &entry, &err);
        if (rc != (cases[i].entry ? 0 : -EINVAL) || !str_eq(entry, cases[i].entry) ||
            (cases[i].words && !str_eq(err.msg, cases[i].words)))
            fail_msg("%zu: %d %s %s", i, rc, str_or(entry, "-"), err.msg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_export_to_call_is_found) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
