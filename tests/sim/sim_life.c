/* SPDX-License-Identifier: Apache-2.0 */
/* Whole lives of pods, told as stories with exact ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "world.h"

#define STORY(name) static void name(void **state)

static struct world world;

static int setup(void **state)
{
    (void)state;
    world_init(&world, 1);
    rt_fake_script(world.fake, "server:1", &(struct rt_fake_script){ .present = true });
    rt_fake_script(world.fake, "job:1",
                   &(struct rt_fake_script){ .present = true, .exits = true, .run_ms = 500 });
    rt_fake_script(world.fake, "crash:1",
                   &(struct rt_fake_script){
                       .present = true, .exits = true, .run_ms = 100, .exit_code = 3 });
    rt_fake_script(world.fake, "remote:1", &(struct rt_fake_script){ .pull_ms = 1500 });
    rt_fake_script(world.fake, "deaf:1",
                   &(struct rt_fake_script){ .present = true, .ignores_stop = true });
    world_start_agent(&world);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    size_t broken = world_broken(&world);
    size_t twice = rt_fake_counts(world.fake).ran_twice;
    world_done(&world);
    return broken || twice ? -1 : 0;
}

static const char *pod(const char *name, const char *image, const char *policy)
{
    AUTO(free) char *json = xasprintf("{\"metadata\":{\"name\":\"%s\"},\"spec\":{\"restartPolicy\":\"%s\","
                                      "\"containers\":[{\"name\":\"c\",\"image\":\"%s\"}]}}",
                                      name, policy, image);
    return world_create(&world, json);
}

STORY(a_job_runs_to_success)
{
    (void)state;
    const char *uid = pod("job", "job:1", "Never");
    sim_run_for(world.loop, 300);
    assert_string_equal(world_phase(&world, uid), "Running");
    assert_true(world_container(&world, uid, "c")->ready);
    sim_run_for(world.loop, 1000);
    assert_string_equal(world_phase(&world, uid), "Succeeded");
    const struct k8s_container_status *c = world_container(&world, uid, "c");
    assert_non_null(c->state.terminated);
    assert_string_equal(c->state.terminated->reason, "Completed");
    assert_int_equal(c->restart_count, 0);
    assert_true(world_saw_event(&world, "job/c Started Container started"));
    sim_settle(world.loop, 10000);
    assert_true(world_is_clean(&world, uid)); /* a finished pod holds nothing but its record */
    assert_string_equal(world_phase(&world, uid), "Succeeded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_job_runs_to_success, setup, teardown),
    };
    return cmocka_run_group_tests_name("life", tests, NULL, NULL);
}
