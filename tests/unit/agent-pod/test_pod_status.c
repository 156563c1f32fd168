/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/status.h"

#include "base/mem.h"
#include "base/str.h"
#include "decide/backoff.h"
#include "fixture.h"

static struct k8s_object *object;
static const struct k8s_pod *pod;
static struct pod_record *record;
static struct arena *arena;

static const char *const ips[] = { "10.1.0.2", "fd00::2" };
static const struct seen_sandbox ready = { .id = "s0", .ready = true, .ips = ips, .ips_len = 2 };

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
    use("{'metadata':{'generation':3},'spec':{'containers':[{'name':'a','image':'img'},{'name':'b','image':'img'}]}}");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    record = pod_record_free(record);
    object = k8s_object_unref(object);
    arena = arena_unref(arena);
    return 0;
}

static struct seen_container run_of(const char *name, uint32_t attempt, enum instance_state state, int code)
{
    bool ended = state == INSTANCE_EXITED;
    return (struct seen_container){
        .id = name,
        .sandbox_id = "s0",
        .name = name,
        .attempt = attempt,
        .state = state,
        .exit_code = code,
        .image_id = "sha256:1",
        .spec_image = "img",
        .reason = ended ? (code ? "Error" : "Completed") : NULL,
        .started_wall_ns = state == INSTANCE_CREATED ? 0 : fixture_now(500).wall_ns,
        .finished_wall_ns = ended ? fixture_now(1000).wall_ns : 0,
    };
}

static const struct k8s_pod_status *status_of(const struct pod_observed *seen, int64_t now_ms)
{
    struct now now = fixture_now(now_ms);
    note_seen(record, pod, seen, &fixture_policy, &now, NULL);
    return pod_status(pod, record, seen, &fixture_policy, &now, arena);
}

/* ---- phases: by what the two containers do ---- */

static void phases(void **state)
{
    (void)state;
    struct one {
        enum instance_state state;
        int code;
    };
    static const struct {
        const char *name, *policy;
        struct one a, b;
        const char *phase;
    } cases[] = {
        { "nothing yet", "Always", { INSTANCE_NONE, 0 }, { INSTANCE_NONE, 0 }, "Pending" },
        { "one waits", "Always", { INSTANCE_RUNNING, 0 }, { INSTANCE_CREATED, 0 }, "Pending" },
        { "both run", "Always", { INSTANCE_RUNNING, 0 }, { INSTANCE_RUNNING, 0 }, "Running" },
        { "one ended, comes again", "Always", { INSTANCE_EXITED, 0 }, { INSTANCE_RUNNING, 0 }, "Running" },
        { "both ended, come again", "Always", { INSTANCE_EXITED, 1 }, { INSTANCE_EXITED, 0 }, "Running" },
        { "one ended well for good", "OnFailure", { INSTANCE_EXITED, 0 }, { INSTANCE_RUNNING, 0 }, "Running" },
        { "both ended well", "OnFailure", { INSTANCE_EXITED, 0 }, { INSTANCE_EXITED, 0 }, "Succeeded" },
        { "one failed, comes again", "OnFailure", { INSTANCE_EXITED, 0 }, { INSTANCE_EXITED, 1 }, "Running" },
        { "one failed for good", "Never", { INSTANCE_EXITED, 0 }, { INSTANCE_EXITED, 1 }, "Failed" },
        { "one failed, one runs", "Never", { INSTANCE_EXITED, 1 }, { INSTANCE_RUNNING, 0 }, "Running" },
        { "both ended well, never", "Never", { INSTANCE_EXITED, 0 }, { INSTANCE_EXITED, 0 }, "Succeeded" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(free) char *json = xasprintf(
            "{'spec':{'restartPolicy':'%s','containers':[{'name':'a','image':'img'},{'name':'b','image':'img'}]}}",
            cases[i].policy);
        use(json);
        struct seen_container seen_containers[2];
        size_t len = 0;
        if (cases[i].a.state)
            seen_containers[len++] = run_of("a", 0, cases[i].a.state, cases[i].a.code);
        if (cases[i].b.state)
            seen_containers[len++] = run_of("b", 0, cases[i].b.state, cases[i].b.code);
        struct pod_observed seen = fixture_seen(&ready, 1, seen_containers, len);
        const char *phase = status_of(&seen, 2000)->phase;
        if (!str_eq(phase, cases[i].phase))
            fail_msg("%s: %s", cases[i].name, phase);
    }
}

static void a_terminal_phase_is_never_left(void **state)
{
    (void)state;
    record->phase = PHASE_FAILED;
    record_string(&record->reason, "Evicted");
    struct seen_container seen_containers[] = { run_of("a", 0, INSTANCE_RUNNING, 0),
                                                run_of("b", 0, INSTANCE_RUNNING, 0) };
    struct pod_observed seen = fixture_seen(&ready, 1, seen_containers, 2);
    assert_string_equal(status_of(&seen, 0)->phase, "Failed");
    assert_string_equal(status_of(&seen, 0)->reason, "Evicted");
    use("{'status':{'phase':'Succeeded'},'spec':{'containers':[{'name':'a','image':'img'}]}}");
    assert_string_equal(status_of(&seen, 0)->phase, "Succeeded");
}

static void a_terminal_phase_waits_until_nothing_runs(void **state)
{
    (void)state;
    struct now now = fixture_now(0);
    struct seen_container seen_containers[] = { run_of("a", 0, INSTANCE_RUNNING, 0),
                                                run_of("b", 0, INSTANCE_EXITED, 0) };
    struct pod_observed seen = fixture_seen(&ready, 1, seen_containers, 2);
    note_eviction(record, "Evicted", "The node was low on resource: memory. ", 0, &now);
    assert_string_equal(status_of(&seen, 0)->phase, "Running");
    assert_null(fixture_condition(status_of(&seen, 0), "DisruptionTarget"));
    seen_containers[0] = run_of("a", 0, INSTANCE_EXITED, 137);
    const struct k8s_pod_status *s = status_of(&seen, 0);
    assert_string_equal(s->phase, "Failed");
    assert_string_equal(s->reason, "Evicted");
    assert_string_equal(s->message, "The node was low on resource: memory. ");
    assert_string_equal(fixture_condition(s, "DisruptionTarget")->reason, "TerminationByKubelet");
}

static void a_deleted_pod_that_never_ran_has_failed(void **state)
{
    (void)state;
    use("{'metadata':{'deletionTimestamp':'2026-01-01T00:00:30Z'},'spec':{'containers':[{'name':'a','image':'img'}]}}");
    struct pod_observed seen = fixture_seen(NULL, 0, NULL, 0);
    const struct k8s_pod_status *s = status_of(&seen, 0);
    assert_string_equal(s->phase, "Failed");
    assert_int_equal(s->container_statuses.items[0].state.terminated->exit_code, 137);
    assert_string_equal(s->container_statuses.items[0].state.terminated->reason, "ContainerStatusUnknown");
    assert_string_equal(s->container_statuses.items[0].state.terminated->message,
                        "The container could not be located when the pod was terminated");
}

static void a_refused_pod_has_reason_message_and_no_containers(void **state)
{
    (void)state;
    use("{'spec':{'containers':[{'name':'a','image':'img'}]}}");
    record->verdict = VERDICT_REJECTED;
    record_string(&record->verdict_reason, "OutOfcpu");
    record_string(&record->verdict_message, "Node didn't have enough resource: cpu");
    struct pod_observed seen = fixture_seen(NULL, 0, NULL, 0);
    const struct k8s_pod_status *s = status_of(&seen, 0);
    assert_string_equal(s->phase, "Failed");
    assert_string_equal(s->reason, "OutOfcpu");
    assert_string_equal(s->message, "Pod was rejected: Node didn't have enough resource: cpu");
    assert_int_equal(s->container_statuses.len, 0);
}

/* ---- containers ---- */

static const struct k8s_container_status *first(const struct k8s_pod_status *s)
{
    return &s->container_statuses.items[0];
}

static void a_container_waits_with_the_first_reason_that_holds(void **state)
{
    (void)state;
    struct pod_observed seen = fixture_seen(&ready, 1, NULL, 0);
    struct now now = fixture_now(0);
    struct container_live *live = &record->containers[0].live;
    assert_string_equal(first(status_of(&seen, 0))->state.waiting->reason, "ContainerCreating");
    assert_null(first(status_of(&seen, 0))->state.waiting->message);

    backoff_fail(&live->pull, BACKOFF_PULL, &fixture_policy, &now, "ErrImagePull", "not found");
    assert_string_equal(first(status_of(&seen, 0))->state.waiting->reason, "ErrImagePull");
    assert_string_equal(first(status_of(&seen, 0))->state.waiting->message, "not found");
    assert_string_equal(first(status_of(&seen, 1000))->state.waiting->reason, "ImagePullBackOff");
    assert_string_equal(first(status_of(&seen, 1000))->state.waiting->message,
                        "Back-off pulling image \"img\": ErrImagePull: not found");

    backoff_fail(&live->create, BACKOFF_STEP, &fixture_policy, &now, "CreateContainerConfigError",
                 "configmap \"x\" not found");
    assert_string_equal(first(status_of(&seen, 0))->state.waiting->reason, "CreateContainerConfigError");
    assert_string_equal(first(status_of(&seen, 0))->state.waiting->message, "configmap \"x\" not found");

    note_unsupported(record, "spec.initContainers is not supported by oarsman yet");
    assert_string_equal(first(status_of(&seen, 0))->state.waiting->message,
                        "spec.initContainers is not supported by oarsman yet");
}

static void main_containers_wait_for_initialization(void **state)
{
    (void)state;
    use("{'spec':{'initContainers':[{'name':'i','image':'img'}],'containers':[{'name':'a','image':'img'}]}}");
    struct pod_observed seen = fixture_seen(&ready, 1, NULL, 0);
    assert_string_equal(first(status_of(&seen, 0))->state.waiting->reason, "PodInitializing");
    const struct k8s_pod_condition *c = fixture_condition(status_of(&seen, 0), "Initialized");
    assert_string_equal(c->status, "False");
    assert_string_equal(c->reason, "ContainersNotInitialized");
    assert_string_equal(c->message, "containers with incomplete status: [i]");
}

static void a_running_container_shows_itself_and_the_run_before(void **state)
{
    (void)state;
    struct seen_container seen_containers[] = { run_of("a", 2, INSTANCE_RUNNING, 0),
                                                run_of("a", 1, INSTANCE_EXITED, 7) };
    struct pod_observed seen = fixture_seen(&ready, 1, seen_containers, 2);
    const struct k8s_container_status *c = first(status_of(&seen, 2000));
    assert_non_null(c->state.running);
    assert_true(k8s_time_at(fixture_now(500).wall_ns).unix_ns == c->state.running->started_at.unix_ns);
    assert_int_equal(c->last_state.terminated->exit_code, 7);
    assert_string_equal(c->last_state.terminated->container_id, "oarsman://a");
    assert_int_equal(c->restart_count, 2);
    assert_string_equal(c->container_id, "oarsman://a");
    assert_string_equal(c->image_id, "sha256:1");
    assert_string_equal(c->image, "img");
    assert_true(c->ready && c->started.has && c->started.value);
}

static void a_crash_loop_shows_why_and_what_happened(void **state)
{
    (void)state;
    struct seen_container seen_containers[] = { run_of("a", 1, INSTANCE_EXITED, 7),
                                                run_of("b", 0, INSTANCE_RUNNING, 0) };
    struct pod_observed seen = fixture_seen(&ready, 1, seen_containers, 2);
    record->containers[0].backoff_ms = 20000;
    record->containers[0].backoff_wall_ns = fixture_now(0).wall_ns;
    const struct k8s_container_status *c = first(status_of(&seen, 2000));
    assert_string_equal(c->state.waiting->reason, "CrashLoopBackOff");
    assert_string_equal(c->state.waiting->message, "back-off 20s restarting failed container=a pod=p_ns(u1)");
    assert_int_equal(c->last_state.terminated->exit_code, 7);
    assert_int_equal(c->restart_count, 1);
    assert_false(c->ready || c->started.value);
}

static void a_container_the_runtime_has_lost_ended_with_137(void **state)
{
    (void)state;
    use("{'spec':{'restartPolicy':'Never','containers':[{'name':'a','image':'img'}]}}");
    struct seen_container seen_containers[] = { run_of("a", 0, INSTANCE_RUNNING, 0) };
    struct pod_observed runs = fixture_seen(&ready, 1, seen_containers, 1), gone = fixture_seen(NULL, 0, NULL, 0);
    (void)status_of(&runs, 1000);
    const struct k8s_pod_status *s = status_of(&gone, 2000);
    assert_string_equal(s->phase, "Failed");
    assert_int_equal(first(s)->state.terminated->exit_code, 137);
    assert_string_equal(first(s)->state.terminated->reason, "ContainerStatusUnknown");
}

static void whom_it_is_and_how_it_is_stopped_is_told(void **state)
{
    (void)state;
    int64_t groups[] = { 7, 2000 };
    struct seen_container seen_containers[] = { run_of("a", 0, INSTANCE_RUNNING, 0), run_of("b", 0, INSTANCE_RUNNING, 0) };
    seen_containers[0].user = (struct container_user){ true, 1000, 7, groups, 2 };
    seen_containers[0].stop_signal = "SIGINT";
    struct pod_observed seen = fixture_seen(&ready, 1, seen_containers, 2);
    const struct k8s_pod_status *s = status_of(&seen, 2000);
    const struct k8s_linux_container_user *u = first(s)->user->linux;
    assert_int_equal(u->uid, 1000);
    assert_int_equal(u->gid, 7);
    assert_int_equal(u->supplemental_groups.len, 2);
    assert_int_equal(u->supplemental_groups.items[1], 2000);
    assert_string_equal(first(s)->stop_signal, "SIGINT");
    assert_null(s->container_statuses.items[1].user);
    assert_null(s->container_statuses.items[1].stop_signal);
    struct pod_observed gone = fixture_seen(NULL, 0, NULL, 0); /* what was known of it is not forgotten */
    assert_int_equal(first(status_of(&gone, 3000))->user->linux->uid, 1000);
}

static void resources_and_mounts_are_told(void **state)
{
    (void)state;
    use("{'spec':{'containers':[{'name':'a','image':'img','resources':{'requests':{'cpu':'100m'},'limits':{'cpu':'200m'}},"
        "'volumeMounts':[{'name':'v','mountPath':'/v','readOnly':true},{'name':'w','mountPath':'/w'}]}]}}");
    struct seen_container seen_containers[] = { run_of("a", 0, INSTANCE_RUNNING, 0) };
    struct pod_observed seen = fixture_seen(&ready, 1, seen_containers, 1);
    const struct k8s_container_status *c = first(status_of(&seen, 0));
    assert_int_equal(k8s_quantity_milli(k8s_resource_list_get(&c->allocated_resources, "cpu")), 100);
    assert_int_equal(k8s_quantity_milli(k8s_resource_list_get(&c->resources->limits, "cpu")), 200);
    assert_int_equal(c->volume_mounts.len, 2);
    assert_string_equal(c->volume_mounts.items[0].recursive_read_only, "Disabled");
    assert_null(c->volume_mounts.items[1].recursive_read_only);
}

/* ---- the pod ---- */

static void addresses_generation_class_and_start(void **state)
{
    (void)state;
    struct pod_observed seen = fixture_seen(&ready, 1, NULL, 0);
    const struct k8s_pod_status *s = status_of(&seen, 5000);
    assert_string_equal(s->host_ip, "10.0.0.1");
    assert_string_equal(s->host_ips.items[0].ip, "10.0.0.1");
    assert_string_equal(s->pod_ip, "10.1.0.2");
    assert_int_equal(s->pod_ips.len, 2);
    assert_string_equal(s->pod_ips.items[1].ip, "fd00::2");
    assert_string_equal(s->qos_class, "BestEffort");
    assert_int_equal(s->observed_generation, 3);
    assert_true(s->start_time.unix_ns == fixture_now(0).wall_ns);
    struct pod_observed gone = fixture_seen(NULL, 0, NULL, 0);
    assert_string_equal(status_of(&gone, 6000)->pod_ip, "10.1.0.2"); /* what it had is not taken back */
}

static void a_host_pod_has_the_addresses_of_the_node(void **state)
{
    (void)state;
    use("{'spec':{'hostNetwork':true,'containers':[{'name':'a','image':'img'}]}}");
    static const struct seen_sandbox host = { .id = "s0", .ready = true };
    struct pod_observed seen = fixture_seen(&host, 1, NULL, 0);
    assert_string_equal(status_of(&seen, 0)->pod_ip, "10.0.0.1");
    assert_string_equal(fixture_condition(status_of(&seen, 0), "PodReadyToStartContainers")->status, "True");
}

static void conditions_of_a_life(void **state)
{
    (void)state;
    struct pod_observed none = fixture_seen(NULL, 0, NULL, 0);
    const struct k8s_pod_status *s = status_of(&none, 0);
    static const struct {
        const char *type, *status, *reason, *message;
    } at_first[] = {
        { "PodScheduled", "True", NULL, NULL },
        { "PodReadyToStartContainers", "False", "PodSandboxNotReady", "no pod sandbox exists" },
        { "Initialized", "True", NULL, NULL },
        { "ContainersReady", "False", "ContainersNotReady", "containers with unready status: [a b]" },
        { "Ready", "False", "ContainersNotReady", "containers with unready status: [a b]" },
    };
    for (size_t i = 0; i < ARRAY_LEN(at_first); i++) {
        const struct k8s_pod_condition *c = fixture_condition(s, at_first[i].type);
        if (!c || !str_eq(c->status, at_first[i].status) || !str_eq(c->reason, at_first[i].reason) ||
            !str_eq(c->message, at_first[i].message))
            fail_msg("%s", at_first[i].type);
        assert_int_equal(c->observed_generation, 3);
    }
    note_status(record, s);
    struct seen_container seen_containers[] = { run_of("a", 0, INSTANCE_RUNNING, 0),
                                                run_of("b", 0, INSTANCE_RUNNING, 0) };
    struct pod_observed runs = fixture_seen(&ready, 1, seen_containers, 2);
    s = status_of(&runs, 3000);
    assert_string_equal(fixture_condition(s, "Ready")->status, "True");
    assert_true(fixture_condition(s, "Ready")->last_transition_time.unix_ns == fixture_now(3000).wall_ns);
    assert_true(fixture_condition(s, "Initialized")->last_transition_time.unix_ns == fixture_now(0).wall_ns);
}

static void ended_pods_are_not_ready_for_a_reason(void **state)
{
    (void)state;
    struct pod_observed seen = fixture_seen(NULL, 0, NULL, 0);
    record->phase = PHASE_SUCCEEDED;
    assert_string_equal(fixture_condition(status_of(&seen, 0), "Ready")->reason, "PodCompleted");
    assert_string_equal(fixture_condition(status_of(&seen, 0), "Initialized")->reason, "PodCompleted");
    record->phase = PHASE_FAILED;
    assert_string_equal(fixture_condition(status_of(&seen, 0), "ContainersReady")->reason, "PodFailed");
}

static void readiness_gates_hold_back_ready(void **state)
{
    (void)state;
    use("{'status':{'conditions':[{'type':'x.io/b','status':'False'}]},"
        "'spec':{'readinessGates':[{'conditionType':'x.io/a'},{'conditionType':'x.io/b'}],'containers':[{'name':'a','image':'img'}]}}");
    struct seen_container seen_containers[] = { run_of("a", 0, INSTANCE_RUNNING, 0) };
    struct pod_observed seen = fixture_seen(&ready, 1, seen_containers, 1);
    const struct k8s_pod_condition *c = fixture_condition(status_of(&seen, 0), "Ready");
    assert_string_equal(c->status, "False");
    assert_string_equal(c->reason, "ReadinessGatesNotReady");
    assert_string_equal(c->message,
                        "corresponding condition of pod readiness gate \"x.io/a\" does not exist., "
                        "the status of pod readiness gate \"x.io/b\" is not \"True\", but False");
    assert_string_equal(fixture_condition(status_of(&seen, 0), "ContainersReady")->status, "True");
    assert_non_null(fixture_condition(status_of(&seen, 0), "x.io/b")); /* foreign conditions stay */
}

static void what_others_write_is_not_ours(void **state)
{
    (void)state;
    use("{'status':{'phase':'Running','nominatedNodeName':'n','resourceClaimStatuses':[{'name':'r'}],'podIPs':[{'ip':'1.1.1.1'}],"
        "'conditions':[{'type':'x.io/a','status':'True'},{'type':'Ready','status':'True'}]},'spec':{'containers':[{'name':'a'}]}}");
    const struct k8s_pod_status *ours = pod_status_ours(&pod->status, arena);
    assert_int_equal(ours->conditions.len, 1);
    assert_string_equal(ours->conditions.items[0].type, "Ready");
    assert_null(ours->nominated_node_name);
    assert_int_equal(ours->resource_claim_statuses.len, 0);
    assert_int_equal(ours->pod_ips.len, 1);
    assert_string_equal(ours->phase, "Running");
}

static void an_overwritten_status_is_noticed(void **state)
{
    (void)state;
    use("{'status':{'phase':'Running','conditions':[{'type':'Ready','status':'True'}]},'spec':{'containers':[{'name':'a'}]}}");
    struct k8s_pod_condition condition = { .type = "Ready", .status = "False" };
    struct k8s_pod_status told = { .phase = "Running", .conditions = { &condition, 1 } };
    assert_false(pod_status_agrees(&told, &pod->status));
    condition.status = "True";
    assert_true(pod_status_agrees(&told, &pod->status));
    told.phase = "Failed";
    assert_false(pod_status_agrees(&told, &pod->status));
    condition.type = "x.io/other"; /* whatever others say is theirs */
    told.phase = "Running";
    assert_true(pod_status_agrees(&told, &pod->status));
}

static void the_same_facts_give_the_same_status(void **state)
{
    (void)state;
    struct seen_container seen_containers[] = { run_of("a", 0, INSTANCE_RUNNING, 0) };
    struct pod_observed seen = fixture_seen(&ready, 1, seen_containers, 1);
    const struct k8s_pod_status *s = status_of(&seen, 1000);
    note_status(record, s);
    assert_true(pod_status_equal(s, status_of(&seen, 90000)));
}

int main(void)
{
#define FACT(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        FACT(phases),
        FACT(a_terminal_phase_is_never_left),
        FACT(a_terminal_phase_waits_until_nothing_runs),
        FACT(a_deleted_pod_that_never_ran_has_failed),
        FACT(a_refused_pod_has_reason_message_and_no_containers),
        FACT(a_container_waits_with_the_first_reason_that_holds),
        FACT(main_containers_wait_for_initialization),
        FACT(a_running_container_shows_itself_and_the_run_before),
        FACT(a_crash_loop_shows_why_and_what_happened),
        FACT(a_container_the_runtime_has_lost_ended_with_137),
        FACT(whom_it_is_and_how_it_is_stopped_is_told),
        FACT(resources_and_mounts_are_told),
        FACT(addresses_generation_class_and_start),
        FACT(a_host_pod_has_the_addresses_of_the_node),
        FACT(conditions_of_a_life),
        FACT(ended_pods_are_not_ready_for_a_reason),
        FACT(readiness_gates_hold_back_ready),
        FACT(what_others_write_is_not_ours),
        FACT(an_overwritten_status_is_noticed),
        FACT(the_same_facts_give_the_same_status),
    };
    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
