/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <string.h>

#include "test.h"

static void time_since_boot_does_not_go_back(void **state)
{
    int64_t before = clock_boot_ns();

    (void)state;
    for (int i = 0; i < 1000; i++) {
        int64_t now = clock_boot_ns();

        assert_true(now >= before);
        before = now;
    }
    assert_true(clock_boot_ms() >= before / NS_PER_MS);
}

static void now_holds_both_clocks(void **state)
{
    struct now now = clock_now();

    (void)state;
    assert_true(now.wall_ns > INT64_C(1600000000) * NS_PER_S);
    assert_true(clock_wall_ns() - now.wall_ns < 10 * NS_PER_S);
    assert_true(clock_boot_ns() - now.boot_ns < 10 * NS_PER_S);
}

static void the_boot_has_one_identity(void **state)
{
    (void)state;
    assert_int_equal(strlen(clock_boot_id()), 36);
    assert_ptr_equal(clock_boot_id(), clock_boot_id());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_since_boot_does_not_go_back),
        cmocka_unit_test(now_holds_both_clocks),
        cmocka_unit_test(the_boot_has_one_identity),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
