/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "k8s/int_or_string.h"

static const struct {
    const char *json;
    int code;
    bool is_int;
    int32_t i;
    const char *s; /* or the message */
} cases[] = {
    { "80", 0, true, 80, NULL },
    { "-1", 0, true, -1, NULL },
    { "2147483647", 0, true, INT32_MAX, NULL },
    { "-2147483648", 0, true, INT32_MIN, NULL },
    { "\"http\"", 0, false, 0, "http" },
    { "\"80\"", 0, false, 0, "80" },
    { "\"\"", 0, false, 0, "" },
    { "2147483648", -EINVAL, false, 0, "2147483648 is out of range for a 32-bit integer" },
    { "-2147483649", -EINVAL, false, 0, "-2147483649 is out of range for a 32-bit integer" },
    { "123456789012345678901234567890", -EINVAL, false, 0,
      "123456789012345678901234567890 is out of range for a 32-bit integer" },
    { "1.0", -EINVAL, false, 0, "expected integer or string, got 1.0" },
    { "1e2", -EINVAL, false, 0, "expected integer or string, got 1e2" },
    { "true", -EINVAL, false, 0, "expected integer or string, got boolean" },
    { "[]", -EINVAL, false, 0, "expected integer or string, got list" },
    { "\"a\\u0000\"", -EINVAL, false, 0, "string with a NUL character" },
};

static void numbers_and_strings_are_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        AUTO(arena_unref) struct arena *arena = arena_new(4096);
        AUTO(buf_done) struct buf out = BUF_INIT(256);
        struct k8s_int_or_string v;
        struct err err = ERR_INIT;

        assert_int_equal(json_decode(&k8s_int_or_string_type, cases[i].json, strlen(cases[i].json),
                                     NULL, arena, &v, &err),
                         cases[i].code);
        if (cases[i].code < 0) {
            assert_string_equal(err.msg, cases[i].s);
            continue;
        }
        assert_true(v.has);
        assert_int_equal(v.is_int, cases[i].is_int);
        assert_int_equal(v.i, cases[i].i);
        if (cases[i].s)
            assert_string_equal(v.s, cases[i].s);
        assert_int_equal(json_encode(&k8s_int_or_string_type, &v, &out), 0);
        assert_string_equal(out.data, cases[i].json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_strings_are_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
