/* SPDX-License-Identifier: Apache-2.0 */
#include "platform.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"

static void wasm_stands_first_only_where_it_is_asked_for(void **state)
{
    static const char *const native_first[] = { "linux", "wasi", "wasi", "wasip2", "wasip1" };
    static const char *const wasm_first[] = { "wasi", "wasi", "wasip2", "wasip1", "linux" };
    AUTO(arena_unref) struct arena *arena = arena_new(64 * KIB);
    struct rt_platform platforms[1 + RT_PLATFORMS_WASM_NR] = { rt_platform_native() };
    (void)state;
    memcpy(platforms + 1, rt_platforms_wasm, sizeof(rt_platforms_wasm));
    struct platform_order a = platform_order_of(platforms, ARRAY_LEN(platforms), false, arena);
    struct platform_order b = platform_order_of(platforms, ARRAY_LEN(platforms), true, arena);
    assert_int_equal(a.len, ARRAY_LEN(platforms));
    assert_int_equal(b.len, ARRAY_LEN(platforms));
    for (size_t i = 0; i < ARRAY_LEN(platforms); i++) {
        assert_string_equal(a.items[i].os, native_first[i]);
        assert_string_equal(b.items[i].os, wasm_first[i]);
    }
    assert_string_equal(b.items[1].architecture, "wasm32");
}

static void a_node_without_wasm_knows_no_order(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(64 * KIB);
    const struct rt_platform platforms[] = { { "linux", "arm", "v7" }, { "linux", "arm64", NULL } };
    (void)state;
    struct platform_order order = platform_order_of(platforms, 2, true, arena);
    assert_int_equal(order.len, 2);
    assert_string_equal(order.items[0].variant, "v7");
    assert_string_equal(order.items[1].architecture, "arm64");
    assert_int_equal(platform_order_of(NULL, 0, true, arena).len, 0);
}

static void either_word_of_a_platform_says_wasm(void **state)
{
    static const struct {
        const char *os, *architecture;
        bool wasm;
    } cases[] = {
        { "wasi", "wasm", true },   { "wasi", "wasm32", true },   { "wasip1", "wasm", true },
        { "wasip2", "wasm", true }, { "linux", "wasm", true },    { "wasi", "", true },
        { NULL, "wasm32", true },   { "linux", "amd64", false },  { NULL, NULL, false },
        { "", "", false },          { "wasmos", "wasmer", false },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (rt_platform_is_wasm(cases[i].os, cases[i].architecture) != cases[i].wasm)
            fail_msg("case %zu", i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wasm_stands_first_only_where_it_is_asked_for),
        cmocka_unit_test(a_node_without_wasm_knows_no_order),
        cmocka_unit_test(either_word_of_a_platform_says_wasm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
