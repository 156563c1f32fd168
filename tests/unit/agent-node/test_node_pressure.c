/* SPDX-License-Identifier: Apache-2.0 */
#include "pressure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GI (INT64_C(1) << 30)

static struct config_pair pairs[] = {
    { (char[]){ "memory.available" }, (char[]){ "100Mi" } },
    { (char[]){ "nodefs.available" }, (char[]){ "10%" } },
    { (char[]){ "nodefs.inodesFree" }, (char[]){ "5%" } },
    { (char[]){ "pid.available" }, (char[]){ "7.5%" } },
    { (char[]){ "imagefs.available" }, (char[]){ "nonsense" } },
};
static const struct config_map thresholds = { pairs, 5 };

static struct node_usage roomy(void)
{
    return (struct node_usage){ .memory_available_bytes = GI, .memory_bytes = 2 * GI,
                                .nodefs_available_bytes = 50 * GI, .nodefs_bytes = 100 * GI,
                                .nodefs_inodes_free = 1000, .nodefs_inodes = 1000,
                                .imagefs_available_bytes = 0, .imagefs_bytes = 100,
                                .imagefs_inodes_free = -1, .imagefs_inodes = -1,
                                .pids_available = 900, .pids = 1000 };
}

static void thresholds_are_amounts_or_parts(void **state)
{
    (void)state;
    assert_int_equal(node_threshold(&thresholds, "memory.available", 5), 100 << 20);
    assert_int_equal(node_threshold(&thresholds, "nodefs.available", 263173212ll * 1024), 26948936908ll);
    assert_int_equal(node_threshold(&thresholds, "pid.available", 1000), 75);
    assert_int_equal(node_threshold(&thresholds, "imagefs.available", 1000), 0);
    assert_int_equal(node_threshold(&thresholds, "other", 1000), 0);
    struct config_pair odd[] = { { (char[]){ "a" }, (char[]){ "" } }, { (char[]){ "b" }, (char[]){ "%" } },
                                 { (char[]){ "c" }, (char[]){ "99999999999999%" } } };
    const struct config_map map = { odd, 3 };
    assert_int_equal(node_threshold(&map, "a", 1000), 0);
    assert_int_equal(node_threshold(&map, "b", 1000), 0);
    assert_int_equal(node_threshold(&map, "c", INT64_MAX), INT64_MAX);
}

static void each_shortage_has_its_condition(void **state)
{
    (void)state;
    struct node_pressures p = { .is = { false } };
    struct node_usage u = roomy();
    node_pressures_look(&p, &thresholds, &u, 1000);
    assert_false(p.is[NODE_MEMORY_PRESSURE] || p.is[NODE_DISK_PRESSURE] || p.is[NODE_PID_PRESSURE]);
    u.memory_available_bytes = (100 << 20) - 1;
    node_pressures_look(&p, &thresholds, &u, 1000);
    assert_true(p.is[NODE_MEMORY_PRESSURE]);
    assert_false(p.is[NODE_DISK_PRESSURE]);
    u.nodefs_inodes_free = 49;
    u.pids_available = 74;
    node_pressures_look(&p, &thresholds, &u, 1000);
    assert_true(p.is[NODE_DISK_PRESSURE] && p.is[NODE_PID_PRESSURE]);
}

static void a_pressure_lasts_five_minutes_longer(void **state)
{
    (void)state;
    struct node_pressures p = { .is = { false } };
    struct node_usage short_of = roomy(), fine = roomy();
    short_of.memory_available_bytes = 0;
    node_pressures_look(&p, &thresholds, &short_of, 1000);
    node_pressures_look(&p, &thresholds, &fine, 1000 + 299999);
    assert_true(p.is[NODE_MEMORY_PRESSURE]);
    node_pressures_look(&p, &thresholds, &fine, 1000 + 300000);
    assert_false(p.is[NODE_MEMORY_PRESSURE]);
}

static void what_is_not_known_presses_nothing(void **state)
{
    (void)state;
    struct node_pressures p = { .is = { false } };
    struct node_usage u;
    memset(&u, 0xff, sizeof u); /* all -1 */
    node_pressures_look(&p, &thresholds, &u, 1000);
    assert_false(p.is[NODE_MEMORY_PRESSURE] || p.is[NODE_DISK_PRESSURE] || p.is[NODE_PID_PRESSURE]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thresholds_are_amounts_or_parts),
        cmocka_unit_test(each_shortage_has_its_condition),
        cmocka_unit_test(a_pressure_lasts_five_minutes_longer),
        cmocka_unit_test(what_is_not_known_presses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
