/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "discover.h"

static void versions_are_read(void **state)
{
    static const struct {
        const char *text, *version;
    } cases[] = {
        { "crun version 1.8.1\ncommit: f8a096be\nrundir: /run/crun\n", "1.8.1" },
        { "runc version 1.1.5+ds1\ncommit: x\n", "1.1.5+ds1" },
        { "conmon version 2.1.6\n", "2.1.6" },
        { "something else", "" },
        { "", "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(free) char *version = discover_version(cases[i].text);

        assert_string_equal(version, cases[i].version);
    }
}

static void only_a_new_enough_crun_takes_a_program(void **state)
{
    (void)state;
    assert_true(discover_takes_program("crun", "1.8.1"));
    assert_true(discover_takes_program("crun", "0.17"));
    assert_true(discover_takes_program("crun", "1.21"));
    assert_false(discover_takes_program("crun", "0.16"));
    assert_false(discover_takes_program("crun", ""));
    assert_false(discover_takes_program("crun", "UNKNOWN"));
    assert_false(discover_takes_program("runc", "1.1.5"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_are_read),
        cmocka_unit_test(only_a_new_enough_crun_takes_a_program),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
