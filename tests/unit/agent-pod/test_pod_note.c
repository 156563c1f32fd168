/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/note.h"

#include <errno.h>

#include "base/mem.h"
#include "base/str.h"
#include "fixture.h"

static struct k8s_object *object;
static const struct k8s_pod *pod;
static struct pod_record *record;
static struct arena *arena;
static struct pod_events events;

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
    arena = arena_new(1 << 20);
    events = (struct pod_events){ .arena = arena };
    use("{'spec':{'containers':[{'name':'a','image':'img'}]}}");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pod_events_done(&events);
    record = pod_record_free(record);
    object = k8s_object_unref(object);
    arena = arena_unref(arena);
    return 0;
}

/* The events so far, "Reason: message; …", and forgets them. */
static const char *said(void)
{
    const char *text = "";
    for (size_t i = 0; i < events.len; i++)
        text = arena_printf(arena, "%s%s%s: %s", text, i ? "; " : "", word_reason(events.items[i].word),
                            events.items[i].message);
    events.len = 0;
    return text;
}

static void begin(enum pod_act act, int64_t now_ms)
{
    struct now now = fixture_now(now_ms);
    struct pod_action a = { .act = act, .container = act < ACT_SANDBOX_CREATE ? "a" : NULL };
    note_begin(record, pod, &a, &fixture_policy, &now, &events);
}

static void end(struct pod_result result, int64_t now_ms)
{
    struct now now = fixture_now(now_ms);
    result.container = result.act < ACT_SANDBOX_CREATE ? "a" : NULL;
    note_end(record, pod, &result, &fixture_policy, &now, &events);
}

static void what_each_action_says(void **state)
{
    (void)state;
    static const struct {
        struct pod_result result;
        const char *said;
    } cases[] = {
        { { .act = ACT_IMAGE_CHECK, .image_id = "sha256:1" },
          "Pulled: Container image \"img\" already present on machine and can be accessed by the pod" },
        { { .act = ACT_IMAGE_CHECK }, "" },
        { { .act = ACT_IMAGE_CHECK, .code = -EINVAL, .reason = "InvalidImageName", .message = "bad" },
          "InspectFailed: Failed to apply default image tag \"img\": bad; Failed: Error: InvalidImageName" },
        { { .act = ACT_IMAGE_CHECK, .code = -EIO, .message = "broken" },
          "InspectFailed: Failed to inspect image \"img\": broken; Failed: Error: ImageInspectError" },
        { { .act = ACT_IMAGE_PULL, .image_id = "sha256:1", .image_bytes = 5 },
          "Pulled: Successfully pulled image \"img\" in 1.5s (1.5s including waiting). Image size: 5 bytes." },
        { { .act = ACT_IMAGE_PULL, .code = -ENOENT, .reason = "ErrImagePull", .message = "not found" },
          "Failed: Failed to pull image \"img\": not found; Failed: Error: ErrImagePull" },
        { { .act = ACT_IMAGE_PULL, .code = -EIO, .reason = "Strange", .message = "x" },
          "Failed: Failed to pull image \"img\": x; Failed: Error: ErrImagePull" },
        { { .act = ACT_IMAGE_PULL, .code = -EIO, .reason = "RegistryUnavailable", .message = "x" },
          "Failed: Failed to pull image \"img\": x; Failed: Error: RegistryUnavailable" },
        { { .act = ACT_IMAGE_PULL, .code = -ECANCELED }, "" },
        { { .act = ACT_CONTAINER_CREATE }, "Created: Container created" },
        { { .act = ACT_CONTAINER_CREATE, .code = -EIO, .reason = "CreateContainerConfigError", .message = "no secret" },
          "Failed: Error: no secret" },
        { { .act = ACT_CONTAINER_START }, "Started: Container started" },
        { { .act = ACT_CONTAINER_START, .code = -EIO, .message = "exec: no such file" },
          "Failed: Error: exec: no such file" },
        { { .act = ACT_CONTAINER_STOP, .code = -EIO, .message = "stuck" }, "FailedKillPod: error killing pod: stuck" },
        { { .act = ACT_CONTAINER_REMOVE }, "" },
        { { .act = ACT_SANDBOX_CREATE, .code = -EIO, .message = "no address" },
          "FailedCreatePodSandBox: Failed to create pod sandbox: no address" },
        { { .act = ACT_VOLUMES_PREPARE, .code = -EIO, .message = "MountVolume.SetUp failed" },
          "FailedMount: MountVolume.SetUp failed" },
        { { .act = ACT_VOLUMES_PREPARE, .code = -ECANCELED }, "" },
        { { .act = ACT_API_DELETE, .code = -EIO }, "" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        use("{'spec':{'containers':[{'name':'a','image':'img'}]}}");
        begin(cases[i].result.act, 0);
        (void)said();
        end(cases[i].result, 1500);
        const char *text = said();
        if (!str_eq(text, cases[i].said))
            fail_msg("%s: %s", act_name(cases[i].result.act), text);
    }
}

static void what_beginnings_say(void **state)
{
    (void)state;
    begin(ACT_IMAGE_PULL, 0);
    assert_string_equal(said(), "Pulling: Pulling image \"img\"");
    begin(ACT_CONTAINER_STOP, 0);
    begin(ACT_CONTAINER_STOP, 1);
    assert_string_equal(said(), "Killing: Stopping container a"); /* once a run */
    begin(ACT_SANDBOX_CREATE, 0);
    assert_string_equal(said(), "");
    record->had_sandbox = true;
    begin(ACT_SANDBOX_CREATE, 0);
    assert_string_equal(said(), "SandboxChanged: Pod sandbox changed, it will be killed and re-created.");
}

static void the_same_failure_to_create_is_said_once(void **state)
{
    (void)state;
    struct pod_result no = { .act = ACT_CONTAINER_CREATE, .code = -EIO, .message = "configmap \"x\" not found" };
    end(no, 0);
    end(no, 5000);
    assert_string_equal(said(), "Failed: Error: configmap \"x\" not found");
    no.message = "other";
    end(no, 9000);
    assert_string_equal(said(), "Failed: Error: other");
}

static void a_container_that_could_not_start_counts_as_ended_with_128(void **state)
{
    (void)state;
    struct seen_container c = { .id = "x", .name = "a", .state = INSTANCE_CREATED, .spec_image = "img" };
    struct pod_observed seen = fixture_seen(NULL, 0, &c, 1);
    struct now now = fixture_now(1000);
    note_seen(record, pod, &seen, &fixture_policy, &now, NULL);
    end((struct pod_result){ .act = ACT_CONTAINER_START, .code = -EIO, .message = "no such file" }, 1000);
    note_seen(record, pod, &seen, &fixture_policy, &now, NULL);
    note_seen(record, pod, &seen, &fixture_policy, &now, NULL);
    assert_int_equal(record->containers[0].current.state, INSTANCE_EXITED);
    assert_int_equal(record->containers[0].current.exit_code, 128);
    assert_string_equal(record->containers[0].current.reason, "StartError");
    assert_string_equal(record->containers[0].current.message, "no such file");
}

static void a_created_container_that_vanished_never_was(void **state)
{
    (void)state;
    struct seen_container c = { .id = "x", .name = "a", .attempt = 3, .state = INSTANCE_CREATED, .spec_image = "img" };
    struct pod_observed seen = fixture_seen(NULL, 0, &c, 1), gone = fixture_seen(NULL, 0, NULL, 0);
    struct now now = fixture_now(0);
    note_seen(record, pod, &seen, &fixture_policy, &now, NULL);
    assert_int_equal(record->containers[0].next_attempt, 4);
    note_seen(record, pod, &gone, &fixture_policy, &now, NULL);
    assert_int_equal(record->containers[0].current.state, INSTANCE_NONE);
    assert_int_equal(record->containers[0].next_attempt, 3);
}

static void the_run_before_a_vanished_one_stays_the_run_before(void **state)
{
    (void)state;
    struct seen_container both[] = { { .id = "y", .name = "a", .attempt = 1, .state = INSTANCE_CREATED, .spec_image = "img" },
                                     { .id = "x", .name = "a", .state = INSTANCE_EXITED, .spec_image = "img" } };
    struct pod_observed seen = fixture_seen(NULL, 0, both, 2), gone = fixture_seen(NULL, 0, &both[1], 1);
    struct now now = fixture_now(0);
    note_seen(record, pod, &seen, &fixture_policy, &now, NULL);
    note_seen(record, pod, &gone, &fixture_policy, &now, NULL);
    note_seen(record, pod, &gone, &fixture_policy, &now, NULL);
    assert_int_equal(record->containers[0].current.state, INSTANCE_NONE);
    assert_int_equal(record->containers[0].previous.state, INSTANCE_EXITED);
    assert_int_equal(record->containers[0].next_attempt, 1);
}

static void grace_is_taken_from_the_deletion_then_from_the_spec(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        int64_t grace_ms;
    } cases[] = {
        { "{'metadata':{'deletionTimestamp':'2026-01-01T00:00:00Z','deletionGracePeriodSeconds':7},'spec':"
          "{'terminationGracePeriodSeconds':60,'containers':[{'name':'a'}]}}", 7000 },
        { "{'metadata':{'deletionTimestamp':'2026-01-01T00:00:00Z'},'spec':"
          "{'terminationGracePeriodSeconds':60,'containers':[{'name':'a'}]}}", 60000 },
        { "{'metadata':{'deletionTimestamp':'2026-01-01T00:00:00Z'},'spec':{'containers':[{'name':'a'}]}}", 30000 },
        { "{'metadata':{'deletionTimestamp':'2026-01-01T00:00:00Z','deletionGracePeriodSeconds':0},'spec':{'containers':[{'name':'a'}]}}", 0 },
        { "{'metadata':{'deletionTimestamp':'2026-01-01T00:00:00Z','deletionGracePeriodSeconds':-5},'spec':{'containers':[{'name':'a'}]}}", 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        use(cases[i].json);
        assert_int_equal(record->stop, STOP_DELETED);
        if (record->stop_grace_ms != cases[i].grace_ms)
            fail_msg("%s: %lld", cases[i].json, (long long)record->stop_grace_ms);
    }
}

static void a_pod_that_no_source_lists_is_stopped(void **state)
{
    (void)state;
    struct pod_observed seen = fixture_seen(NULL, 0, NULL, 0);
    struct now now = fixture_now(0);
    seen.in_source = seen.sources_ready = false;
    note_seen(record, pod, &seen, &fixture_policy, &now, NULL);
    assert_int_equal(record->stop, STOP_NONE);
    seen.sources_ready = true;
    note_seen(record, pod, &seen, &fixture_policy, &now, NULL);
    assert_int_equal(record->stop, STOP_REMOVED);
}

static void a_lost_record_is_made_up_for_by_the_object(void **state)
{
    (void)state;
    use("{'status':{'phase':'Running','startTime':'2026-01-01T00:00:00Z','containerStatuses':[{'name':'a','image':'img','imageID':'i','ready':true,"
        "'restartCount':4,'containerID':'oarsman://id4','stopSignal':'SIGINT','user':{'linux':{'uid':5,'gid':7,'supplementalGroups':[7]}},'state':{'running':{'startedAt':'2026-01-01T00:00:01Z'}},"
        "'lastState':{'terminated':{'exitCode':9,'containerID':'oarsman://id3'}}}]},"
        "'spec':{'containers':[{'name':'a','image':'img'}]}}");
    const struct container_record *c = &record->containers[0];
    assert_int_equal(c->current.attempt, 4);
    assert_int_equal(c->next_attempt, 5);
    assert_string_equal(c->current.id, "id4");
    assert_int_equal(c->current.state, INSTANCE_EXITED); /* the runtime does not list it any more */
    assert_int_equal(c->current.exit_code, 137);
    assert_int_equal(c->previous.exit_code, 9);
    assert_int_equal(c->current.user.uid, 5);
    assert_int_equal(c->current.user.groups_len, 1);
    assert_string_equal(c->current.stop_signal, "SIGINT");
}

static void an_older_object_teaches_nothing(void **state)
{
    (void)state;
    use("{'status':{'containerStatuses':[{'name':'a','image':'img','imageID':'i','ready':true,'restartCount':0,"
        "'containerID':'oarsman://id0','state':{'terminated':{'exitCode':9,'containerID':'oarsman://id0'}}}]},"
        "'spec':{'containers':[{'name':'a','image':'img'}]}}");
    struct seen_container c = { .id = "id1", .name = "a", .attempt = 1, .state = INSTANCE_RUNNING, .spec_image = "img" };
    struct pod_observed seen = fixture_seen(NULL, 0, &c, 1);
    struct now now = fixture_now(0);
    note_seen(record, pod, &seen, &fixture_policy, &now, NULL);
    note_seen(record, pod, &seen, &fixture_policy, &now, NULL);
    assert_int_equal(record->containers[0].current.attempt, 1);
    assert_int_equal(record->containers[0].current.state, INSTANCE_RUNNING);
}

static void network_and_support_are_said_once_until_they_change(void **state)
{
    (void)state;
    struct pod_observed seen = fixture_seen(NULL, 0, NULL, 0);
    struct now now = fixture_now(0);
    seen.network_ready = false;
    seen.network_message = "cni plugin not initialized";
    note_seen(record, pod, &seen, &fixture_policy, &now, &events);
    note_seen(record, pod, &seen, &fixture_policy, &now, &events);
    assert_string_equal(said(), "NetworkNotReady: network is not ready: container runtime network not ready: NetworkReady=false "
                                "reason:NetworkPluginNotReady message:cni plugin not initialized");
    seen.network_ready = true;
    note_unsupported(record, "spec.x is not supported by oarsman yet");
    note_seen(record, pod, &seen, &fixture_policy, &now, &events);
    note_seen(record, pod, &seen, &fixture_policy, &now, &events);
    assert_string_equal(said(), "Failed: Error: spec.x is not supported by oarsman yet");
}

int main(void)
{
#define FACT(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        FACT(what_each_action_says),
        FACT(what_beginnings_say),
        FACT(the_same_failure_to_create_is_said_once),
        FACT(a_container_that_could_not_start_counts_as_ended_with_128),
        FACT(a_created_container_that_vanished_never_was),
        FACT(the_run_before_a_vanished_one_stays_the_run_before),
        FACT(grace_is_taken_from_the_deletion_then_from_the_spec),
        FACT(a_pod_that_no_source_lists_is_stopped),
        FACT(a_lost_record_is_made_up_for_by_the_object),
        FACT(an_older_object_teaches_nothing),
        FACT(network_and_support_are_said_once_until_they_change),
    };
    return cmocka_run_group_tests_name("note", tests, NULL, NULL);
}
