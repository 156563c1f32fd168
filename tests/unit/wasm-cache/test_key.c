/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "key.h"

static void everything_that_code_depends_on_is_in_the_key(void **state)
{
    static const char *const differing[][3] = {
        { "sha256:aa", "wasmtime 48.0.8", "cpu" }, { "sha256:ab", "wasmtime 48.0.8", "cpu" },
        { "sha256:aa", "wasmtime 48.0.9", "cpu" }, { "sha256:aa", "wasmtime 48.0.8", "cpv" },
        { "sha256:aaw", "asmtime 48.0.8", "cpu" }, /* the parts do not run together */
    };
    char keys[ARRAY_LEN(differing)][KEY_BYTES], again[KEY_BYTES];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(differing); i++) {
        key_of(differing[i][0], differing[i][1], differing[i][2], keys[i]);
        assert_true(key_is(keys[i], strlen(keys[i])));
        for (size_t n = 0; n < i; n++)
            assert_string_not_equal(keys[i], keys[n]);
    }
    key_of(differing[0][0], differing[0][1], differing[0][2], again);
    assert_string_equal(again, keys[0]);
}

static void only_a_key_is_a_key(void **state)
{
    static const char good[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    (void)state;
    assert_true(key_is(good, 64));
    assert_false(key_is(good, 63));
    assert_false(key_is("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeF", 64));
    assert_false(key_is("../3456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 64));
    assert_false(key_is("", 0));
}

static void features_of_the_first_processor_count(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        { "processor\t: 0\ncpu MHz\t: 2000\nflags\t\t: fpu avx\n\n", "processor\t: 0\ncpu MHz\t: 1000\nflags\t\t: fpu avx\n\n",
          true },
        { "flags\t\t: fpu avx\n\n", "flags\t\t: fpu avx avx2\n\n", false },
        { "flags\t\t: fpu avx\n\nflags\t\t: x\n", "flags\t\t: fpu avx\n\nflags\t\t: y\n", true },
        { "Features\t: fp asimd\n", "Features\t: fp\n", false },
        { "isa\t\t: rv64imafdc\n", "isa\t\t: rv64imafdcv\n", false },
        { "flags_of_other\t: a\n", "flags_of_other\t: b\n", true },
        { "flags\t\t: fpu", "flags\t\t: fpu", true }, /* without an end of line */
        { "", "processor\t: 0\n", true },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char a[KEY_BYTES], b[KEY_BYTES];
        key_cpu(cases[i].a, a);
        key_cpu(cases[i].b, b);
        if ((strcmp(a, b) == 0) != cases[i].same)
            fail_msg("case %zu", i);
    }
}

static void this_machine_has_features(void **state)
{
    char here[KEY_BYTES], none[KEY_BYTES];
    (void)state;
    assert_int_equal(key_cpu_read(here, NULL), 0);
    key_cpu("", none);
    assert_string_not_equal(here, none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_that_code_depends_on_is_in_the_key),
        cmocka_unit_test(only_a_key_is_a_key),
        cmocka_unit_test(features_of_the_first_processor_count),
        cmocka_unit_test(this_machine_has_features),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
