/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "rt/task.h"

static struct loop *loop;

struct heard {
    int times;
    int code;
    const void *result;
};

static void on_done(void *user, const struct err *err, const void *result)
{
    struct heard *h = user;

    h->times++;
    h->code = err ? err->code : 0;
    h->result = result;
}

static int setup(void **state)
{
    (void)state;
    return loop_new(&loop, NULL);
}

static int teardown(void **state)
{
    (void)state;
    loop = loop_free(loop);
    return 0;
}

static struct rt_op *begin(struct rt_task *t, struct heard *h, int64_t deadline_ms, int64_t bound_ms)
{
    struct rt_call call = { .deadline_ms = deadline_ms, .done = on_done, .user = h };

    *h = (struct heard){ .times = 0 };
    return rt_task_init(t, loop, &call, bound_ms);
}

static void turn(int rounds)
{
    for (int i = 0; i < rounds; i++)
        (void)loop_once(loop, 10);
}

static void it_reports_once(void **state)
{
    struct rt_task t;
    struct heard h;
    struct err err = ERR_INIT;

    (void)state;
    (void)begin(&t, &h, 0, 0);
    rt_task_report(&t, NULL, &t);
    (void)err_set(&err, -EIO, "late");
    rt_task_report(&t, &err, NULL);
    assert_int_equal(h.times, 1);
    assert_int_equal(h.code, 0);
    assert_ptr_equal(h.result, &t);
    rt_task_done(&t);
}

static void an_empty_error_is_success(void **state)
{
    struct rt_task t;
    struct heard h;
    struct err err = ERR_INIT;

    (void)state;
    (void)begin(&t, &h, 0, 0);
    rt_task_report(&t, &err, &t);
    assert_ptr_equal(h.result, &t);
    rt_task_done(&t);
}

static void a_cancel_is_told_later(void **state)
{
    struct rt_task t;
    struct heard h;
    struct rt_op *op = begin(&t, &h, 0, 0);

    (void)state;
    rt_op_cancel(op);
    rt_op_cancel(op);
    assert_int_equal(h.times, 0);
    turn(3);
    assert_int_equal(h.times, 1);
    assert_int_equal(h.code, -ECANCELED);
    rt_task_report(&t, NULL, NULL); /* the steps come to their end */
    assert_int_equal(h.times, 1);
    rt_task_done(&t);
}

static void a_result_that_is_there_beats_a_cancel(void **state)
{
    struct rt_task t;
    struct heard h;
    struct rt_op *op = begin(&t, &h, 0, 0);

    (void)state;
    rt_op_cancel(op);
    rt_task_report(&t, NULL, &t);
    turn(3);
    assert_int_equal(h.times, 1);
    assert_int_equal(h.code, 0);
    rt_task_done(&t);
}

static void past_its_deadline_it_times_out(void **state)
{
    struct rt_task t;
    struct heard h;

    (void)state;
    (void)begin(&t, &h, 1, 100000);
    turn(5);
    assert_int_equal(h.code, -ETIMEDOUT);
    rt_task_done(&t);
    (void)begin(&t, &h, 0, 1);
    turn(5);
    assert_int_equal(h.code, -ETIMEDOUT);
    rt_task_done(&t);
}

static void after_done_nothing_is_called(void **state)
{
    struct rt_task t;
    struct heard h;
    struct rt_op *op = begin(&t, &h, 1, 0);

    (void)state;
    rt_op_cancel(op);
    rt_task_done(&t);
    turn(3);
    assert_int_equal(h.times, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_reports_once, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_error_is_success, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cancel_is_told_later, setup, teardown),
        cmocka_unit_test_setup_teardown(a_result_that_is_there_beats_a_cancel, setup, teardown),
        cmocka_unit_test_setup_teardown(past_its_deadline_it_times_out, setup, teardown),
        cmocka_unit_test_setup_teardown(after_done_nothing_is_called, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
