/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "rt/query.h"

static struct loop *loop;
static int owner; /* what is known: its address */

static struct heard {
    int times, code;
    const void *result;
} heard;

static void on_done(void *user, const struct err *err, const void *result)
{
    (void)user;
    heard.times++;
    heard.code = err ? err->code : 0;
    heard.result = result;
}

static void answer(struct rt_query *q)
{
    rt_query_end(q, str_eq(q->id, "known") ? q->owner : NULL);
}

static void answer_for_all(struct rt_query *q)
{
    assert_null(q->id);
    rt_query_end(q, q->owner);
}

static struct rt_op *ask(const char *id, rt_query_fn fn)
{
    const struct rt_call call = { .done = on_done };

    heard = (struct heard){ .times = 0 };
    return rt_query_start(loop, &call, &owner, id, fn);
}

static void turn(void)
{
    for (int i = 0; i < 3; i++)
        (void)loop_once(loop, 10);
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

static void the_answer_comes_later_and_once(void **state)
{
    (void)state;
    (void)ask("known", answer);
    assert_int_equal(heard.times, 0);
    turn();
    assert_int_equal(heard.times, 1);
    assert_ptr_equal(heard.result, &owner);
}

static void nothing_is_an_answer_too(void **state)
{
    (void)state;
    (void)ask("other", answer);
    turn();
    assert_int_equal(heard.times, 1);
    assert_int_equal(heard.code, 0);
    assert_null(heard.result);
}

static void without_an_id_all_is_asked_for(void **state)
{
    (void)state;
    (void)ask(NULL, answer_for_all);
    turn();
    assert_ptr_equal(heard.result, &owner);
}

static void a_cancelled_one_answers_once(void **state)
{
    (void)state;
    rt_op_cancel(ask("known", answer));
    turn();
    assert_int_equal(heard.times, 1);
}

int main(void)
{
#define FACT(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        FACT(the_answer_comes_later_and_once),
        FACT(nothing_is_an_answer_too),
        FACT(without_an_id_all_is_asked_for),
        FACT(a_cancelled_one_answers_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
