/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/backoff.h"

#include "base/mem.h"
#include "fixture.h"

static struct container_record crashed(int64_t finished_ms, int64_t noticed_ms)
{
    struct now finished = fixture_now(finished_ms), noticed = fixture_now(noticed_ms);
    struct container_record c = { .name = NULL };
    c.current.state = INSTANCE_EXITED;
    c.current.finished_wall_ns = finished.wall_ns;
    c.live.exit_seen_boot_ns = noticed.boot_ns;
    c.live.exit_passed_ns = noticed.wall_ns - finished.wall_ns;
    return c;
}

static void the_first_restart_is_at_once_and_later_ones_double(void **state)
{
    (void)state;
    static const int64_t waits_ms[] = { 0, 10000, 20000, 40000, 80000, 160000, 300000, 300000 };
    struct container_record c = crashed(0, 0);
    for (size_t i = 0; i < ARRAY_LEN(waits_ms); i++) {
        assert_int_equal(restart_wait_ms(&c, &fixture_policy), waits_ms[i]);
        struct now now = fixture_now(0);
        restart_grow(&c, &fixture_policy, &now);
    }
}

static void ten_quiet_minutes_start_it_over(void **state)
{
    (void)state;
    struct container_record c = crashed(0, 0);
    struct now now = fixture_now(0);
    c.backoff_ms = 160000;
    c.backoff_wall_ns = now.wall_ns;
    c.current.finished_wall_ns = now.wall_ns + 600 * NS_PER_S;
    assert_int_equal(restart_wait_ms(&c, &fixture_policy), 160000);
    c.current.finished_wall_ns += NS_PER_S;
    assert_int_equal(restart_wait_ms(&c, &fixture_policy), 0);
    restart_grow(&c, &fixture_policy, &now);
    assert_int_equal(c.backoff_ms, 10000);
}

static void the_wait_counts_from_the_end_even_when_it_was_noticed_late(void **state)
{
    (void)state;
    struct container_record c = crashed(0, 4000);
    struct now now = fixture_now(0);
    c.backoff_ms = 10000;
    c.backoff_wall_ns = now.wall_ns;
    assert_int_equal(restart_due_boot_ns(&c, &fixture_policy), fixture_now(10000).boot_ns);
}

static void a_node_may_cap_it_below_ten_seconds(void **state)
{
    (void)state;
    struct pod_policy policy = fixture_policy;
    policy.restart_backoff_max_ms = 1000;
    struct container_record c = crashed(0, 0);
    struct now now = fixture_now(0);
    restart_grow(&c, &policy, &now);
    restart_grow(&c, &policy, &now);
    assert_int_equal(restart_wait_ms(&c, &policy), 1000);
}

static void a_failure_is_remembered_with_its_reason(void **state)
{
    (void)state;
    struct retry r = { .delay_ms = 0 };
    struct now now = fixture_now(0), later = fixture_now(10000);
    backoff_fail(&r, BACKOFF_PULL, &fixture_policy, &now, "ErrImagePull", "no");
    assert_int_equal(r.delay_ms, 10000);
    assert_false(backoff_due(&r, &now));
    assert_true(backoff_due(&r, &later));
    backoff_fail(&r, BACKOFF_PULL, &fixture_policy, &now, "ErrImagePull", "still no");
    assert_int_equal(r.delay_ms, 20000);
    assert_string_equal(r.message, "still no");
    retry_clear(&r);
    assert_true(backoff_due(&r, &now));
    backoff_fail(&r, BACKOFF_STEP, &fixture_policy, &now, NULL, NULL);
    assert_int_equal(r.delay_ms, 1000);
    retry_clear(&r);
}

static void durations_look_like_those_of_the_kubelet(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = { { 0, "0ms" },      { 12, "12ms" },     { 1000, "1s" },         { 1500, "1.5s" },
                  { 1234, "1.234s" }, { 10000, "10s" }, { 60000, "1m0s" },     { 160000, "2m40s" },
                  { 300000, "5m0s" }, { 3600000, "1h0m0s" } };
    char out[32];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(duration_print(cases[i].ms * NS_PER_MS, out), cases[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_restart_is_at_once_and_later_ones_double),
        cmocka_unit_test(ten_quiet_minutes_start_it_over),
        cmocka_unit_test(the_wait_counts_from_the_end_even_when_it_was_noticed_late),
        cmocka_unit_test(a_node_may_cap_it_below_ten_seconds),
        cmocka_unit_test(a_failure_is_remembered_with_its_reason),
        cmocka_unit_test(durations_look_like_those_of_the_kubelet),
    };
    return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
