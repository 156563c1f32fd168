/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/plan.h"

#include <errno.h>

#include "base/mem.h"
#include "base/str.h"
#include "fixture.h"

static struct k8s_object *object;
static const struct k8s_pod *pod;
static struct pod_record *record;

static const char *const ips[] = { "10.1.0.2" };
static const struct seen_sandbox ready = { .id = "s0", .ready = true, .ips = ips, .ips_len = 1 };

static void use(const char *json)
{
    pod_record_free(record);
    k8s_object_unref(object);
    object = fixture_pod(json);
    pod = POD(object);
    record = fixture_record(pod);
}

static int setup(void **state)
{
    (void)state;
    use("{'spec':{'containers':[{'name':'a','image':'i'},{'name':'b','image':'i'}]}}");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    record = pod_record_free(record);
    object = k8s_object_unref(object);
    return 0;
}

static struct seen_container run_of(const char *name, uint32_t attempt, enum instance_state state)
{
    return (struct seen_container){ .id = name,
                                    .sandbox_id = "s0",
                                    .name = name,
                                    .attempt = attempt,
                                    .state = state,
                                    .spec_image = "i",
                                    .finished_wall_ns =
                                        state == INSTANCE_EXITED ? fixture_now(1000).wall_ns : 0 };
}

static const char *plan_after(const struct pod_observed *seen, int64_t now_ms)
{
    struct now now = fixture_now(now_ms);
    note_seen(record, pod, seen, &fixture_policy, &now, NULL);
    return fixture_plan(pod, record, seen, now_ms, NULL);
}

static void image_is(enum image_state state)
{
    for (size_t i = 0; i < record->containers_len; i++)
        record->containers[i].live.image = state;
}

static void begin_all(const struct pod_observed *seen, int64_t now_ms)
{
    struct now now = fixture_now(now_ms);
    AUTO(pod_plan_done) struct pod_plan plan;
    pod_plan(pod, record, seen, &fixture_policy, &now, &plan);
    for (size_t i = 0; i < plan.len; i++)
        note_begin(record, pod, &plan.actions[i], &fixture_policy, &now, NULL);
}

static void a_new_pod_asks_for_everything_at_once(void **state)
{
    (void)state;
    struct pod_observed seen = fixture_seen(NULL, 0, NULL, 0);
    assert_string_equal(plan_after(&seen, 0),
                        "image.check a, image.check b, volumes.prepare, sandbox.create");
}

static void no_folder_is_made_before_the_record_is_on_disk(void **state)
{
    (void)state;
    struct pod_observed seen = fixture_seen(NULL, 0, NULL, 0);
    record->live.on_disk = false;
    assert_string_equal(plan_after(&seen, 0), "image.check a, image.check b, sandbox.create");
}

static void what_is_in_flight_is_not_started_twice(void **state)
{
    (void)state;
    struct pod_observed seen = fixture_seen(NULL, 0, NULL, 0);
    begin_all(&seen, 0);
    assert_string_equal(plan_after(&seen, 0), "");
}

static void nothing_is_concluded_before_the_runtime_has_told_everything(void **state)
{
    (void)state;
    struct pod_observed seen = fixture_seen(NULL, 0, NULL, 0);
    seen.listed = false;
    assert_string_equal(plan_after(&seen, 0), "");
    assert_int_equal(pod_stage(pod, record, &seen), STAGE_UNKNOWN);
}

static void an_absent_image_is_pulled_and_always_means_always(void **state)
{
    (void)state;
    use("{'spec':{'containers':[{'name':'a','image':'i'},{'name':'b','image':'i','imagePullPolicy':'Always'}]}}");
    struct pod_observed seen = fixture_seen(&ready, 1, NULL, 0);
    record->live.volumes_ready = true;
    assert_string_equal(plan_after(&seen, 0), "image.check a, image.pull b");
    image_is(IMAGE_ABSENT);
    assert_string_equal(plan_after(&seen, 0), "image.pull a, image.pull b");
}

static void one_pull_serves_the_containers_of_one_image(void **state)
{
    (void)state;
    use("{'spec':{'containers':[{'name':'a','image':'i'},{'name':'b','image':'i'},{'name':'c','image':'j'}]}}");
    struct pod_observed seen = fixture_seen(&ready, 1, NULL, 0);
    record->live.volumes_ready = true;
    image_is(IMAGE_ABSENT);
    assert_string_equal(plan_after(&seen, 0), "image.pull a, image.pull c");
    begin_all(&seen, 0);
    assert_string_equal(plan_after(&seen, 0), "");
    struct now now = fixture_now(1);
    struct pod_result pulled = { .act = ACT_IMAGE_PULL, .container = "a", .image_id = "sha256:1" };
    note_end(record, pod, &pulled, &fixture_policy, &now, NULL);
    assert_string_equal(plan_after(&seen, 1), "container.create a, image.check b");
}

static void containers_wait_for_sandbox_and_volumes(void **state)
{
    (void)state;
    image_is(IMAGE_PRESENT);
    struct pod_observed none = fixture_seen(NULL, 0, NULL, 0), there = fixture_seen(&ready, 1, NULL, 0);
    assert_string_equal(plan_after(&none, 0), "volumes.prepare, sandbox.create");
    assert_string_equal(plan_after(&there, 0), "volumes.prepare");
    record->live.volumes_ready = true;
    assert_string_equal(plan_after(&there, 0), "container.create a, container.create b");
}

static void without_a_network_only_host_pods_get_a_sandbox(void **state)
{
    (void)state;
    struct pod_observed seen = fixture_seen(NULL, 0, NULL, 0);
    seen.network_ready = false;
    image_is(IMAGE_PRESENT);
    record->live.volumes_ready = true;
    assert_string_equal(plan_after(&seen, 0), "");
    use("{'spec':{'hostNetwork':true,'containers':[{'name':'a','image':'i'}]}}");
    image_is(IMAGE_PRESENT);
    record->live.volumes_ready = true;
    assert_string_equal(plan_after(&seen, 0), "sandbox.create");
}

static void a_created_container_is_started_and_a_running_one_kept(void **state)
{
    (void)state;
    struct seen_container seen_containers[] = { run_of("a", 0, INSTANCE_CREATED),
                                                run_of("b", 0, INSTANCE_RUNNING) };
    struct pod_observed seen = fixture_seen(&ready, 1, seen_containers, 2);
    record->live.volumes_ready = true;
    assert_string_equal(plan_after(&seen, 0), "container.start a");
}

static void containers_come_in_the_order_of_the_spec(void **state)
{
    (void)state;
    use("{'spec':{'containers':[{'name':'z','image':'i'},{'name':'a','image':'i'}]}}");
    struct seen_container seen_containers[] = { run_of("a", 0, INSTANCE_CREATED), run_of("z", 0, INSTANCE_CREATED) };
    struct pod_observed none = fixture_seen(&ready, 1, NULL, 0), second = fixture_seen(&ready, 1, seen_containers, 1),
                        both = fixture_seen(&ready, 1, seen_containers, 2);
    record->live.volumes_ready = true;
    record->containers[1].live.image = IMAGE_PRESENT;
    assert_string_equal(plan_after(&none, 0), "image.check z"); /* z is not being made yet */
    image_is(IMAGE_PRESENT);
    assert_string_equal(plan_after(&none, 0), "container.create z, container.create a");
    begin_all(&none, 0);
    record->containers[1].live.in_flight = ACT_NONE; /* a is quicker */
    assert_string_equal(plan_after(&second, 1), "");
    record->containers[0].live.in_flight = ACT_NONE;
    assert_string_equal(plan_after(&both, 2), "container.start z");
    begin_all(&both, 2);
    assert_string_equal(plan_after(&both, 3), "");
    record->containers[0].live.in_flight = ACT_NONE;
    seen_containers[1] = run_of("z", 0, INSTANCE_RUNNING);
    assert_string_equal(plan_after(&both, 4), "container.start a");
}

static void who_has_failed_holds_up_nobody(void **state)
{
    (void)state;
    struct now now = fixture_now(0);
    struct pod_observed none = fixture_seen(&ready, 1, NULL, 0);
    const struct pod_result pull = { .act = ACT_IMAGE_PULL, .container = "a", .code = -EIO, .message = "no" },
                            create = { .act = ACT_CONTAINER_CREATE, .container = "a", .code = -EIO, .message = "no" };
    record->live.volumes_ready = true;
    image_is(IMAGE_PRESENT);
    record->containers[0].live.image = IMAGE_ABSENT;
    assert_string_equal(plan_after(&none, 0), "image.pull a");
    note_end(record, pod, &pull, &fixture_policy, &now, NULL);
    assert_string_equal(plan_after(&none, 0), "container.create b");
    retry_clear(&record->containers[0].live.pull);
    image_is(IMAGE_PRESENT);
    note_end(record, pod, &create, &fixture_policy, &now, NULL);
    assert_string_equal(plan_after(&none, 0), "container.create b");
    retry_clear(&record->containers[0].live.create);
    struct seen_container loop[] = { run_of("a", 1, INSTANCE_EXITED), run_of("b", 0, INSTANCE_CREATED) };
    struct pod_observed looping = fixture_seen(&ready, 1, loop, 2);
    record->containers[0].backoff_ms = 20000;
    record->containers[0].backoff_wall_ns = now.wall_ns;
    assert_string_equal(plan_after(&looping, 2000), "container.start b");
}

static void a_creation_cut_short_is_made_again_or_removed_with_its_sandbox(void **state)
{
    (void)state;
    struct seen_sandbox stopped = { .id = "s0" };
    struct seen_container half = run_of("a", 0, INSTANCE_NONE);
    struct pod_observed there = fixture_seen(&ready, 1, &half, 1), lost = fixture_seen(&stopped, 1, &half, 1);
    use("{'spec':{'containers':[{'name':'a','image':'i'}]}}");
    record->live.volumes_ready = record->live.saved = true;
    image_is(IMAGE_PRESENT);
    assert_string_equal(plan_after(&there, 0), "container.create a");
    assert_int_equal(record->containers[0].current.state, INSTANCE_NONE); /* no run, and none that failed */
    assert_int_equal(record->containers[0].next_attempt, 0);
    assert_string_equal(plan_after(&lost, 0), "container.remove a");
}

static void an_ended_container_is_made_again_after_its_wait(void **state)
{
    (void)state;
    struct seen_container seen_containers[] = { run_of("a", 0, INSTANCE_EXITED),
                                                run_of("b", 0, INSTANCE_RUNNING) };
    struct pod_observed seen = fixture_seen(&ready, 1, seen_containers, 2);
    record->live.volumes_ready = true;
    (void)plan_after(&seen, 1000);
    image_is(IMAGE_PRESENT);
    assert_string_equal(fixture_plan(pod, record, &seen, 1000, NULL), "container.create a");
    begin_all(&seen, 1000);
    record->containers[0].live.in_flight = ACT_NONE;

    seen_containers[0] = run_of("a", 1, INSTANCE_EXITED);
    int64_t wake_ms;
    (void)plan_after(&seen, 1000);
    image_is(IMAGE_PRESENT);
    assert_string_equal(fixture_plan(pod, record, &seen, 1000, &wake_ms), "");
    assert_int_equal(wake_ms, 10000);
    assert_string_equal(fixture_plan(pod, record, &seen, 11000, NULL), "container.create a");
}

static void the_run_before_last_is_removed_once_the_record_is_saved(void **state)
{
    (void)state;
    struct seen_container seen_containers[] = { run_of("a", 2, INSTANCE_RUNNING),
                                                run_of("a", 1, INSTANCE_EXITED),
                                                run_of("a", 0, INSTANCE_EXITED),
                                                run_of("b", 0, INSTANCE_RUNNING) };
    struct pod_observed seen = fixture_seen(&ready, 1, seen_containers, 4);
    record->live.volumes_ready = true;
    assert_string_equal(plan_after(&seen, 2000), "");
    record->live.saved = true;
    assert_string_equal(plan_after(&seen, 2000), "container.remove a");
    assert_int_equal(record->containers[0].previous.attempt, 1);
}

static void a_container_of_a_lost_sandbox_is_stopped_before_a_new_sandbox_is_made(void **state)
{
    (void)state;
    struct seen_sandbox broken = { .id = "s0", .ready = false };
    struct seen_container seen_containers[] = { run_of("a", 0, INSTANCE_RUNNING),
                                                run_of("b", 0, INSTANCE_EXITED) };
    struct pod_observed seen = fixture_seen(&broken, 1, seen_containers, 2);
    record->live.volumes_ready = record->live.saved = true;
    assert_string_equal(plan_after(&seen, 1000), "container.stop a, image.check b");
    struct pod_observed empty = fixture_seen(&broken, 1, NULL, 0);
    assert_string_equal(plan_after(&empty, 1000), "image.check a, image.check b, sandbox.remove");
    struct pod_observed gone = fixture_seen(NULL, 0, NULL, 0);
    assert_string_equal(plan_after(&gone, 1000), "image.check a, image.check b, sandbox.create");
}

static void a_changed_image_restarts_that_container(void **state)
{
    (void)state;
    struct seen_container seen_containers[] = { run_of("a", 0, INSTANCE_RUNNING),
                                                run_of("b", 0, INSTANCE_RUNNING) };
    seen_containers[1].spec_image = "old";
    struct pod_observed seen = fixture_seen(&ready, 1, seen_containers, 2);
    record->live.volumes_ready = true;
    assert_string_equal(plan_after(&seen, 0), "container.stop b");
}

static void deletion_stops_then_cleans_then_reports_then_deletes(void **state)
{
    (void)state;
    use("{'metadata':{'deletionTimestamp':'2026-01-01T00:00:30Z','deletionGracePeriodSeconds':30},"
        "'spec':{'containers':[{'name':'a','image':'i'}]}}");
    struct seen_container seen_containers[] = { run_of("a", 0, INSTANCE_RUNNING) };
    struct pod_observed runs = fixture_seen(&ready, 1, seen_containers, 1);
    record->volumes_made = record->remains_made = record->live.saved = true;
    assert_string_equal(plan_after(&runs, 0), "container.stop a");
    seen_containers[0] = run_of("a", 0, INSTANCE_EXITED);
    assert_string_equal(plan_after(&runs, 1000), "container.remove a, sandbox.stop, volumes.teardown");
    struct seen_sandbox stopped = { .id = "s0" };
    struct pod_observed empty = fixture_seen(&stopped, 1, NULL, 0), gone = fixture_seen(NULL, 0, NULL, 0);
    record->volumes_made = false;
    assert_string_equal(plan_after(&empty, 1000), "sandbox.remove");
    assert_string_equal(plan_after(&gone, 1000), "remains.remove");
    record->remains_made = false;
    assert_string_equal(plan_after(&gone, 1000), ""); /* its end has not been told */
    record->phase = PHASE_FAILED;
    record->live.status_delivered = true;
    assert_string_equal(plan_after(&gone, 1000), "api.delete");
    gone.in_source = false;
    assert_string_equal(plan_after(&gone, 1000), "forget");
}

static void a_full_disk_keeps_no_pod_that_is_to_go(void **state)
{
    (void)state;
    struct seen_sandbox stopped = { .id = "s0" };
    struct seen_container ended = run_of("a", 0, INSTANCE_EXITED);
    struct pod_observed seen = fixture_seen(&stopped, 1, &ended, 1);
    use("{'spec':{'restartPolicy':'Never','containers':[{'name':'a','image':'i'}]}}");
    record->live.save_failed = true;
    record->volumes_made = record->remains_made = false;
    assert_string_equal(plan_after(&seen, 0), ""); /* it has ended, and nobody wants it gone */
    use("{'metadata':{'deletionTimestamp':'2026-01-01T00:00:30Z'},'spec':{'containers':[{'name':'a','image':'i'}]}}");
    record->volumes_made = record->remains_made = false;
    assert_string_equal(plan_after(&seen, 0), "");
    record->live.save_failed = true;
    assert_string_equal(plan_after(&seen, 0), "container.remove a");
}

static void a_shorter_grace_is_told_a_stop_under_way_and_a_longer_is_not(void **state)
{
    (void)state;
    use("{'metadata':{'deletionTimestamp':'2026-01-01T00:00:30Z','deletionGracePeriodSeconds':30},"
        "'spec':{'containers':[{'name':'a','image':'i'}]}}");
    struct seen_container seen_containers[] = { run_of("a", 0, INSTANCE_RUNNING) };
    struct pod_observed seen = fixture_seen(&ready, 1, seen_containers, 1);
    (void)plan_after(&seen, 0);
    begin_all(&seen, 0);
    assert_string_equal(plan_after(&seen, 1000), "");
    struct k8s_pod sooner = *pod, later = *pod;
    later.metadata.deletion_grace_period_seconds.value = 600;
    struct now now = fixture_now(1000);
    note_seen(record, &later, &seen, &fixture_policy, &now, NULL);
    assert_string_equal(fixture_plan(&later, record, &seen, 1000, NULL), "");
    sooner.metadata.deletion_grace_period_seconds.value = 5;
    note_seen(record, &sooner, &seen, &fixture_policy, &now, NULL);
    assert_string_equal(fixture_plan(&sooner, record, &seen, 1000, NULL), "container.stop a");
}

static void sidecars_stop_after_the_main_containers_in_reverse_order(void **state)
{
    (void)state;
    use("{'metadata':{'deletionTimestamp':'2026-01-01T00:00:30Z'},'spec':{'initContainers':["
        "{'name':'s1','image':'i','restartPolicy':'Always'},{'name':'s2','image':'i','restartPolicy':'Always'}],"
        "'containers':[{'name':'a','image':'i'}]}}");
    struct seen_container seen_containers[] = { run_of("a", 0, INSTANCE_RUNNING),
                                                run_of("s1", 0, INSTANCE_RUNNING),
                                                run_of("s2", 0, INSTANCE_RUNNING) };
    struct pod_observed seen = fixture_seen(&ready, 1, seen_containers, 3);
    assert_string_equal(plan_after(&seen, 0), "container.stop a");
    seen_containers[0] = run_of("a", 0, INSTANCE_EXITED);
    assert_string_equal(plan_after(&seen, 0), "container.stop s2");
    seen_containers[2] = run_of("s2", 0, INSTANCE_EXITED);
    assert_string_equal(plan_after(&seen, 0), "container.stop s1");
}

static void init_containers_go_one_by_one_and_sidecars_let_the_next_go(void **state)
{
    (void)state;
    use("{'spec':{'restartPolicy':'OnFailure','initContainers':[{'name':'i1','image':'i'},"
        "{'name':'s','image':'i','restartPolicy':'Always'},{'name':'i2','image':'i'}],"
        "'containers':[{'name':'a','image':'i'}]}}");
    struct pod_observed seen = fixture_seen(&ready, 1, NULL, 0);
    record->live.volumes_ready = true;
    (void)plan_after(&seen, 0);
    image_is(IMAGE_PRESENT);
    assert_string_equal(fixture_plan(pod, record, &seen, 0, NULL), "container.create i1");
    struct seen_container one[] = { run_of("i1", 0, INSTANCE_RUNNING) };
    seen = fixture_seen(&ready, 1, one, 1);
    assert_string_equal(plan_after(&seen, 0), "");
    struct seen_container two[] = { run_of("i1", 0, INSTANCE_EXITED) };
    seen = fixture_seen(&ready, 1, two, 1);
    assert_string_equal(plan_after(&seen, 1000), "container.create s");
    struct seen_container three[] = { run_of("i1", 0, INSTANCE_EXITED), run_of("s", 0, INSTANCE_RUNNING) };
    seen = fixture_seen(&ready, 1, three, 2);
    assert_string_equal(plan_after(&seen, 1000), "container.create i2");
    struct seen_container four[] = { run_of("i1", 0, INSTANCE_EXITED), run_of("i2", 0, INSTANCE_EXITED),
                                     run_of("s", 0, INSTANCE_RUNNING) };
    seen = fixture_seen(&ready, 1, four, 3);
    assert_string_equal(plan_after(&seen, 1000), "container.create a");
}

static void an_orphan_is_stopped_only_when_the_sources_are_ready(void **state)
{
    (void)state;
    struct seen_container seen_containers[] = { run_of("a", 0, INSTANCE_RUNNING) };
    struct pod_observed seen = fixture_seen(&ready, 1, seen_containers, 1);
    struct now now = fixture_now(0);
    seen.in_source = seen.sources_ready = false;
    pod_record_free(record);
    record = pod_record_new("u1", "ns", "p");
    note_seen(record, NULL, &seen, &fixture_policy, &now, NULL);
    assert_string_equal(fixture_plan(NULL, record, &seen, 0, NULL), "");
    seen.sources_ready = true;
    note_seen(record, NULL, &seen, &fixture_policy, &now, NULL);
    assert_string_equal(fixture_plan(NULL, record, &seen, 0, NULL), "container.stop a");
}

static void a_refused_pod_does_nothing(void **state)
{
    (void)state;
    record->verdict = VERDICT_REJECTED;
    record->volumes_made = record->remains_made = false;
    struct pod_observed seen = fixture_seen(NULL, 0, NULL, 0);
    assert_string_equal(plan_after(&seen, 0), "");
    assert_int_equal(pod_stage(pod, record, &seen), STAGE_FINISHED);
}

static void an_unsupported_pod_waits(void **state)
{
    (void)state;
    note_unsupported(record, "spec.x is not supported");
    struct pod_observed seen = fixture_seen(NULL, 0, NULL, 0);
    assert_string_equal(plan_after(&seen, 0), "");
    assert_int_equal(pod_stage(pod, record, &seen), STAGE_WAITING);
}

static void the_deadline_wakes_the_pod(void **state)
{
    (void)state;
    use("{'spec':{'activeDeadlineSeconds':60,'containers':[{'name':'a','image':'i'}]}}");
    struct seen_container seen_containers[] = { run_of("a", 0, INSTANCE_RUNNING) };
    struct pod_observed seen = fixture_seen(&ready, 1, seen_containers, 1);
    int64_t wake_ms;
    record->live.volumes_ready = true;
    (void)plan_after(&seen, 20000);
    assert_string_equal(fixture_plan(pod, record, &seen, 20000, &wake_ms), "");
    assert_int_equal(wake_ms, 40000);
    assert_string_equal(plan_after(&seen, 60000), "container.stop a");
    assert_int_equal(record->stop, STOP_DEADLINE);
}

static void a_finished_pod_is_cleaned_and_then_left_alone(void **state)
{
    (void)state;
    use("{'spec':{'restartPolicy':'Never','containers':[{'name':'a','image':'i'}]}}");
    struct seen_container seen_containers[] = { run_of("a", 0, INSTANCE_EXITED) };
    struct pod_observed seen = fixture_seen(&ready, 1, seen_containers, 1);
    record->live.saved = record->volumes_made = true;
    assert_string_equal(plan_after(&seen, 1000), "container.remove a, sandbox.stop, volumes.teardown");
    record->volumes_made = record->remains_made = false;
    struct pod_observed gone = fixture_seen(NULL, 0, NULL, 0);
    assert_string_equal(plan_after(&gone, 1000), "");
    assert_int_equal(pod_stage(pod, record, &gone), STAGE_FINISHED);
}

int main(void)
{
#define FACT(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        FACT(a_new_pod_asks_for_everything_at_once),
        FACT(no_folder_is_made_before_the_record_is_on_disk),
        FACT(what_is_in_flight_is_not_started_twice),
        FACT(nothing_is_concluded_before_the_runtime_has_told_everything),
        FACT(an_absent_image_is_pulled_and_always_means_always),
        FACT(one_pull_serves_the_containers_of_one_image),
        FACT(containers_wait_for_sandbox_and_volumes),
        FACT(without_a_network_only_host_pods_get_a_sandbox),
        FACT(a_created_container_is_started_and_a_running_one_kept),
        FACT(containers_come_in_the_order_of_the_spec),
        FACT(who_has_failed_holds_up_nobody),
        FACT(a_creation_cut_short_is_made_again_or_removed_with_its_sandbox),
        FACT(an_ended_container_is_made_again_after_its_wait),
        FACT(the_run_before_last_is_removed_once_the_record_is_saved),
        FACT(a_container_of_a_lost_sandbox_is_stopped_before_a_new_sandbox_is_made),
        FACT(a_changed_image_restarts_that_container),
        FACT(deletion_stops_then_cleans_then_reports_then_deletes),
        FACT(a_full_disk_keeps_no_pod_that_is_to_go),
        FACT(a_shorter_grace_is_told_a_stop_under_way_and_a_longer_is_not),
        FACT(sidecars_stop_after_the_main_containers_in_reverse_order),
        FACT(init_containers_go_one_by_one_and_sidecars_let_the_next_go),
        FACT(an_orphan_is_stopped_only_when_the_sources_are_ready),
        FACT(a_refused_pod_does_nothing),
        FACT(an_unsupported_pod_waits),
        FACT(the_deadline_wakes_the_pod),
        FACT(a_finished_pod_is_cleaned_and_then_left_alone),
    };
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
