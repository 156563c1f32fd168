/* SPDX-License-Identifier: Apache-2.0 */
#include "pull_gate.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/str.h"
#include "rt/fake.h"
#include "rt/op.h"

static struct loop *loop;
static struct rt_fake *fake;

static int setup(void **state)
{
    const struct rt_fake_script script = { .pull_ms = 5 };
    (void)state;
    if (loop_new(&loop, NULL) < 0 || rt_fake_new(loop, &fake, NULL) < 0)
        return -1;
    rt_fake_script(fake, "app", &script);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fake = rt_fake_free(fake);
    loop = loop_free(loop);
    return 0;
}

struct outcome {
    int calls, code;
};

static void on_pulled(void *user, const struct err *err, const void *result)
{
    struct outcome *o = user;
    (void)result;
    o->calls++;
    o->code = err ? err->code : 0;
}

static void wait_for(const struct outcome *o)
{
    for (int i = 0; o->calls == 0 && i < 1000; i++)
        (void)loop_once(loop, 20);
    assert_int_equal(o->calls, 1);
}

static struct rt_op *pull(struct pull_gate *gate, bool wasm_first, struct outcome *o)
{
    struct rt_images *images = pull_gate_images(gate);
    char name[] = "app"; /* gone when the pull begins */
    const struct rt_pull_request request = { .image = name, .wasm_first = wasm_first };
    struct rt_op *op =
        images->ops->pull(images, &request, &(struct rt_call){ .done = on_pulled, .user = o });
    name[0] = '\0';
    return op;
}

static struct pull_gate *gate_new(int64_t parallel_max)
{
    const struct pull_gate_opts opts = { .images = rt_fake_runtime(fake)->images, .parallel_max = parallel_max };
    return pull_gate_new(loop, &opts);
}

static void a_request_is_handed_on_as_it_is(void **state)
{
    AUTO(pull_gate_free) struct pull_gate *gate = gate_new(1);
    struct outcome first = { 0, 0 }, second = { 0, 0 };
    (void)state;
    (void)pull(gate, false, &first);
    (void)pull(gate, true, &second);
    wait_for(&first);
    wait_for(&second);
    assert_int_equal(first.code, 0);
    assert_int_equal(second.code, 0);
    assert_string_equal(rt_fake_journal(fake, 0), "pull app");
    assert_string_equal(rt_fake_journal(fake, 1), "pull app wasm-first");
}

static void a_pull_that_waits_can_be_cancelled(void **state)
{
    AUTO(pull_gate_free) struct pull_gate *gate = gate_new(1);
    struct outcome first = { 0, 0 }, second = { 0, 0 };
    (void)state;
    (void)pull(gate, false, &first);
    rt_op_cancel(pull(gate, false, &second));
    wait_for(&second);
    assert_int_equal(second.code, -ECANCELED);
    wait_for(&first);
    assert_int_equal(first.code, 0);
    assert_null(rt_fake_journal(fake, 1));
}

static void what_is_too_large_to_be_kept_says_so_and_holds_up_nobody(void **state)
{
    AUTO(pull_gate_free) struct pull_gate *gate = gate_new(1);
    AUTO(free) char *password = xcalloc(LIMIT_K8S_OBJECT_BYTES + 1, 1);
    const struct rt_auth auth = { .username = "me", .password = memset(password, 'x', LIMIT_K8S_OBJECT_BYTES) };
    const struct rt_pull_request request = { .image = "app", .auths = { &auth, 1 } };
    struct outcome large = { 0, 0 }, next = { 0, 0 };
    struct rt_images *images = pull_gate_images(gate);
    (void)state;
    (void)images->ops->pull(images, &request, &(struct rt_call){ .done = on_pulled, .user = &large });
    (void)pull(gate, false, &next);
    wait_for(&large);
    assert_int_equal(large.code, -E2BIG);
    wait_for(&next);
    assert_int_equal(next.code, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_request_is_handed_on_as_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_too_large_to_be_kept_says_so_and_holds_up_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(a_pull_that_waits_can_be_cancelled, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
