/* SPDX-License-Identifier: Apache-2.0 */
#include "facts_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/mem.h"

static void meminfo_is_read_in_bytes(void **state)
{
    (void)state;
    static const char text[] = "MemTotal:       24684084 kB\nMemFree:        1 kB\nHugePages_Total:       3\nHugetlb:  6144 kB\n";
    assert_int_equal(meminfo_bytes(text, "MemTotal"), 24684084ll * 1024);
    assert_int_equal(meminfo_bytes(text, "HugePages_Total"), 3);
    assert_int_equal(meminfo_bytes(text, "Hugetlb"), 6144 * 1024);
    assert_int_equal(meminfo_bytes(text, "Mem"), -1);
    assert_int_equal(meminfo_bytes("MemTotal: x kB", "MemTotal"), -1);
    assert_int_equal(meminfo_bytes("", "MemTotal"), -1);
}

static void the_name_of_the_system_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name;
    } cases[] = {
        { "NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n", "Debian GNU/Linux 12 (bookworm)" },
        { "PRETTY_NAME='A'", "A" },
        { "PRETTY_NAME=Plain\nX=1", "Plain" },
        { "PRETTY_NAME=\n", NULL },
        { "PRETTY_NAME=\"\"\n", NULL },
        { "", NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(free) char *name = os_release_name(cases[i].text);
        if (cases[i].name)
            assert_string_equal(name, cases[i].name);
        else
            assert_null(name);
    }
}

static void the_default_route_with_the_smallest_metric_wins(void **state)
{
    (void)state;
    static const char v4[] = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
                             "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
                             "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
                             "down0\t00000000\t0101A8C0\t0000\t0\t0\t1\t00000000\t0\t0\t0\n"
                             "eth1\t0000A8C0\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n";
    static const char v6[] =
        "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
        "fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0\n"
        "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
        "00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n";
    AUTO(free) char *four = default_route_v4(v4);
    AUTO(free) char *six = default_route_v6(v6);
    assert_string_equal(four, "eth0");
    assert_string_equal(six, "eth0");
    assert_null(default_route_v4("Iface Destination\n"));
    assert_null(default_route_v4(""));
    assert_null(default_route_v6("nonsense\n"));
}

static void tasks_are_counted(void **state)
{
    (void)state;
    assert_int_equal(loadavg_tasks("0.00 0.01 0.05 2/345 6789\n"), 345);
    assert_int_equal(loadavg_tasks(""), -1);
}

static void machines_have_the_names_that_the_api_knows(void **state)
{
    (void)state;
    assert_string_equal(architecture_of("x86_64"), "amd64");
    assert_string_equal(architecture_of("aarch64"), "arm64");
    assert_string_equal(architecture_of("sh4"), "sh4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(meminfo_is_read_in_bytes),
        cmocka_unit_test(the_name_of_the_system_is_found),
        cmocka_unit_test(the_default_route_with_the_smallest_metric_wins),
        cmocka_unit_test(tasks_are_counted),
        cmocka_unit_test(machines_have_the_names_that_the_api_knows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
