/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "k8s/time.h"

#define S INT64_C(1000000000)

static const struct {
    const char *text;
    int64_t unix_ns;
    const char *seconds, *micro;
} good[] = {
    { "1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z" },
    { "2026-01-02T03:04:05Z", 1767323045 * S, "2026-01-02T03:04:05Z",
      "2026-01-02T03:04:05.000000Z" },
    { "2026-01-02T03:04:05.678901234Z", 1767323045 * S + 678901234, "2026-01-02T03:04:05Z",
      "2026-01-02T03:04:05.678901Z" },
    { "2026-01-02T03:04:05.6Z", 1767323045 * S + 600000000, "2026-01-02T03:04:05Z",
      "2026-01-02T03:04:05.600000Z" },
    { "2026-01-02T03:04:05.1234567899999Z", 1767323045 * S + 123456789, "2026-01-02T03:04:05Z",
      "2026-01-02T03:04:05.123456Z" },
    { "2026-01-02T03:04:05+01:00", 1767319445 * S, "2026-01-02T02:04:05Z",
      "2026-01-02T02:04:05.000000Z" },
    { "2025-12-31T23:59:59-05:30", 1767245399 * S, "2026-01-01T05:29:59Z",
      "2026-01-01T05:29:59.000000Z" },
    { "2024-02-29T12:00:00Z", 1709208000 * S, "2024-02-29T12:00:00Z",
      "2024-02-29T12:00:00.000000Z" },
    { "2000-02-29T00:00:00Z", 951782400 * S, "2000-02-29T00:00:00Z",
      "2000-02-29T00:00:00.000000Z" },
    { "1969-12-31T23:59:59.5Z", -S / 2, "1969-12-31T23:59:59Z", "1969-12-31T23:59:59.500000Z" },
    { "1901-03-01T00:00:00Z", INT64_C(-2172355200) * S, "1901-03-01T00:00:00Z",
      "1901-03-01T00:00:00.000000Z" },
    { "0001-01-01T00:00:00Z", INT64_MIN, "1677-09-21T00:12:43Z", "1677-09-21T00:12:43.145224Z" },
    { "9999-12-31T23:59:59Z", INT64_MAX, "2262-04-11T23:47:16Z", "2262-04-11T23:47:16.854775Z" },
};

static const char *const bad[] = {
    "",
    "2026",
    "2026-01-02",
    "2026-01-02T03:04:05",
    "2026-01-02 03:04:05Z",
    "2026-1-2T03:04:05Z",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "2026-01-02T24:00:00Z",
    "2026-01-02T03:60:00Z",
    "2026-01-02T03:04:60Z",
    "2026-01-02T03:04:05.Z",
    "2026-01-02T03:04:05z",
    "2026-01-02t03:04:05Z",
    "2026-01-02T03:04:05+0100",
    "2026-01-02T03:04:05+1:00",
    "2026-01-02T03:04:05+24:00",
    "2026-01-02T03:04:05Z ",
    "2026-01-02T03:04:05ZZ",
    "+2026-01-02T03:04:05Z",
    "20260102T030405Z",
    "now",
    "1767323045",
};

static void times_are_read_and_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        int64_t ns = 1;
        char text[K8S_TIME_TEXT_BYTES];

        if (k8s_time_parse(good[i].text, strlen(good[i].text), &ns) < 0 || ns != good[i].unix_ns)
            fail_msg("%s: %lld", good[i].text, (long long)ns);
        assert_string_equal(k8s_time_print(ns, 0, text), good[i].seconds);
        assert_string_equal(k8s_time_print(ns, 6, text), good[i].micro);
    }
}

static void other_texts_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t ns = 77;

        if (k8s_time_parse(bad[i], strlen(bad[i]), &ns) != -EINVAL)
            fail_msg("\"%s\": accepted", bad[i]);
        assert_true(ns == 77);
    }
}

static void every_day_of_four_centuries_survives(void **state)
{
    (void)state;
    for (int64_t day = -73000; day < 73000; day++) {
        int64_t ns = (day * 86400 + 3600) * S, back = 0;
        char text[K8S_TIME_TEXT_BYTES];

        (void)k8s_time_print(ns, 9, text);
        assert_int_equal(k8s_time_parse(text, strlen(text), &back), 0);
        assert_true(ns == back);
    }
}

static void the_types_differ_in_precision(void **state)
{
    struct k8s_time t = k8s_time_at(1767323045 * S + 123456789);
    struct k8s_micro_time m = { .has = true, .unix_ns = t.unix_ns };
    struct k8s_time none = { .has = false };
    AUTO(buf_done) struct buf out = BUF_INIT(256);

    (void)state;
    assert_int_equal(json_encode(&k8s_time_type, &t, &out), 0);
    assert_int_equal(json_encode(&k8s_micro_time_type, &m, &out), 0);
    assert_int_equal(json_encode(&k8s_time_type, &none, &out), 0);
    assert_string_equal(out.data, "\"2026-01-02T03:04:05Z\"\"2026-01-02T03:04:05.123456Z\"null");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read_and_written),
        cmocka_unit_test(other_texts_are_refused),
        cmocka_unit_test(every_day_of_four_centuries_survives),
        cmocka_unit_test(the_types_differ_in_precision),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
