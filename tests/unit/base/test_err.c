/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <errno.h>
#include <string.h>

#include "test.h"

static void setting_fills_code_and_message_and_clears_the_reason(void **state)
{
    struct err err = { .reason = "Old" };

    (void)state;
    assert_int_equal(err_set(&err, -ENOENT, "pod %s", "web"), -ENOENT);
    assert_int_equal(err.code, -ENOENT);
    assert_string_equal(err.msg, "pod web");
    assert_null(err.reason);
}

static void a_positive_or_zero_code_still_fails(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(err_set(&err, EINVAL, "x"), -EINVAL);
    assert_int_equal(err_set(&err, 0, "x"), -EIO);
    assert_int_equal(err_errno(&err, 0, "x"), -EIO);
}

static void wrapping_puts_context_in_front_and_keeps_code_and_reason(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    err_set_reason(&err, -ENODEV, "FailedMount", "no such device");
    assert_int_equal(err_wrap(&err, "mount %s", "/data"), -ENODEV);
    assert_string_equal(err.msg, "mount /data: no such device");
    assert_string_equal(err.reason, "FailedMount");
    assert_int_equal(err_wrap(&err, "start container %s", "app"), -ENODEV);
    assert_string_equal(err.msg, "start container app: mount /data: no such device");
}

static void wrapping_an_empty_error_fails_all_the_same(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(err_wrap(&err, "step"), -EIO);
    assert_int_equal(err.code, -EIO);
    assert_string_equal(err.msg, "step");
}

static void a_message_may_contain_the_error_s_own_text(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    err_set(&err, -EIO, "inner");
    err_set(&err, -EPERM, "outer (%s)", err.msg);
    assert_string_equal(err.msg, "outer (inner)");
}

static void errno_text_follows_the_message(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(err_errno(&err, ENOENT, "open %s", "/x"), -ENOENT);
    assert_string_equal(err.msg, "open /x: No such file or directory");
}

static void what_does_not_fit_is_cut_visibly(void **state)
{
    char text[2 * ERR_MSG_MAX];
    struct err err = ERR_INIT;

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    err_set(&err, -EIO, "%s", text);
    assert_int_equal(strlen(err.msg), ERR_MSG_MAX - 1);
    assert_string_equal(err.msg + ERR_MSG_MAX - 4, "...");
    err_set(&err, -EIO, "end");
    err_wrap(&err, "%s", text);
    assert_string_equal(err.msg + ERR_MSG_MAX - 4, "...");
    err_errno(&err, EIO, "%s", text);
    assert_string_equal(err.msg + ERR_MSG_MAX - 4, "...");
}

static void the_first_reason_wins(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    err_set(&err, -EIO, "x");
    assert_int_equal(err_reason_default(&err, "A"), -EIO);
    assert_int_equal(err_reason_default(&err, "B"), -EIO);
    assert_string_equal(err.reason, "A");
}

static void callers_may_want_only_the_code(void **state)
{
    struct err err = { .code = -1, .msg = "kept" };

    (void)state;
    assert_int_equal(err_set(NULL, -EPERM, "x"), -EPERM);
    assert_int_equal(err_set_reason(NULL, -EPERM, "R", "x"), -EPERM);
    assert_int_equal(err_errno(NULL, EPERM, "x"), -EPERM);
    assert_int_equal(err_wrap(NULL, "x"), -EIO);
    assert_int_equal(err_reason_default(NULL, "x"), -EIO);
    err_copy(NULL, &err);
    err_copy(&err, NULL);
    err_clear(NULL);
    assert_string_equal(err.msg, "kept");
}

static void copies_are_whole_and_clearing_empties(void **state)
{
    struct err a = ERR_INIT, b = ERR_INIT;

    (void)state;
    err_set_reason(&a, -EIO, "R", "text");
    err_copy(&b, &a);
    assert_int_equal(b.code, -EIO);
    assert_string_equal(b.reason, "R");
    assert_string_equal(b.msg, "text");
    err_clear(&b);
    assert_int_equal(b.code, 0);
    assert_null(b.reason);
    assert_string_equal(b.msg, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setting_fills_code_and_message_and_clears_the_reason),
        cmocka_unit_test(a_positive_or_zero_code_still_fails),
        cmocka_unit_test(wrapping_puts_context_in_front_and_keeps_code_and_reason),
        cmocka_unit_test(wrapping_an_empty_error_fails_all_the_same),
        cmocka_unit_test(a_message_may_contain_the_error_s_own_text),
        cmocka_unit_test(errno_text_follows_the_message),
        cmocka_unit_test(what_does_not_fit_is_cut_visibly),
        cmocka_unit_test(the_first_reason_wins),
        cmocka_unit_test(callers_may_want_only_the_code),
        cmocka_unit_test(copies_are_whole_and_clearing_empties),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
