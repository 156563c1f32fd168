/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/limits.h"
#include "failures.h"

static void a_failure_is_remembered_until_its_time(void **state)
{
    struct failures f = { .by_key = MAP_INIT };
    struct err first = ERR_INIT, second = ERR_INIT;
    (void)state;
    (void)err_set(&first, -EINVAL, "first");
    (void)err_set(&second, -ENOMEM, "second");
    assert_null(failures_get(&f, "a", 0));
    failures_put(&f, "a", &first, 100);
    assert_string_equal(failures_get(&f, "a", 99)->msg, "first");
    failures_put(&f, "a", &second, 200);
    assert_int_equal(failures_get(&f, "a", 100)->code, -ENOMEM);
    assert_null(failures_get(&f, "b", 100));
    assert_null(failures_get(&f, "a", 200));
    assert_int_equal(map_len(&f.by_key), 0);
    failures_done(&f);
}

static void the_oldest_is_forgotten(void **state)
{
    struct failures f = { .by_key = MAP_INIT };
    struct err err = ERR_INIT;
    char key[16];
    (void)state;
    (void)err_set(&err, -EINVAL, "no");
    for (int i = 0; i < LIMIT_WASM_KNOWN_FAILURES + 1; i++) {
        (void)snprintf(key, sizeof(key), "%d", i);
        failures_put(&f, key, &err, 100);
    }
    assert_int_equal(map_len(&f.by_key), LIMIT_WASM_KNOWN_FAILURES);
    assert_null(failures_get(&f, "0", 1));
    assert_non_null(failures_get(&f, "1", 1));
    assert_non_null(failures_get(&f, key, 1));
    failures_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_is_remembered_until_its_time),
        cmocka_unit_test(the_oldest_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
