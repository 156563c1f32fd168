/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "test.h"

static int one = 1, two = 2;

static void an_empty_map_has_nothing(void **state)
{
    AUTO(map_done) struct map m = MAP_INIT;
    size_t i = 0;

    (void)state;
    assert_null(map_get(&m, "a"));
    assert_null(map_remove(&m, "a"));
    assert_int_equal(map_len(&m), 0);
    assert_false(map_next(&m, &i, NULL, NULL));
}

static void keys_are_copied_and_values_replaced(void **state)
{
    AUTO(map_done) struct map m = MAP_INIT;
    char key[] = "key";

    (void)state;
    assert_null(map_put(&m, key, &one));
    key[0] = 'x';
    assert_ptr_equal(map_get(&m, "key"), &one);
    assert_ptr_equal(map_put(&m, "key", &two), &one);
    assert_int_equal(map_len(&m), 1);
    assert_ptr_equal(map_remove(&m, "key"), &two);
    assert_null(map_get(&m, "key"));
}

static void iteration_follows_insertion_past_removals(void **state)
{
    AUTO(map_done) struct map m = MAP_INIT;
    char seen[16] = "";
    const char *key;
    size_t i = 0;

    (void)state;
    for (const char *c = "zebra"; *c; c++)
        map_put(&m, (const char[]){ *c, '\0' }, &one);
    map_remove(&m, "b");
    map_put(&m, "b", &one);
    while (map_next(&m, &i, &key, NULL))
        strcat(seen, key);
    assert_string_equal(seen, "zerab");
}

static void the_body_of_an_iteration_may_remove_its_entry(void **state)
{
    AUTO(map_done) struct map m = MAP_INIT;
    const char *key;
    size_t i = 0, rounds = 0;

    (void)state;
    for (int k = 0; k < 100; k++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "%d", k);
        map_put(&m, name, &one);
    }
    for (; map_next(&m, &i, &key, NULL); rounds++)
        map_remove(&m, key);
    assert_int_equal(rounds, 100);
    assert_int_equal(map_len(&m), 0);
}

/* Against a plain array, with more churn than the map has room for without rebuilding. */
static void a_random_life_agrees_with_an_array(void **state)
{
    enum { KEYS = 200 };
    AUTO(map_done) struct map m = MAP_INIT;
    int values[KEYS];
    bool present[KEYS] = { false };
    unsigned random = 12345;
    size_t live = 0;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        char key[16];
        int k;

        random = random * 1103515245u + 12345u;
        k = (int)(random >> 16) % KEYS;
        (void)snprintf(key, sizeof(key), "pod-%d", k);
        if (random & 0x8000) {
            assert_ptr_equal(map_put(&m, key, &values[k]), present[k] ? &values[k] : NULL);
            live += !present[k];
            present[k] = true;
        } else {
            assert_ptr_equal(map_remove(&m, key), present[k] ? &values[k] : NULL);
            live -= present[k];
            present[k] = false;
        }
        assert_int_equal(map_len(&m), live);
        assert_true(m.len == 0 || m.len < m.slot_cap); /* a search always ends */
    }
    for (int k = 0; k < KEYS; k++) {
        char key[16];

        (void)snprintf(key, sizeof(key), "pod-%d", k);
        assert_ptr_equal(map_get(&m, key), present[k] ? &values[k] : NULL);
    }
    assert_true(m.slot_cap <= 4 * KEYS); /* holes do not make it grow */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_has_nothing),
        cmocka_unit_test(keys_are_copied_and_values_replaced),
        cmocka_unit_test(iteration_follows_insertion_past_removals),
        cmocka_unit_test(the_body_of_an_iteration_may_remove_its_entry),
        cmocka_unit_test(a_random_life_agrees_with_an_array),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
