/* SPDX-License-Identifier: Apache-2.0 */
#include "entry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"

static void an_argument_is_a_path_and_a_function(void **state)
{
    static const struct {
        const char *arg, *path, *function;
        enum entry_name name;
        bool bare;
    } cases[] = {
        { "/app.wasm", "/app.wasm", NULL, ENTRY_WASM, false },
        { "app.wasm", "/app.wasm", NULL, ENTRY_WASM, false },
        { "./app.wat", "/./app.wat", NULL, ENTRY_WAT, false },
        { "bin/app", "/bin/app", NULL, ENTRY_PLAIN, false },
        { "/bin/sh", "/bin/sh", NULL, ENTRY_PLAIN, false },
        { "sh", "/sh", NULL, ENTRY_PLAIN, true },
        { "app.wasm#run", "/app.wasm", "run", ENTRY_WASM, false },
        { "/app.wasm#", "/app.wasm", NULL, ENTRY_WASM, false },
        { "/app.wasm#a#b", "/app.wasm", "a#b", ENTRY_WASM, false },
        { "#run", "", "run", ENTRY_PLAIN, true },
        { "x#a/b.wasm", "/x", "a/b.wasm", ENTRY_PLAIN, true },
        { "", "", NULL, ENTRY_PLAIN, true },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena_unref) struct arena *arena = arena_new(4096);
        const struct rt_strings args = { &cases[i].arg, 1 };
        struct entry e;
        assert_true(entry_of(&args, arena, &e));
        if (!str_eq(e.path, cases[i].path) || !str_eq(e.function, cases[i].function) || e.name != cases[i].name ||
            e.bare != cases[i].bare)
            fail_msg("%s: path %s, function %s, name %d", cases[i].arg, e.path, str_or(e.function, "-"), (int)e.name);
    }
}

static void nothing_to_run_is_no_path(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(4096);
    const struct rt_strings none = { NULL, 0 };
    struct entry e;
    (void)state;
    assert_true(entry_of(&none, arena, &e));
    assert_string_equal(e.path, "");
    assert_null(e.function);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_argument_is_a_path_and_a_function),
        cmocka_unit_test(nothing_to_run_is_no_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
