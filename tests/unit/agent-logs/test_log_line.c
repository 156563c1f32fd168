/* SPDX-License-Identifier: Apache-2.0 */
#include "logs/log_line.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "logs/log_options.h"

static void lines_that_are_read(void **state)
{
    static const struct {
        const char *line, *time;
        int stream;
        bool partial;
        const char *text;
    } cases[] = {
        { "2026-01-02T03:04:05.000000006Z stdout F hello world", "2026-01-02T03:04:05.000000006Z", LOG_STDOUT, false,
          "hello world" },
        { "2026-01-02T03:04:05Z stderr P half", "2026-01-02T03:04:05Z", LOG_STDERR, true, "half" },
        { "T stdout F ", "T", LOG_STDOUT, false, "" },
        { "T stdout F   three spaces ", "T", LOG_STDOUT, false, "  three spaces " },
        { "T stdout F:new:tags x", "T", LOG_STDOUT, false, "x" },
        { "T stdout P:new x", "T", LOG_STDOUT, true, "x" },
        { "T stdout F \xff\x01", "T", LOG_STDOUT, false, "\xff\x01" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct log_line l;
        if (log_line_parse(cases[i].line, strlen(cases[i].line), &l) != 0)
            fail_msg("%s", cases[i].line);
        assert_int_equal(l.time_len, strlen(cases[i].time));
        assert_memory_equal(l.time, cases[i].time, l.time_len);
        assert_int_equal(l.stream, cases[i].stream);
        assert_int_equal(l.partial, cases[i].partial);
        assert_int_equal(l.text_len, strlen(cases[i].text));
        assert_memory_equal(l.text, cases[i].text, l.text_len);
    }
}

static void lines_that_are_none(void **state)
{
    static const char *const cases[] = {
        "", "x", " ", "T", "T stdout", "T stdout F", "T stdout  F x", "T stdin F x", "T stdoutx F x", "T STDOUT F x",
        "T stdout X x", "T stdout FP x", "T stdout  x", "{\"log\":\"x\"}",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct log_line l = { .stream = 77 };
        if (log_line_parse(cases[i], strlen(cases[i]), &l) != -EINVAL || l.stream != 77)
            fail_msg("taken: \"%s\"", cases[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_that_are_read),
        cmocka_unit_test(lines_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
