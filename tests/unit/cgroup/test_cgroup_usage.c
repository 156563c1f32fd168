/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "cgroup_internal.h"

#define STAT                                                                                       \
    "anon 4096\ninactive_file 8192\ninactive_file_x 1\noom 1\noom_kill 7\nlast "                   \
    "18446744073709551615\n"

static const struct {
    const char *text, *key;
    int result;
    uint64_t value;
} cases[] = {
    { "12\n", NULL, 0, 12 },
    { "12", NULL, 0, 12 },
    { "max\n", NULL, 0, UINT64_MAX },
    { "", NULL, -ENOENT, 0 },
    { "-1\n", NULL, -ENOENT, 0 },
    { "x\n", NULL, -ENOENT, 0 },
    { "123456789012345678901234567890\n", NULL, -ENOENT, 0 },
    { STAT, "anon", 0, 4096 },
    { STAT, "inactive_file", 0, 8192 },
    { STAT, "oom_kill", 0, 7 },
    { STAT, "oom", 0, 1 },
    { STAT, "last", 0, UINT64_MAX },
    { STAT, "file", -ENOENT, 0 },
    { STAT, "ano", -ENOENT, 0 },
    { "anon\n", "anon", -ENOENT, 0 },
    { "anon ", "anon", -ENOENT, 0 },
};

static void numbers_are_found_by_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint64_t value = 0;
        assert_int_equal(cgroup_usage_number(cases[i].text, cases[i].key, &value), cases[i].result);
        assert_int_equal(value, cases[i].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(numbers_are_found_by_key) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
