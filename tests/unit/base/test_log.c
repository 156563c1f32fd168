/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "test.h"

static int pipe_fds[2];
static char line[4 * LIMIT_LOG_LINE_BYTES];

static const char *logged(void)
{
    ssize_t len = read(pipe_fds[0], line, sizeof(line) - 1);

    line[len > 0 ? len : 0] = '\0';
    return line;
}

static int redirect(void **state)
{
    (void)state;
    log_set_level(LOG_LEVEL_INFO);
    if (pipe2(pipe_fds, O_NONBLOCK | O_CLOEXEC) < 0)
        return -1;
    log_set_fd(pipe_fds[1]);
    return 0;
}

static int restore(void **state)
{
    (void)state;
    log_set_fd(STDERR_FILENO);
    (void)close(pipe_fds[0]);
    (void)close(pipe_fds[1]);
    return 0;
}

static void a_line_has_level_time_module_message_and_fields(void **state)
{
    int ms = -1, year = 0, end = 0;

    (void)state;
    log_info("pod", "container started", "pod=%s/%s", "default", "web");
    assert_int_equal(
        sscanf(logged(),
               "level=info ts=%4d-%*2d-%*2dT%*2d:%*2d:%*2d.%3dZ mod=pod msg=\"container started\" "
               "pod=default/web\n%n",
               &year, &ms, &end),
        2);
    assert_true(year >= 2020 && ms >= 0);
    assert_int_equal(end, strlen(line));
}

static void fields_may_be_empty(void **state)
{
    const char *empty = "";

    (void)state;
    log_line(LOG_LEVEL_ERROR, "m", "x", "%s", empty);
    assert_true(strstr(logged(), "level=error") && strstr(line, "msg=\"x\" \n"));
}

static void levels_above_the_set_one_are_silent(void **state)
{
    (void)state;
    log_debug("pod", "x", "n=%d", 1);
    assert_string_equal(logged(), "");
    log_set_level(LOG_LEVEL_DEBUG);
    log_debug("pod", "x", "n=%d", 1);
    assert_non_null(strstr(logged(), "level=debug"));
}

static void an_event_is_one_line_whatever_it_says(void **state)
{
    (void)state;
    log_warn("pod", "two\nlines", "raw=%s q=" LOG_Q, "a\nlevel=error", LOG_QUOTE("b\nc"));
    logged();
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
    assert_non_null(strstr(line, "msg=\"two\\nlines\""));
    assert_non_null(strstr(line, "q=\"b\\nc\""));
}

static void long_lines_are_cut_and_still_end(void **state)
{
    char text[3 * LIMIT_LOG_LINE_BYTES];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    log_info("m", "x", "v=%s", text);
    assert_true(strlen(logged()) <= LIMIT_LOG_LINE_BYTES);
    assert_int_equal(line[strlen(line) - 1], '\n');
}

static void quoting_escapes(void **state)
{
    static const struct {
        const char *plain, *quoted;
    } cases[] = {
        { "plain n t r", "\"plain n t r\"" },
        { "", "\"\"" },
        { NULL, "\"\"" },
        { "a\"b", "\"a\\\"b\"" },
        { "a\\b", "\"a\\\\b\"" },
        { "\t\r\n", "\"\\t\\r\\n\"" },
        { "\x1b[1m", "\"\\x1b[1m\"" },
        { "\x7f", "\"\\x7f\"" },
        { "\xc3\xbc", "\"\xc3\xbc\"" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(log_quote(cases[i].plain), cases[i].quoted);
}

static void long_values_are_cut_visibly(void **state)
{
    char text[4096];
    const char *quoted;

    (void)state;
    memset(text, '\n', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    quoted = log_quote(text);
    assert_true(strlen(quoted) < 1024);
    assert_string_equal(quoted + strlen(quoted) - 4, "...\"");
}

static void several_quoted_values_live_side_by_side(void **state)
{
    const char *a = log_quote("a"), *b = log_quote("b"), *c = log_quote("c");

    (void)state;
    assert_string_equal(a, "\"a\"");
    assert_string_equal(b, "\"b\"");
    assert_string_equal(c, "\"c\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line_has_level_time_module_message_and_fields, redirect,
                                        restore),
        cmocka_unit_test_setup_teardown(fields_may_be_empty, redirect, restore),
        cmocka_unit_test_setup_teardown(levels_above_the_set_one_are_silent, redirect, restore),
        cmocka_unit_test_setup_teardown(an_event_is_one_line_whatever_it_says, redirect, restore),
        cmocka_unit_test_setup_teardown(long_lines_are_cut_and_still_end, redirect, restore),
        cmocka_unit_test(quoting_escapes),
        cmocka_unit_test(long_values_are_cut_visibly),
        cmocka_unit_test(several_quoted_values_live_side_by_side),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
