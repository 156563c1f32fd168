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

STORY(a_crash_is_restarted_at_once_and_then_waits_longer_each_time)
{
    (void)state;
    const char *uid = pod("loop", "crash:1", "Always");
    sim_run_for(world.loop, 5000); /* the second run ended and waits */
    const struct k8s_container_status *c = world_container(&world, uid, "c");
    assert_int_equal(c->restart_count, 1);
    assert_non_null(c->state.waiting);
    assert_string_equal(c->state.waiting->reason, "CrashLoopBackOff");
    assert_string_equal(c->state.waiting->message,
                        "back-off 10s restarting failed container=c pod=loop_default(uid-1)");
    assert_non_null(c->last_state.terminated);
    assert_int_equal(c->last_state.terminated->exit_code, 3);
    assert_string_equal(c->last_state.terminated->reason, "Error");
    assert_string_equal(world_phase(&world, uid), "Running");
    assert_int_equal(world_count_events(&world, "BackOff Back-off restarting failed container c in pod"), 1);
    sim_run_for(world.loop, 10000);
    assert_int_equal(world_container(&world, uid, "c")->restart_count, 2);
    assert_string_equal(world_container(&world, uid, "c")->state.waiting->message,
                        "back-off 20s restarting failed container=c pod=loop_default(uid-1)");
    sim_run_for(world.loop, 20 * 1000);
    assert_int_equal(world_container(&world, uid, "c")->restart_count, 3);
    sim_run_for(world.loop, 3600 * 1000);
    assert_string_equal(world_container(&world, uid, "c")->state.waiting->message,
                        "back-off 5m0s restarting failed container=c pod=loop_default(uid-1)");
    assert_int_equal(world_container(&world, uid, "c")->restart_count, 17);
    assert_true(rt_fake_count_pod(world.fake, uid, false) <= 3); /* a sandbox, two runs */
}

STORY(a_failed_container_is_not_restarted_when_never)
{
    (void)state;
    const char *uid = pod("once", "crash:1", "Never");
    sim_run_for(world.loop, 5000);
    assert_string_equal(world_phase(&world, uid), "Failed");
    assert_int_equal(world_container(&world, uid, "c")->state.terminated->exit_code, 3);
    assert_true(world_is_clean(&world, uid));
}

STORY(deletion_stops_cleans_reports_and_then_deletes)
{
    (void)state;
    const char *uid = pod("web", "server:1", "Always");
    sim_run_for(world.loop, 1000);
    assert_string_equal(world_phase(&world, uid), "Running");
    world_delete(&world, uid, 30);
    sim_run_for(world.loop, 1000); /* the process ends on SIGTERM: no grace is waited for */
    assert_string_equal(world_phase(&world, uid), "gone");
    assert_true(world_is_clean(&world, uid));
    assert_int_equal(map_len(&world.disk), 0);
    assert_int_equal(pods_len(world.pods), 0);
    assert_int_equal(world_count_events(&world, "Killing Stopping container c"), 1);
    assert_string_equal(world_pod(&world, uid)->phases[1], "Running");
    assert_string_equal(world_pod(&world, uid)->phases[2], "Failed"); /* 143 */
}

STORY(a_deaf_container_is_killed_after_its_grace)
{
    (void)state;
    const char *uid = pod("deaf", "deaf:1", "Always");
    sim_run_for(world.loop, 1000);
    world_delete(&world, uid, 30);
    sim_run_for(world.loop, 29500);
    assert_string_equal(world_phase(&world, uid), "Running");
    sim_run_for(world.loop, 1500);
    assert_string_equal(world_phase(&world, uid), "gone");
}

STORY(grace_is_only_ever_shortened)
{
    (void)state;
    const char *uid = pod("deaf", "deaf:1", "Always");
    sim_run_for(world.loop, 1000);
    world_delete(&world, uid, 3600);
    sim_run_for(world.loop, 1000);
    world_delete(&world, uid, 5);
    sim_run_for(world.loop, 1000);
    world_delete(&world, uid, 600);
    sim_run_for(world.loop, 5000);
    assert_string_equal(world_phase(&world, uid), "gone");
}

STORY(a_pod_removed_by_force_is_stopped_and_forgotten)
{
    (void)state;
    const char *uid = pod("web", "server:1", "Always");
    sim_run_for(world.loop, 1000);
    world_force_delete(&world, uid);
    sim_run_for(world.loop, 3000);
    assert_true(world_is_clean(&world, uid));
    assert_int_equal(pods_len(world.pods), 0);
    assert_int_equal(map_len(&world.disk), 0);
}

static bool asked_the_runtime(const char *line)
{
    for (size_t i = 0; rt_fake_journal(world.fake, i); i++)
        if (str_eq(rt_fake_journal(world.fake, i), line))
            return true;
    return false;
}

static const char *pod_of_class(const char *class)
{
    AUTO(free) char *json = xasprintf("{\"metadata\":{\"name\":\"classy\"},\"spec\":{\"runtimeClassName\":\"%s\","
                                      "\"containers\":[{\"name\":\"c\",\"image\":\"server:1\"}]}}", class);
    return world_create(&world, json);
}

STORY(a_pod_waits_for_its_runtime_class_and_goes_on_when_it_comes)
{
    (void)state;
    const char *uid = pod_of_class("quick");
    sim_run_for(world.loop, 60 * 1000); /* the next try is many seconds away */
    assert_string_equal(world_phase(&world, uid), "Pending");
    assert_string_equal(world_container(&world, uid, "c")->state.waiting->reason, "ContainerCreating");
    assert_true(world_saw_event(&world, "classy/ FailedCreatePodSandBox Failed to create pod sandbox: "
                                        "runtimeclass.node.k8s.io \"quick\" not found"));
    assert_int_equal(rt_fake_count_pod(world.fake, uid, false), 0);
    world_set_runtime_class(&world, "quick", "fake");
    sim_run_for(world.loop, 500);
    assert_string_equal(world_phase(&world, uid), "Running");
    assert_true(asked_the_runtime("sandbox.create default/classy#0 fake"));
    world_set_runtime_class(&world, NULL, NULL); /* what runs, runs on, and can be deleted */
    sim_run_for(world.loop, 5000);
    assert_string_equal(world_phase(&world, uid), "Running");
    world_delete(&world, uid, 30);
    sim_run_for(world.loop, 1000);
    assert_string_equal(world_phase(&world, uid), "gone");
}

STORY(a_pod_whose_handler_this_node_lacks_waits_and_can_be_deleted)
{
    (void)state;
    world_set_runtime_class(&world, "heavy", "kata");
    const char *uid = pod_of_class("heavy");
    sim_run_for(world.loop, 5000);
    assert_string_equal(world_phase(&world, uid), "Pending");
    assert_true(world_saw_event(&world, "classy/ FailedCreatePodSandBox Failed to create pod sandbox: failed to get sandbox "
                                        "runtime: no runtime for \"kata\" is configured"));
    world_delete(&world, uid, 30);
    sim_run_for(world.loop, 1000);
    assert_string_equal(world_phase(&world, uid), "gone");
    assert_true(world_is_clean(&world, uid));
}

STORY(an_image_is_pulled_with_its_events)
{
    (void)state;
    const char *uid = pod("far", "remote:1", "Always");
    sim_run_for(world.loop, 1000);
    assert_string_equal(world_phase(&world, uid), "Pending");
    assert_string_equal(world_container(&world, uid, "c")->state.waiting->reason, "ContainerCreating");
    sim_run_for(world.loop, 2000);
    assert_string_equal(world_phase(&world, uid), "Running");
    assert_true(world_saw_event(&world, "far/c Pulling Pulling image \"remote:1\""));
    assert_true(world_saw_event(&world, "far/c Pulled Successfully pulled image \"remote:1\" in 1.5"));
}

STORY(an_image_that_does_not_exist_backs_off)
{
    (void)state;
    const char *uid = pod("nowhere", "missing:1", "Always");
    sim_run_for(world.loop, 700);
    assert_string_equal(world_container(&world, uid, "c")->state.waiting->reason, "ErrImagePull");
    sim_run_for(world.loop, 1500);
    const struct k8s_container_state_waiting *w = world_container(&world, uid, "c")->state.waiting;
    assert_string_equal(w->reason, "ImagePullBackOff");
    assert_non_null(strstr(w->message, "Back-off pulling image \"missing:1\": ErrImagePull: "));
    assert_int_equal(world_count_events(&world, "nowhere/c Failed Error: ImagePullBackOff"), 1);
    assert_int_equal(world_count_events(&world, "Pulling image"), 1);
    sim_run_for(world.loop, 10000);
    assert_int_equal(world_count_events(&world, "Pulling image"), 2);
    rt_fake_script(world.fake, "missing:1", &(struct rt_fake_script){ .pull_ms = 10 });
    sim_run_for(world.loop, 30000);
    assert_string_equal(world_phase(&world, uid), "Running");
}

STORY(an_image_that_must_not_be_pulled_is_waited_for)
{
    (void)state;
    const char *uid = world_create(&world,
                                   "{\"metadata\":{\"name\":\"never\"},\"spec\":{\"containers\":[{\"name\":\"c\","
                                   "\"image\":\"remote:1\",\"imagePullPolicy\":\"Never\"}]}}");
    sim_run_for(world.loop, 1000);
    const struct k8s_container_state_waiting *w = world_container(&world, uid, "c")->state.waiting;
    assert_string_equal(w->reason, "ErrImageNeverPull");
    assert_string_equal(w->message, "Container image \"remote:1\" is not present with pull policy of Never");
    assert_false(world_saw_event(&world, "Pulling"));
}

STORY(a_deadline_ends_the_pod)
{
    (void)state;
    const char *uid = world_create(&world,
                                   "{\"metadata\":{\"name\":\"late\"},\"spec\":{\"activeDeadlineSeconds\":60,"
                                   "\"containers\":[{\"name\":\"c\",\"image\":\"server:1\"}]}}");
    sim_run_for(world.loop, 59000);
    assert_string_equal(world_phase(&world, uid), "Running");
    sim_run_for(world.loop, 3000);
    assert_string_equal(world_phase(&world, uid), "Failed");
    assert_string_equal(world_status(&world, uid)->reason, "DeadlineExceeded");
    assert_true(world_is_clean(&world, uid));
}

STORY(a_pod_that_asks_for_too_much_is_refused)
{
    (void)state;
    struct k8s_resource items[] = { { "cpu", k8s_quantity_from_value(2, K8S_DECIMAL_SI) },
                                    { "pods", k8s_quantity_from_value(110, K8S_DECIMAL_SI) } };
    struct k8s_resource_list allocatable = { items, 2 };
    world.settings.node.allocatable = &allocatable;
    const char *uid = world_create(
        &world, "{\"metadata\":{\"name\":\"big\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":"
                "\"server:1\",\"resources\":{\"requests\":{\"cpu\":\"2500m\"}}}]}}");
    sim_run_for(world.loop, 2000);
    assert_string_equal(world_phase(&world, uid), "Failed");
    assert_string_equal(world_status(&world, uid)->reason, "OutOfcpu");
    assert_string_equal(world_status(&world, uid)->message,
                        "Pod was rejected: Node didn't have enough resource: cpu, requested: 2500, used: 0, capacity: 2000");
    assert_true(world_saw_event(&world, "big/ OutOfcpu Node didn't have"));
    assert_true(world_is_clean(&world, uid));
    world_delete(&world, uid, 30);
    sim_run_for(world.loop, 2000);
    assert_string_equal(world_phase(&world, uid), "gone");
}

STORY(what_is_not_supported_waits_and_names_the_field)
{
    (void)state;
    const char *uid = world_create(
        &world, "{\"metadata\":{\"name\":\"probe\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"server:1\","
                "\"livenessProbe\":{\"exec\":{\"command\":[\"true\"]}}}]}}");
    sim_run_for(world.loop, 5000);
    assert_string_equal(world_phase(&world, uid), "Pending");
    const struct k8s_container_state_waiting *w = world_container(&world, uid, "c")->state.waiting;
    assert_string_equal(w->reason, "CreateContainerConfigError");
    assert_string_equal(w->message, "spec.containers[0].livenessProbe is not supported by oarsman yet");
    assert_int_equal(world_count_events(&world, "probe/ Failed Error: spec.containers[0].livenessProbe"), 1);
    world_delete(&world, uid, 30);
    sim_run_for(world.loop, 2000);
    assert_string_equal(world_phase(&world, uid), "gone");
}

STORY(a_killed_agent_comes_back_without_changing_anything)
{
    (void)state;
    const char *uid = pod("web", "server:1", "Always");
    sim_run_for(world.loop, 5000);
    AUTO(free) char *id = xstrdup(world_container(&world, uid, "c")->container_id);
    size_t reports = world_pod(&world, uid)->reports;
    world_kill_agent(&world);
    sim_run_for(world.loop, 60000);
    world_start_agent(&world);
    sim_run_for(world.loop, 60000);
    assert_string_equal(world_container(&world, uid, "c")->container_id, id);
    assert_int_equal(world_container(&world, uid, "c")->restart_count, 0);
    assert_true(world_pod(&world, uid)->reports <= reports + 1);
}

STORY(an_end_while_the_agent_was_away_has_its_true_code)
{
    (void)state;
    rt_fake_script(world.fake, "later:1",
                   &(struct rt_fake_script){
                       .present = true, .exits = true, .run_ms = 20000, .exit_code = 42 });
    const char *uid = pod("later", "later:1", "Never");
    sim_run_for(world.loop, 5000);
    world_kill_agent(&world);
    sim_run_for(world.loop, 60000);
    world_start_agent(&world);
    sim_run_for(world.loop, 2000);
    assert_string_equal(world_phase(&world, uid), "Failed");
    assert_int_equal(world_container(&world, uid, "c")->state.terminated->exit_code, 42);
}

STORY(an_orphan_is_stopped_only_after_the_first_list)
{
    (void)state;
    const char *uid = pod("web", "server:1", "Always");
    sim_run_for(world.loop, 2000);
    world_kill_agent(&world);
    world_force_delete(&world, uid); /* while nobody listens */
    world.api_down = true;
    world_start_agent(&world);
    sim_run_for(world.loop, 120000);
    assert_int_equal(rt_fake_counts(world.fake).running, 1);
    world.api_down = false;
    sim_run_for(world.loop, 120000);
    assert_int_equal(rt_fake_counts(world.fake).running, 0);
    assert_true(world_is_clean(&world, uid));
    assert_int_equal(map_len(&world.disk), 0);
}

STORY(after_a_reboot_the_pod_runs_again_and_the_count_goes_on)
{
    (void)state;
    const char *uid = pod("web", "server:1", "Always");
    sim_run_for(world.loop, 2000);
    world_kill_agent(&world);
    rt_fake_reboot(world.fake);
    sim_reboot();
    world_start_agent(&world);
    sim_run_for(world.loop, 30000);
    assert_string_equal(world_phase(&world, uid), "Running");
    assert_int_equal(world_container(&world, uid, "c")->restart_count, 1);
    assert_true(world_saw_event(&world, "web/ SandboxChanged"));
}

STORY(a_damaged_record_neither_stops_the_agent_nor_the_pod)
{
    (void)state;
    const char *uid = pod("web", "server:1", "Always");
    sim_run_for(world.loop, 5000);
    AUTO(free) char *id = xstrdup(world_container(&world, uid, "c")->container_id);
    world_kill_agent(&world);
    world_damage_record(&world, uid);
    world_start_agent(&world);
    sim_run_for(world.loop, 60000);
    assert_string_equal(world_phase(&world, uid), "Running");
    assert_string_equal(world_container(&world, uid, "c")->container_id, id);
    assert_int_equal(world_container(&world, uid, "c")->restart_count, 0);
    world_delete(&world, uid, 1);
    sim_run_for(world.loop, 60000);
    assert_true(world_is_clean(&world, uid));
    assert_int_equal(map_len(&world.disk), 0);
}

STORY(a_broken_sandbox_is_replaced)
{
    (void)state;
    const char *uid = pod("web", "server:1", "Always");
    sim_run_for(world.loop, 2000);
    struct pod_view view;
    assert_true(pods_find_uid(world.pods, uid, &view));
    AUTO(free) char *sandbox = xstrdup(view.sandbox_id);
    assert_int_equal(rt_fake_break_sandbox(world.fake, sandbox), 0);
    sim_run_for(world.loop, 30000);
    assert_string_equal(world_phase(&world, uid), "Running");
    assert_int_equal(world_container(&world, uid, "c")->restart_count, 1);
    assert_true(world_saw_event(&world, "web/ SandboxChanged Pod sandbox changed"));
    assert_int_equal(rt_fake_counts(world.fake).sandboxes, 1);
}

STORY(pods_run_on_while_the_api_server_is_away)
{
    (void)state;
    const char *uid = pod("loop", "crash:1", "Always");
    sim_run_for(world.loop, 1000);
    world.api_down = true;
    sim_run_for(world.loop, 600 * 1000);
    world.api_down = false;
    sim_run_for(world.loop, 120 * 1000);
    assert_true(world_container(&world, uid, "c")->restart_count > 5);
}

STORY(without_a_network_a_pod_waits_and_says_so)
{
    (void)state;
    rt_fake_faults(world.fake, &(struct rt_fake_faults){ .network_down = "cni plugin not initialized" });
    const char *uid = pod("web", "server:1", "Always");
    sim_run_for(world.loop, 5000);
    assert_string_equal(world_phase(&world, uid), "Pending");
    assert_int_equal(world_count_events(&world, "web/ NetworkNotReady network is not ready"), 1);
    rt_fake_faults(world.fake, &(struct rt_fake_faults){ .network_down = NULL });
    sim_run_for(world.loop, 5000);
    assert_string_equal(world_phase(&world, uid), "Running");
}

static const char *condition(const char *uid, const char *type)
{
    const struct k8s_pod_status *s = world_status(&world, uid);
    for (size_t i = 0; i < s->conditions.len; i++)
        if (str_eq(s->conditions.items[i].type, type))
            return s->conditions.items[i].status;
    return "";
}

STORY(readiness_follows_the_gates_of_others_and_leaves_them_alone)
{
    (void)state;
    const char *uid = world_create(&world, "{\"metadata\":{\"name\":\"gate\"},\"spec\":{\"readinessGates\":[{\"conditionType\":\"x.io/lb\"}],"
                                           "\"containers\":[{\"name\":\"c\",\"image\":\"server:1\"}]}}");
    sim_run_for(world.loop, 2000);
    assert_string_equal(condition(uid, "Ready"), "False");
    world_set_condition(&world, uid, "x.io/lb", "True");
    sim_run_for(world.loop, 1000);
    assert_string_equal(condition(uid, "Ready"), "True");
    assert_string_equal(condition(uid, "x.io/lb"), "True");
}

STORY(a_status_that_somebody_overwrites_is_told_again)
{
    (void)state;
    const char *uid = pod("web", "server:1", "Always");
    sim_run_for(world.loop, 5000);
    world_set_condition(&world, uid, "Ready", "False");
    sim_run_for(world.loop, 1000);
    assert_string_equal(condition(uid, "Ready"), "True");
}

STORY(last_words_are_told_with_the_end)
{
    (void)state;
    (void)map_put(&world.texts, "/root-dir/pods/uid-1/containers/c/0", xstrdup("no space left"));
    const char *uid = pod("once", "crash:1", "Never");
    sim_run_for(world.loop, 3000);
    assert_string_equal(world_container(&world, uid, "c")->state.terminated->message, "no space left");
}

STORY(without_last_words_the_log_speaks_if_asked)
{
    (void)state;
    (void)map_put(&world.texts, "/logs/default_talk_uid-1/c/0.log",
                  xstrdup("2026-01-01T00:00:00.0Z stderr F panic: out of luck\n"));
    const char *uid = world_create(&world, "{\"metadata\":{\"name\":\"talk\"},\"spec\":{\"restartPolicy\":\"Never\",\"containers\":[{\"name\":\"c\","
                                           "\"image\":\"crash:1\",\"terminationMessagePolicy\":\"FallbackToLogsOnError\"}]}}");
    sim_run_for(world.loop, 3000);
    assert_string_equal(world_container(&world, uid, "c")->state.terminated->message, "panic: out of luck\n");
}

STORY(an_evicted_pod_has_failed_for_the_reason_given)
{
    (void)state;
    const char *uid = pod("web", "server:1", "Always");
    sim_run_for(world.loop, 2000);
    assert_int_equal(pods_evict(world.pods, uid, "Evicted", "The node was low on resource: memory. ", 0), 0);
    sim_run_for(world.loop, 2000);
    assert_string_equal(world_phase(&world, uid), "Failed");
    assert_string_equal(world_status(&world, uid)->reason, "Evicted");
    assert_string_equal(condition(uid, "DisruptionTarget"), "True");
    assert_true(world_is_clean(&world, uid));
}

STORY(a_crash_loop_outlives_the_agent)
{
    (void)state;
    const char *uid = pod("loop", "crash:1", "Always");
    sim_run_for(world.loop, 35000); /* waits 40 s after the fourth run */
    assert_int_equal(world_container(&world, uid, "c")->restart_count, 3);
    world_kill_agent(&world);
    world_start_agent(&world);
    sim_run_for(world.loop, 20000);
    assert_int_equal(world_container(&world, uid, "c")->restart_count, 3);
    assert_string_equal(world_container(&world, uid, "c")->state.waiting->message,
                        "back-off 40s restarting failed container=c pod=loop_default(uid-1)");
    sim_run_for(world.loop, 30000);
    assert_int_equal(world_container(&world, uid, "c")->restart_count, 4);
}

STORY(setting_the_clock_stretches_no_wait)
{
    (void)state;
    const char *uid = pod("loop", "crash:1", "Always");
    sim_run_for(world.loop, 15000);
    assert_int_equal(world_container(&world, uid, "c")->restart_count, 2);
    world.clock_set = true;
    sim_set_wall_offset_ns(-86400ll * 1000000000ll);
    sim_run_for(world.loop, 20000);
    assert_int_equal(world_container(&world, uid, "c")->restart_count, 3);
}

STORY(a_lost_supervisor_is_noticed_and_the_container_replaced)
{
    (void)state;
    const char *uid = pod("web", "server:1", "Always");
    sim_run_for(world.loop, 2000);
    const char *id = strstr(world_container(&world, uid, "c")->container_id, "://") + 3;
    assert_int_equal(rt_fake_lose_supervisor(world.fake, id), 0);
    sim_run_for(world.loop, 60000);
    assert_string_equal(world_phase(&world, uid), "Running");
    assert_int_equal(world_container(&world, uid, "c")->restart_count, 1);
    assert_int_equal(world_container(&world, uid, "c")->last_state.terminated->exit_code, 137);
}

STORY(a_hundred_pods_live_and_go)
{
    (void)state;
    const char *uids[100];
    for (size_t i = 0; i < ARRAY_LEN(uids); i++) {
        AUTO(free) char *name = xasprintf("p%zu", i);
        uids[i] = pod(name, "server:1", "Always");
    }
    sim_run_for(world.loop, 3000);
    world_kill_agent(&world);
    world_start_agent(&world);
    sim_run_for(world.loop, 3000);
    assert_int_equal(rt_fake_counts(world.fake).running, ARRAY_LEN(uids));
    for (size_t i = 0; i < ARRAY_LEN(uids); i++) {
        assert_string_equal(world_phase(&world, uids[i]), "Running");
        world_delete(&world, uids[i], 30);
    }
    sim_run_for(world.loop, 3000);
    assert_int_equal(pods_len(world.pods), 0);
    assert_int_equal(rt_fake_counts(world.fake).sandboxes, 0);
}

STORY(two_containers_make_one_pod)
{
    (void)state;
    const char *uid = world_create(&world, "{\"metadata\":{\"name\":\"two\"},\"spec\":{\"restartPolicy\":\"OnFailure\","
                                           "\"containers\":[{\"name\":\"a\",\"image\":\"job:1\"},{\"name\":\"b\",\"image\":\"later:1\"}]}}");
    rt_fake_script(world.fake, "later:1",
                   &(struct rt_fake_script){ .present = true,
                                             .exits = true,
                                             .run_ms = 5000,
                                             .exit_code = 1,
                                             .runs_before_steady = 1 });
    sim_run_for(world.loop, 3000);
    assert_non_null(world_container(&world, uid, "a")->state.terminated);
    assert_string_equal(world_phase(&world, uid), "Running");
    sim_run_for(world.loop, 30000);
    assert_int_equal(world_container(&world, uid, "b")->restart_count, 1);
    assert_int_equal(world_container(&world, uid, "a")->restart_count, 0);
    assert_non_null(world_container(&world, uid, "b")->state.running);
    const struct k8s_pod_status *s = world_status(&world, uid);
    for (size_t i = 0; i < s->conditions.len; i++)
        if (str_eq(s->conditions.items[i].type, "ContainersReady"))
            assert_string_equal(s->conditions.items[i].message, "containers with unready status: [a]");
}

int main(void)
{
#define TOLD(story) cmocka_unit_test_setup_teardown(story, setup, teardown)
    const struct CMUnitTest tests[] = {
        TOLD(a_job_runs_to_success),
        TOLD(a_crash_is_restarted_at_once_and_then_waits_longer_each_time),
        TOLD(a_failed_container_is_not_restarted_when_never),
        TOLD(deletion_stops_cleans_reports_and_then_deletes),
        TOLD(a_deaf_container_is_killed_after_its_grace),
        TOLD(grace_is_only_ever_shortened),
        TOLD(a_pod_removed_by_force_is_stopped_and_forgotten),
        TOLD(a_pod_waits_for_its_runtime_class_and_goes_on_when_it_comes),
        TOLD(a_pod_whose_handler_this_node_lacks_waits_and_can_be_deleted),
        TOLD(an_image_is_pulled_with_its_events),
        TOLD(an_image_that_does_not_exist_backs_off),
        TOLD(an_image_that_must_not_be_pulled_is_waited_for),
        TOLD(a_deadline_ends_the_pod),
        TOLD(a_pod_that_asks_for_too_much_is_refused),
        TOLD(what_is_not_supported_waits_and_names_the_field),
        TOLD(a_killed_agent_comes_back_without_changing_anything),
        TOLD(an_end_while_the_agent_was_away_has_its_true_code),
        TOLD(an_orphan_is_stopped_only_after_the_first_list),
        TOLD(after_a_reboot_the_pod_runs_again_and_the_count_goes_on),
        TOLD(a_damaged_record_neither_stops_the_agent_nor_the_pod),
        TOLD(a_broken_sandbox_is_replaced),
        TOLD(pods_run_on_while_the_api_server_is_away),
        TOLD(without_a_network_a_pod_waits_and_says_so),
        TOLD(readiness_follows_the_gates_of_others_and_leaves_them_alone),
        TOLD(a_status_that_somebody_overwrites_is_told_again),
        TOLD(last_words_are_told_with_the_end),
        TOLD(without_last_words_the_log_speaks_if_asked),
        TOLD(an_evicted_pod_has_failed_for_the_reason_given),
        TOLD(a_crash_loop_outlives_the_agent),
        TOLD(setting_the_clock_stretches_no_wait),
        TOLD(a_lost_supervisor_is_noticed_and_the_container_replaced),
        TOLD(a_hundred_pods_live_and_go),
        TOLD(two_containers_make_one_pod),
    };
    return cmocka_run_group_tests_name("life", tests, NULL, NULL);
}
