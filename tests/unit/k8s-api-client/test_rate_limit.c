/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/rate_limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void a_burst_is_free_then_the_rate_holds(void **state)
{
    (void)state;
    struct rate_limit r;
    rate_limit_init(&r, 50, 100, 1000);
    for (int i = 0; i < 100; i++)
        assert_int_equal(rate_limit_reserve(&r, 1000), 0);
    assert_int_equal(rate_limit_reserve(&r, 1000), 20);
    assert_int_equal(rate_limit_reserve(&r, 1000), 40);
    assert_int_equal(rate_limit_reserve(&r, 1040), 20);
    assert_int_equal(rate_limit_reserve(&r, 2000), 0);
}

static void it_fills_up_to_the_burst_and_no_further(void **state)
{
    (void)state;
    struct rate_limit r;
    rate_limit_init(&r, 10, 2, 0);
    assert_true(rate_limit_try(&r, 0));
    assert_true(rate_limit_try(&r, 0));
    assert_false(rate_limit_try(&r, 99));
    assert_true(rate_limit_try(&r, 100));
    assert_true(rate_limit_try(&r, INT64_MAX / 2));
    assert_true(rate_limit_try(&r, INT64_MAX / 2));
    assert_false(rate_limit_try(&r, INT64_MAX / 2));
}

static void no_limit_means_none(void **state)
{
    (void)state;
    struct rate_limit r;
    rate_limit_init(&r, 0, 0, 0);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(rate_limit_reserve(&r, 0), 0);
    assert_true(rate_limit_try(&r, 0));
}

static void a_server_can_ask_for_a_pause(void **state)
{
    (void)state;
    struct rate_limit r;
    rate_limit_init(&r, 10, 10, 0);
    rate_limit_hold(&r, 100, 2100);
    assert_int_equal(rate_limit_reserve(&r, 100), 2000);
    assert_false(rate_limit_try(&r, 2000));
    assert_int_equal(rate_limit_reserve(&r, 2100), 0);
}

static void time_that_stands_still_or_runs_back_gives_nothing(void **state)
{
    (void)state;
    struct rate_limit r;
    rate_limit_init(&r, 1, 1, 5000);
    assert_int_equal(rate_limit_reserve(&r, 5000), 0);
    assert_true(rate_limit_reserve(&r, 4000) >= 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_is_free_then_the_rate_holds),
        cmocka_unit_test(it_fills_up_to_the_burst_and_no_further),
        cmocka_unit_test(no_limit_means_none),
        cmocka_unit_test(a_server_can_ask_for_a_pause),
        cmocka_unit_test(time_that_stands_still_or_runs_back_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
