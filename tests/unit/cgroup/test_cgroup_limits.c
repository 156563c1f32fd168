/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cgroup_internal.h"

static void shares_become_weight(void **state)
{
    (void)state;
    static const struct {
        uint64_t shares, weight;
    } cases[] = {
        { 0, 1 },           { 1, 1 },
        { 2, 1 },           { 28, 1 },
        { 29, 2 },          { 102, 4 },
        { 512, 20 },        { 1024, 39 },
        { 2048, 79 },       { 4096, 157 },
        { 262143, 9999 },   { 262144, 10000 },
        { 1000000, 10000 }, { UINT64_MAX, 10000 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(rt_cgroup_weight_from_shares(cases[i].shares), cases[i].weight);
}

static const struct {
    const char *name;
    struct rt_resources limits;
    const char *v1, *v2;
} cases[] = {
    { "nothing set", { .cpu_shares = 0 }, "", "" },
    { "a guaranteed pod",
      { .cpu_shares = 1024,
        .cpu_quota_us = 100000,
        .cpu_period_us = 100000,
        .memory_bytes = 134217728,
        .pids = 100 },
      "cpu.shares=1024 cpu.cfs_period_us=100000 cpu.cfs_quota_us=100000 "
      "memory.limit_in_bytes=134217728 pids.max=100 ",
      "cpu.weight=39 cpu.max=100000 100000 memory.max=134217728 pids.max=100 " },
    { "limits taken back",
      { .cpu_quota_us = -1, .memory_bytes = -1, .pids = -1 },
      "cpu.cfs_quota_us=-1 memory.limit_in_bytes=-1 pids.max=max ",
      "cpu.max=max 100000 memory.max=max pids.max=max " },
    { "best effort", { .cpu_shares = 2 }, "cpu.shares=2 ", "cpu.weight=1 " },
    { "a period alone is no limit", { .cpu_period_us = 50000 }, "cpu.cfs_period_us=50000 ", "" },
    { "largest numbers",
      { .cpu_quota_us = INT64_MAX,
        .cpu_period_us = UINT64_MAX,
        .memory_bytes = INT64_MAX,
        .pids = INT64_MAX },
      NULL,
      NULL },
};

static char *text_of(const struct cgroup_setting *settings, size_t len)
{
    struct buf b = BUF_INIT(4096);
    (void)buf_puts(&b, "");
    for (size_t i = 0; i < len; i++)
        (void)buf_printf(&b, "%s=%s ", settings[i].file, settings[i].value);
    return buf_take(&b);
}

static void limits_become_files_and_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct cgroup_setting settings[CGROUP_SETTINGS_MAX];
        print_message("    %s\n", cases[i].name);
        AUTO(free) char *v1 = text_of(settings, cgroup_limits_v1(&cases[i].limits, settings));
        AUTO(free) char *v2 = text_of(settings, cgroup_limits_v2(&cases[i].limits, settings));
        if (!cases[i].v1)
            continue;
        assert_string_equal(v1, cases[i].v1);
        assert_string_equal(v2, cases[i].v2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_become_weight),
        cmocka_unit_test(limits_become_files_and_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
