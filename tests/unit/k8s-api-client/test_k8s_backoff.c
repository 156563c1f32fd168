/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void it_doubles_up_to_its_maximum(void **state)
{
    (void)state;
    static const int64_t want_ms[] = { 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000 };
    struct backoff b = { .first_ms = 800, .max_ms = 30000 };
    for (size_t i = 0; i < sizeof want_ms / sizeof want_ms[0]; i++)
        assert_int_equal(backoff_next_ms(&b, 12345), want_ms[i]);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(backoff_next_ms(&b, UINT64_MAX), 30000);
    backoff_reset(&b);
    assert_int_equal(backoff_next_ms(&b, 0), 800);
}

static void jitter_only_lengthens_and_is_bounded(void **state)
{
    (void)state;
    for (uint64_t chance = 0; chance < 5000; chance += 7) {
        struct backoff b = { .first_ms = 800, .max_ms = 30000, .jitter_percent = 100 };
        int64_t wait_ms = backoff_next_ms(&b, chance);
        assert_in_range(wait_ms, 800, 1600);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_doubles_up_to_its_maximum),
        cmocka_unit_test(jitter_only_lengthens_and_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
