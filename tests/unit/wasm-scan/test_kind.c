/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "binary.h"
#include "rt/wasm_scan.h"

static struct wasm_scan scan_binary(struct binary *b, struct arena *arena)
{
    struct wasm_scan scan;
    struct err err = ERR_INIT;
    if (wasm_scan(b->bytes.data, b->bytes.len, arena, &scan, &err) < 0)
        fail_msg("%s", err.msg);
    binary_done(b);
    return scan;
}

static void kinds_have_names(void **state)
{
    (void)state;
    for (enum wasm_kind kind = 0; kind < WASM_KIND_NR; kind++) {
        enum wasm_kind parsed = WASM_KIND_NR;
        assert_int_equal(wasm_kind_parse(wasm_kind_name(kind), &parsed), 0);
        assert_int_equal(parsed, kind);
    }
    enum wasm_kind none;
    assert_int_equal(wasm_kind_parse("proxy", &none), -EINVAL);
    assert_int_equal(wasm_kind_parse(NULL, &none), -EINVAL);
}

struct export
{
    const char *name;
    uint8_t sort;
};

static void what_a_module_exports_tells_what_it_is(void **state)
{
    static const struct {
        const char *name;
        bool component;
        struct export exports[8];
        enum wasm_kind kind;
        const char *words; /* NULL: it is of this kind */
    } cases[] = {
        { "a main function", false, { { "_start", 0 } }, WASM_CORE, NULL },
        { "any function", false, { { "add", 0 } }, WASM_CORE, NULL },
        { "no function", false, { { "memory", 2 } }, WASM_CORE,
          "module has no function to call: it exports memory (a memory)" },
        { "nothing at all", false, { { NULL, 0 } }, WASM_CORE, "module has no function to call: it exports nothing" },
        { "a proxy's filter", false, { { "proxy_abi_version_0_2_0", 0 } }, WASM_CORE,
          "module is a proxy-wasm filter (it exports proxy_abi_version_0_2_0): it runs inside a proxy, not as a "
          "container" },
        { "an older one", false, { { "proxy_on_configure", 0 } }, WASM_CORE,
          "module is a proxy-wasm filter (it exports proxy_on_configure): it runs inside a proxy, not as a container" },
        { "a command", true, { { "wasi:cli/run@0.2.0", 5 } }, WASM_COMMAND, NULL },
        { "the newest", true, { { "wasi:cli/run@0.2.12", 5 } }, WASM_COMMAND, NULL },
        { "a handler", true, { { "wasi:http/incoming-handler@0.2.3", 5 } }, WASM_HTTP, NULL },
        { "both", true, { { "wasi:cli/run@0.2.3", 5 }, { "wasi:http/incoming-handler@0.2.3", 5 } }, WASM_HTTP, NULL },
        { "a version to come", true, { { "wasi:cli/run@0.3.0", 5 } }, WASM_CORE,
          "component exports neither wasi:cli/run nor wasi:http/incoming-handler of WASI 0.2.0 to 0.2.12: it exports "
          "wasi:cli/run@0.3.0" },
        { "a function of that name", true, { { "wasi:cli/run@0.2.0", 1 } }, WASM_CORE,
          "component exports neither wasi:cli/run nor wasi:http/incoming-handler of WASI 0.2.0 to 0.2.12: it exports "
          "wasi:cli/run@0.2.0" },
        { "many others", true,
          { { "a", 1 }, { "b", 3 }, { "c", 0 }, { "d", 5 }, { "e", 4 }, { "f", 1 }, { "g", 1 } }, WASM_CORE,
          "component exports neither wasi:cli/run nor wasi:http/incoming-handler of WASI 0.2.0 to 0.2.12: it exports "
          "a, b (a type), c (a module), d, e (a component) and 2 more" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena_unref) struct arena *arena = arena_new(LIMIT_WASM_SCAN_BYTES);
        enum wasm_kind kind = WASM_KIND_NR;
        struct err err = ERR_INIT;
        struct binary b;
        binary_init(&b, cases[i].component);
        for (const struct export *e = cases[i].exports; e->name; e++)
            (cases[i].component ? binary_export : binary_core_export)(&b, e->name, e->sort);
        struct wasm_scan scan = scan_binary(&b, arena);
        int rc = wasm_scan_kind(&scan, &kind, &err);
        if (cases[i].words ? rc != -EOPNOTSUPP || !str_eq(err.msg, cases[i].words) : rc != 0 || kind != cases[i].kind)
            fail_msg("%s: %d, kind %d, %s", cases[i].name, rc, (int)kind, err.msg);
    }
}

static void what_is_not_offered_is_named(void **state)
{
    static const struct {
        bool component;
        struct export imports[8]; /* of a core module: "module.field" */
        const char *words;        /* behind the colon; NULL: nothing is missing */
    } cases[] = {
        { false, { { "wasi_snapshot_preview1.fd_write", 0 }, { "wasi_snapshot_preview1.sock_accept", 0 } }, NULL },
        { false, { { "wasi_snapshot_preview1.fd_fly", 0 } }, "wasi_snapshot_preview1.fd_fly" },
        { false, { { "wasi_snapshot_preview1.fd_writ", 0 } }, "wasi_snapshot_preview1.fd_writ" },
        { false,
          { { "env.a", 0 }, { "env.a", 0 }, { "wasi_unstable.fd_write", 0 } },
          "env.a, wasi_unstable.fd_write (wasi_unstable came before WASI 0.1: build the module for "
          "wasi_snapshot_preview1)" },
        { true, { { "wasi:cli/environment@0.2.0", 5 }, { "wasi:http/types@0.2.12", 5 } }, NULL },
        { true, { { "wasi:nn/graph@0.2.0", 5 } }, "wasi:nn/graph@0.2.0" },
        { true,
          { { "wasi:io/poll@0.2.13", 5 }, { "wasi:io/poll@0.3.0", 5 }, { "wasi:io/poll@0.2.0-rc-2023-11-10", 5 },
            { "wasi:io/poll", 5 } },
          "wasi:io/poll@0.2.13, wasi:io/poll@0.3.0, wasi:io/poll@0.2.0-rc-2023-11-10, wasi:io/poll (of WASI 0.2 it "
          "offers 0.2.0 to 0.2.12)" },
        { true, { { "wasi:io/pollution@0.2.0", 5 } }, "wasi:io/pollution@0.2.0" },
        { true,
          { { "wasi:io/poll@0.2.0", 1 }, { "log", 1 }, { "thing", 3 }, { "m", 0 }, { "v", 2 }, { "c", 4 } },
          "wasi:io/poll@0.2.0, log, thing (a type), m (a module), v (a value) and 1 more (of WASI 0.2 it offers 0.2.0 "
          "to 0.2.12)" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena_unref) struct arena *arena = arena_new(LIMIT_WASM_SCAN_BYTES);
        struct wasm_names missing;
        struct err err = ERR_INIT;
        struct binary b;
        binary_init(&b, cases[i].component);
        for (const struct export *e = cases[i].imports; e->name; e++) {
            AUTO(free) char *module = xstrndup(e->name, strcspn(e->name, "."));
            if (cases[i].component)
                binary_import(&b, e->name, e->sort);
            else
                binary_core_import(&b, module, e->name + strlen(module) + 1);
        }
        struct wasm_scan scan = scan_binary(&b, arena);
        assert_int_equal(wasm_imports_missing(&scan, arena, &missing, &err), 0);
        if (!cases[i].words) {
            assert_int_equal(missing.len, 0);
            continue;
        }
        AUTO(free) char *words = xasprintf("module needs imports that this node does not offer: %s", cases[i].words);
        assert_int_equal(wasm_imports_refuse(&missing, &err), -EOPNOTSUPP);
        if (!str_eq(err.msg, words))
            fail_msg("%zu: %s", i, err.msg);
    }
}

static void a_memory_by_a_known_name_is_not_a_function(void **state)
{
    static const struct wasm_name memory = { "wasi_snapshot_preview1.fd_write", WASM_SORT_MEMORY };
    struct wasm_scan scan = { .imports = { &memory, 1 } };
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);
    struct wasm_names missing;
    (void)state;
    assert_int_equal(wasm_imports_missing(&scan, arena, &missing, NULL), 0);
    assert_int_equal(missing.len, 1);
}

static void a_message_has_an_end(void **state)
{
    AUTO(free) char *name = xcalloc(1, 4001);
    struct wasm_name names[50];
    struct wasm_names missing = { names, ARRAY_LEN(names) };
    struct err err = ERR_INIT;
    (void)state;
    memset(name, 'x', 4000);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        names[i] = (struct wasm_name){ name, WASM_SORT_COMPONENT };
    assert_int_equal(wasm_imports_refuse(&missing, &err), -EOPNOTSUPP);
    assert_true(str_has_suffix(err.msg, "… (a component) and 45 more"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_have_names),
        cmocka_unit_test(what_a_module_exports_tells_what_it_is),
        cmocka_unit_test(what_is_not_offered_is_named),
        cmocka_unit_test(a_memory_by_a_known_name_is_not_a_function),
        cmocka_unit_test(a_message_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
