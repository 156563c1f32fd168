/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bundle/own.h"

static void what_is_there_is_given(void **state)
{
    const struct own_power own = { .capabilities = 0xff, .oom_score_adj = -1000 };
    unsigned cuts = 0;

    (void)state;
    assert_int_equal(own_clamp_capabilities(&own, 0x0f, &cuts), 0x0f);
    assert_int_equal(own_clamp_oom_score_adj(&own, -997, &cuts), -997);
    assert_int_equal(cuts, 0);
}

static void what_is_not_there_is_cut_and_told(void **state)
{
    const struct own_power own = { .capabilities = 0x0f, .oom_score_adj = 0 };
    unsigned cuts = 0;

    (void)state;
    assert_int_equal(own_clamp_capabilities(&own, 0xf8, &cuts), 0x08);
    assert_int_equal(cuts, OWN_CUT_CAPABILITIES);
    assert_int_equal(own_clamp_oom_score_adj(&own, -997, &cuts), 0);
    assert_int_equal(own_clamp_oom_score_adj(&own, 1000, &cuts), 1000);
    assert_int_equal(cuts, OWN_CUT_CAPABILITIES | OWN_CUT_OOM_SCORE_ADJ);
    assert_string_not_equal(own_cut_text(OWN_CUT_CAPABILITIES), own_cut_text(OWN_CUT_OOM_SCORE_ADJ));
}

static void it_is_read_from_this_process(void **state)
{
    struct own_power own;

    (void)state;
    assert_int_equal(own_power_read(&own, NULL), 0);
    assert_true(own.nofile_hard > 0);
    assert_in_range(own.oom_score_adj + 1000, 0, 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_there_is_given),
        cmocka_unit_test(what_is_not_there_is_cut_and_told),
        cmocka_unit_test(it_is_read_from_this_process),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
