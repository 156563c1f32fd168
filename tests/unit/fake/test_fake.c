/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/loop.h"
#include "base/mem.h"
#include "base/str.h"
#include "rt/fake.h"

static struct loop *loop;
static struct rt_fake *fake;
static struct rt_runtime *rt;
static int events[16];

struct outcome {
    int calls, code;
    char id[128], reason[64], message[128];
    enum rt_container_state state;
    int exit_code;
};

static void on_event(void *user, const struct rt_event *event)
{
    (void)user;
    events[event->kind]++;
}

static int setup(void **state)
{
    (void)state;
    memset(events, 0, sizeof(events));
    if (loop_new(&loop, NULL) < 0 || rt_fake_new(loop, &fake, NULL) < 0)
        return -1;
    rt = rt_fake_runtime(fake);
    rt->set_events(rt, on_event, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fake = rt_fake_free(fake);
    loop = loop_free(loop);
    return 0;
}

static void take_err(struct outcome *o, const struct err *err)
{
    o->calls++;
    if (!err)
        return;
    o->code = err->code;
    (void)snprintf(o->reason, sizeof(o->reason), "%s", str_or(err->reason, ""));
    (void)snprintf(o->message, sizeof(o->message), "%.100s", err->msg);
}

static void on_nothing(void *user, const struct err *err, const void *result)
{
    (void)result;
    take_err(user, err);
}

static void on_sandbox(void *user, const struct err *err, const void *result)
{
    struct outcome *o = user;
    take_err(o, err);
    if (result)
        (void)snprintf(o->id, sizeof(o->id), "%s", ((const struct rt_sandbox *)result)->id);
}

static void on_container(void *user, const struct err *err, const void *result)
{
    const struct rt_container *c = result;
    struct outcome *o = user;
    take_err(o, err);
    if (!c)
        return;
    (void)snprintf(o->id, sizeof(o->id), "%s", c->id);
    (void)snprintf(o->reason, sizeof(o->reason), "%s", str_or(c->reason, ""));
    o->state = c->state;
    o->exit_code = c->exit_code;
}

static void wait_for(struct outcome *o)
{
    for (int i = 0; o->calls == 0 && i < 1000; i++)
        (void)loop_once(loop, 20);
    assert_int_equal(o->calls, 1);
}

static struct outcome pull(const char *image)
{
    struct outcome o = { .calls = 0 };
    struct rt_pull_request req = { .image = image };
    struct rt_call call = { .done = on_nothing, .user = &o };
    (void)rt->images->ops->pull(rt->images, &req, &call);
    wait_for(&o);
    return o;
}

static struct outcome sandbox(const char *uid)
{
    struct outcome o = { .calls = 0 };
    struct rt_sandbox_config config = {
        .uid = uid, .name = uid, .namespace_ = "ns", .network = RT_NS_POD
    };
    struct rt_call call = { .done = on_sandbox, .user = &o };
    (void)rt->sandboxes->ops->create(rt->sandboxes, &config, &call);
    wait_for(&o);
    return o;
}

static struct outcome create(const char *sandbox_id, uint32_t attempt)
{
    struct outcome o = { .calls = 0 };
    struct rt_container_config config = {
        .sandbox_id = sandbox_id, .name = "app", .attempt = attempt, .image = "app"
    };
    struct rt_call call = { .done = on_container, .user = &o };
    (void)rt->containers->ops->create(rt->containers, &config, &call);
    wait_for(&o);
    return o;
}

static struct outcome start(const char *id)
{
    struct outcome o = { .calls = 0 };
    struct rt_call call = { .done = on_nothing, .user = &o };
    (void)rt->containers->ops->start(rt->containers, id, &call);
    wait_for(&o);
    return o;
}

static struct outcome status(const char *id)
{
    struct outcome o = { .calls = 0 };
    struct rt_call call = { .done = on_container, .user = &o };
    (void)rt->containers->ops->status(rt->containers, id, &call);
    wait_for(&o);
    return o;
}

static struct outcome run(const char *sandbox_id, uint32_t attempt)
{
    struct outcome c = create(sandbox_id, attempt), s = start(c.id);
    assert_int_equal(c.code, 0);
    assert_int_equal(s.code, 0);
    return c;
}

static void turn(int rounds)
{
    for (int i = 0; i < rounds; i++)
        (void)loop_once(loop, 5);
}

static void failures_are_counted_down(void **state)
{
    const struct rt_fake_script script = { .pull_failures = 2,
                                           .pull_reason = "RegistryUnavailable",
                                           .create_failures = 1,
                                           .start_failures = 1,
                                           .failure_message = "not today" };
    (void)state;
    rt_fake_script(fake, "app", &script);
    assert_string_equal(pull("app").reason, "RegistryUnavailable");
    assert_int_equal(pull("app").code, -EIO);
    assert_int_equal(pull("app").code, 0);
    struct outcome s = sandbox("u");
    assert_string_equal(create(s.id, 0).message, "not today");
    struct outcome c = create(s.id, 0);
    assert_int_equal(start(c.id).code, -EIO);
    assert_string_equal(status(c.id).reason, "StartError");
    assert_int_equal(start(create(s.id, 1).id).code, 0);
}

static void a_container_crashes_n_times_and_then_runs(void **state)
{
    const struct rt_fake_script script = {
        .present = true, .exits = true, .exit_code = 1, .runs_before_steady = 2
    };
    (void)state;
    rt_fake_script(fake, "app", &script);
    struct outcome s = sandbox("u");
    for (uint32_t i = 0; i < 3; i++) {
        struct outcome c = run(s.id, i);
        turn(3);
        assert_int_equal(status(c.id).state, i < 2 ? RT_CONTAINER_EXITED : RT_CONTAINER_RUNNING);
    }
    assert_int_equal(events[RT_EVENT_CONTAINER_EXITED], 2);
}

static void one_containers_script_wins_over_its_images(void **state)
{
    const struct rt_fake_script image = { .present = true },
                                own = { .exits = true, .exit_code = 9 };
    (void)state;
    rt_fake_script(fake, "app", &image);
    rt_fake_script_container(fake, "ns/u/app", &own);
    struct outcome u = sandbox("u"), v = sandbox("v"), a = run(u.id, 0), b = run(v.id, 0);
    turn(3);
    assert_int_equal(status(a.id).exit_code, 9);
    assert_int_equal(status(b.id).state, RT_CONTAINER_RUNNING);
}

static void an_operation_that_hangs_ends_by_its_deadline(void **state)
{
    const struct rt_fake_faults faults = { .hangs = true };
    struct outcome o = { .calls = 0 };
    struct rt_pull_request req = { .image = "app" };
    struct rt_call call = { .deadline_ms = 20, .done = on_nothing, .user = &o };
    (void)state;
    rt_fake_faults(fake, &faults);
    (void)rt->images->ops->pull(rt->images, &req, &call);
    wait_for(&o);
    assert_int_equal(o.code, -ETIMEDOUT);
}

static void a_dead_agent_hears_nothing_but_the_world_goes_on(void **state)
{
    const struct rt_fake_script script = {
        .present = true, .exits = true, .run_ms = 20, .exit_code = 4
    };
    struct outcome dropped = { .calls = 0 };
    struct rt_pull_request req = { .image = "app" };
    struct rt_call call = { .done = on_nothing, .user = &dropped };
    (void)state;
    rt_fake_script(fake, "app", &script);
    struct outcome s = sandbox("u"), c = run(s.id, 0);
    (void)rt->images->ops->pull(rt->images, &req, &call);
    rt_fake_agent_restart(fake);
    turn(20);
    assert_int_equal(dropped.calls, 0);
    assert_int_equal(events[RT_EVENT_CONTAINER_EXITED], 0);
    assert_int_equal(status(c.id).exit_code, 4);
}

static void a_reboot_ends_everything_silently(void **state)
{
    const struct rt_fake_script script = { .present = true };
    (void)state;
    rt_fake_script(fake, "app", &script);
    struct outcome s = sandbox("u"), c = run(s.id, 0);
    rt_fake_reboot(fake);
    turn(3);
    assert_int_equal(status(c.id).exit_code, 255);
    assert_int_equal(rt_fake_counts(fake).running, 0);
    assert_int_equal(rt_fake_counts(fake).images, 1);
}

static void a_lost_supervisor_leaves_the_state_unknown(void **state)
{
    const struct rt_fake_script script = { .present = true };
    (void)state;
    rt_fake_script(fake, "app", &script);
    struct outcome s = sandbox("u"), c = run(s.id, 0);
    assert_int_equal(rt_fake_lose_supervisor(fake, c.id), 0);
    turn(3);
    assert_int_equal(events[RT_EVENT_SUPERVISOR_LOST], 1);
    assert_int_equal(status(c.id).state, RT_CONTAINER_UNKNOWN);
    assert_int_equal(rt_fake_exit(fake, c.id, 0, false), -ENOENT);
}

static void a_node_whose_runtime_is_down_says_so(void **state)
{
    const struct rt_fake_faults down = { .runtime_down = "gone fishing" }, up = { .latency_ms = 1 };
    (void)state;
    rt_fake_faults(fake, &down);
    assert_false(rt->health(rt).runtime_ready);
    assert_string_equal(sandbox("u").message, "gone fishing");
    rt_fake_faults(fake, &up);
    turn(3);
    assert_true(rt->health(rt).runtime_ready);
    assert_int_equal(sandbox("u").code, 0);
    assert_true(events[RT_EVENT_HEALTH_CHANGED] > 0);
}

static void the_journal_tells_what_was_asked_for(void **state)
{
    const struct rt_fake_script script = { .present = true };
    (void)state;
    rt_fake_script(fake, "app", &script);
    struct outcome s = sandbox("u");
    (void)run(s.id, 0);
    assert_string_equal(rt_fake_journal(fake, 0), "sandbox.create ns/u#0");
    assert_string_equal(rt_fake_journal(fake, 1), "create app#0");
    assert_string_equal(rt_fake_journal(fake, 2), "start app");
    assert_null(rt_fake_journal(fake, 3));
}

int main(void)
{
#define FACT(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        FACT(failures_are_counted_down),
        FACT(a_container_crashes_n_times_and_then_runs),
        FACT(one_containers_script_wins_over_its_images),
        FACT(an_operation_that_hangs_ends_by_its_deadline),
        FACT(a_dead_agent_hears_nothing_but_the_world_goes_on),
        FACT(a_reboot_ends_everything_silently),
        FACT(a_lost_supervisor_leaves_the_state_unknown),
        FACT(a_node_whose_runtime_is_down_says_so),
        FACT(the_journal_tells_what_was_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
