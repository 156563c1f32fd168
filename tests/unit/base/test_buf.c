/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <errno.h>
#include <string.h>

#include "test.h"

static void appends_add_up_and_end_in_nul(void **state)
{
    AUTO(buf_done) struct buf b = BUF_INIT(100);

    (void)state;
    assert_string_equal(buf_str(&b), "");
    assert_int_equal(buf_add(&b, "ab", 2), 0);
    assert_int_equal(buf_puts(&b, "cd"), 0);
    assert_int_equal(buf_putc(&b, 'e'), 0);
    assert_int_equal(buf_printf(&b, "-%d", 7), 0);
    assert_int_equal(b.len, 7);
    assert_string_equal(buf_str(&b), "abcde-7");
}

static void the_maximum_is_reached_exactly_and_not_passed(void **state)
{
    AUTO(buf_done) struct buf b = BUF_INIT(4);

    (void)state;
    assert_int_equal(buf_puts(&b, "abcd"), 0);
    assert_int_equal(buf_add(&b, NULL, 0), 0);
    assert_false(buf_failed(&b));
    assert_int_equal(buf_putc(&b, 'e'), -E2BIG);
    assert_string_equal(buf_str(&b), "abcd");
}

static void after_a_failure_every_append_fails_until_it_is_cleared(void **state)
{
    AUTO(buf_done) struct buf b = BUF_INIT(4);

    (void)state;
    assert_int_equal(buf_puts(&b, "too long"), -E2BIG);
    assert_int_equal(buf_putc(&b, 'a'), -E2BIG);
    assert_int_equal(buf_printf(&b, "a"), -E2BIG);
    assert_null(buf_reserve(&b, 1));
    assert_true(buf_failed(&b));
    buf_clear(&b);
    assert_int_equal(buf_putc(&b, 'a'), 0);
    assert_string_equal(buf_str(&b), "a");
}

static void sizes_near_the_end_of_the_number_line_do_not_wrap(void **state)
{
    AUTO(buf_done) struct buf b = BUF_INIT(SIZE_MAX - 1), unbounded = BUF_INIT(SIZE_MAX);

    (void)state;
    assert_int_equal(buf_puts(&b, "x"), 0);
    assert_null(buf_reserve(&b, SIZE_MAX - 1));
    assert_int_equal(buf_puts(&unbounded, "x"), -E2BIG); /* a maximum is mandatory */
}

static void reserved_room_is_used_after_commit(void **state)
{
    AUTO(buf_done) struct buf b = BUF_INIT(10);
    char *at;

    (void)state;
    buf_puts(&b, "ab");
    at = buf_reserve(&b, 8);
    assert_non_null(at);
    memcpy(at, "cd", 2);
    buf_commit(&b, 2);
    assert_string_equal(buf_str(&b), "abcd");
    assert_null(buf_reserve(&b, 7));
}

static void consuming_drops_from_the_front(void **state)
{
    static const struct {
        size_t len;
        const char *left;
    } cases[] = { { 0, "abcdef" }, { 2, "cdef" }, { 6, "" }, { 99, "" } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        AUTO(buf_done) struct buf b = BUF_INIT(10);

        buf_puts(&b, "abcdef");
        buf_consume(&b, cases[i].len);
        assert_string_equal(buf_str(&b), cases[i].left);
        assert_int_equal(b.len, strlen(cases[i].left));
    }
}

static void taking_hands_over_and_leaves_an_empty_buffer(void **state)
{
    AUTO(buf_done) struct buf b = BUF_INIT(10);
    AUTO(free) char *empty = buf_take(&b);
    AUTO(free) char *text = NULL;

    (void)state;
    assert_string_equal(empty, "");
    buf_puts(&b, "abc");
    text = buf_take(&b);
    assert_string_equal(text, "abc");
    assert_int_equal(b.len, 0);
    assert_int_equal(buf_puts(&b, "0123456789"), 0);
}

static void nothing_is_taken_from_a_failed_buffer(void **state)
{
    AUTO(buf_done) struct buf b = BUF_INIT(2);

    (void)state;
    buf_puts(&b, "ab");
    buf_puts(&b, "c");
    assert_null(buf_take(&b));
    assert_false(buf_failed(&b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_add_up_and_end_in_nul),
        cmocka_unit_test(the_maximum_is_reached_exactly_and_not_passed),
        cmocka_unit_test(after_a_failure_every_append_fails_until_it_is_cleared),
        cmocka_unit_test(sizes_near_the_end_of_the_number_line_do_not_wrap),
        cmocka_unit_test(reserved_room_is_used_after_commit),
        cmocka_unit_test(consuming_drops_from_the_front),
        cmocka_unit_test(taking_hands_over_and_leaves_an_empty_buffer),
        cmocka_unit_test(nothing_is_taken_from_a_failed_buffer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
