/* SPDX-License-Identifier: Apache-2.0 */
#include "logs/log_options.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

enum { NOW_S = 1000000 };

static int set(struct log_options *o, const char *name, const char *value, struct err *err)
{
    log_options_init(o);
    return log_options_set(o, name, value, NOW_S * NS_PER_S, err);
}

static void without_options_everything_of_both_streams(void **state)
{
    struct log_options o;

    (void)state;
    log_options_init(&o);
    assert_false(o.follow || o.previous || o.timestamps || o.has_tail);
    assert_int_equal(o.since_wall_ns, 0);
    assert_int_equal(o.limit_bytes, 0);
    assert_int_equal(o.streams, LOG_STDOUT | LOG_STDERR);
}

static void only_false_and_0_are_false(void **state)
{
    static const struct {
        const char *value;
        bool want;
    } cases[] = {
        { NULL, true }, { "", true }, { "true", true }, { "1", true }, { "yes", true }, { "x", true },
        { "false", false }, { "False", false }, { "FALSE", false }, { "0", false },
    };
    struct log_options o;
    struct err err = ERR_INIT;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(set(&o, "follow", cases[i].value, &err), 0);
        assert_int_equal(o.follow, cases[i].want);
        assert_int_equal(set(&o, "previous", cases[i].value, &err), 0);
        assert_int_equal(o.previous, cases[i].want);
        assert_int_equal(set(&o, "timestamps", cases[i].value, &err), 0);
        assert_int_equal(o.timestamps, cases[i].want);
    }
}

static void numbers_times_and_streams(void **state)
{
    struct log_options o;
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(set(&o, "tailLines", "0", &err), 0);
    assert_true(o.has_tail);
    assert_int_equal(o.tail_lines, 0);
    assert_int_equal(set(&o, "tailLines", "9223372036854775807", &err), 0);
    assert_int_equal(o.tail_lines, INT64_MAX);
    assert_int_equal(set(&o, "limitBytes", "100000000000", &err), 0);
    assert_int_equal(o.limit_bytes, INT64_C(100000000000));
    assert_int_equal(set(&o, "sinceSeconds", "10", &err), 0);
    assert_int_equal(o.since_wall_ns, (NOW_S - 10) * NS_PER_S);
    assert_int_equal(set(&o, "sinceSeconds", "9000000000", &err), 0); /* longer ago than time itself */
    assert_int_equal(o.since_wall_ns, 1);
    assert_int_equal(set(&o, "sinceTime", "1970-01-01T00:00:02+00:00", &err), 0);
    assert_int_equal(o.since_wall_ns, 2 * NS_PER_S);
    assert_int_equal(set(&o, "stream", "Stdout", &err), 0);
    assert_int_equal(o.streams, LOG_STDOUT);
    assert_int_equal(set(&o, "stream", "Stderr", &err), 0);
    assert_int_equal(o.streams, LOG_STDERR);
    assert_int_equal(set(&o, "stream", "All", &err), 0);
    assert_int_equal(o.streams, LOG_STDOUT | LOG_STDERR);
    assert_int_equal(set(&o, "insecureSkipTLSVerifyBackend", "true", &err), 0);
}

static void what_is_no_value_is_said(void **state)
{
    static const struct {
        const char *name, *value, *message;
    } cases[] = {
        { "tailLines", "x", "tailLines: expected an integer of at least 0, got \"x\"" },
        { "tailLines", "-1", "tailLines: expected an integer of at least 0, got \"-1\"" },
        { "tailLines", "", "tailLines: expected an integer of at least 0, got \"\"" },
        { "limitBytes", "0", "limitBytes: expected an integer of at least 1, got \"0\"" },
        { "sinceSeconds", "0", "sinceSeconds: expected an integer of at least 1, got \"0\"" },
        { "sinceSeconds", "1e3", "sinceSeconds: expected an integer of at least 1, got \"1e3\"" },
        { "sinceSeconds", "9223372036854775807",
          "sinceSeconds: expected an integer of at least 1, got \"9223372036854775807\"" },
        { "sinceTime", "yesterday", "sinceTime: expected a time such as 2026-01-02T03:04:05Z, got \"yesterday\"" },
        { "sinceTime", NULL, "sinceTime: expected a time such as 2026-01-02T03:04:05Z, got \"\"" },
        { "stream", "stdout", "stream: expected All, Stdout or Stderr, got \"stdout\"" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct log_options o;
        struct err err = ERR_INIT;
        assert_int_equal(set(&o, cases[i].name, cases[i].value, &err), -EINVAL);
        assert_string_equal(err.msg, cases[i].message);
        assert_false(o.has_tail);
    }
}

static void what_does_not_go_together(void **state)
{
    struct log_options o;
    struct err err = ERR_INIT;

    (void)state;
    log_options_init(&o);
    assert_int_equal(log_options_check(&o, true, false, &err), 0);
    assert_int_equal(log_options_check(&o, false, true, &err), 0);
    assert_int_equal(log_options_check(&o, true, true, &err), -EINVAL);
    assert_int_equal(set(&o, "tailLines", "3", &err), 0);
    assert_int_equal(log_options_check(&o, false, false, &err), 0);
    o.streams = LOG_STDERR;
    assert_int_equal(log_options_check(&o, false, false, &err), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_options_everything_of_both_streams),
        cmocka_unit_test(only_false_and_0_are_false),
        cmocka_unit_test(numbers_times_and_streams),
        cmocka_unit_test(what_is_no_value_is_said),
        cmocka_unit_test(what_does_not_go_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
