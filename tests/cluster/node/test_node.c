/* SPDX-License-Identifier: Apache-2.0 */
/* test_node.c - a node at a real API server: registered, kept alive, truthful, and back after outages. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "events/events.h"
#include "k8s/lease.h"
#include "node/node.h"
#include "rt/fake.h"
#include "scene.h"

static struct scene S;
static struct config config;
static struct node_facts facts;
static struct rt_fake *fake;
static struct events *events;
static struct node *node;
static int changes;

static void on_changed(void *user)
{
    (void)user;
    changes++;
}

static void begin(void)
{
    events = events_new(&(struct events_opts){ .client = S.node, .component = "kubelet", .host = facts.name });
    node = node_new(&(struct node_opts){ .client = S.node,
                                         .events = events,
                                         .config = &config,
                                         .facts = &facts,
                                         .runtime = rt_fake_runtime(fake),
                                         .changed = on_changed });
}

static void end(void)
{
    node = node_free(node);
    events = events_free(events);
}

static int setup(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    signal(SIGPIPE, SIG_IGN);
    scene_open(&S);
    config_init(&config);
    free(config.hostname_override);
    free(config.root_dir);
    config.hostname_override = xstrdup("n1");
    config.root_dir = xstrdup("/tmp");
    free(config.state_dir);
    config.state_dir = xstrdup("/tmp");
    strv_push(&config.node_ips, getenv("NODEIP"));
    if (node_facts_measure(&config, &facts, &err) < 0 || rt_fake_new(S.loop, &fake, &err) < 0)
        fail_msg("%s", err.msg);
    rt_fake_script(fake, "registry/app:1", &(struct rt_fake_script){ .present = true, .size_bytes = 12345678 });
    (void)scene_call(&S, S.admin, &(struct k8s_request){ .verb = K8S_DELETE, .kind = K8S_KIND_NODE, .name = "n1" });
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    scene_cluster("blackhole", "off"); /* a test that failed may have left it */
    end();
    rt_fake_free(fake);
    node_facts_done(&facts);
    config_done(&config);
    scene_close(&S);
    return 0;
}

/* As the administrator sees it; borrowed for a few calls. */
static const struct k8s_node *seen(void)
{
    struct answer *a = scene_call(&S, S.admin, &(struct k8s_request){ .verb = K8S_GET, .kind = K8S_KIND_NODE, .name = "n1" });
    return a->outcome == K8S_OK ? K8S_OBJECT_AS(a->object, k8s_node) : NULL;
}

static const struct k8s_node_condition *condition(const struct k8s_node *n, const char *type)
{
    static const struct k8s_node_condition none = { .status = "", .reason = "", .message = "" };
    for (size_t i = 0; n && i < n->status.conditions.len; i++) {
        if (str_eq(n->status.conditions.items[i].type, type))
            return &n->status.conditions.items[i];
    }
    return &none;
}

static int64_t wait_ready(const char *status, int64_t timeout_ms)
{
    int64_t start_ms = clock_boot_ms();
    while (clock_boot_ms() - start_ms < timeout_ms) {
        if (str_eq(condition(seen(), "Ready")->status, status))
            return clock_boot_ms() - start_ms;
        scene_pass(&S, 50);
    }
    fail_msg("Ready is %s, not %s: %s", condition(seen(), "Ready")->status, status, condition(seen(), "Ready")->message);
    return -1;
}

static bool event_seen(const char *reason)
{
    AUTO(free) char *command =
        xasprintf("kubectl get events -n default --field-selector involvedObject.name=n1,reason=%s -o name", reason);
    FILE *f = popen(command, "r");
    char line[256] = "";
    bool any = fgets(line, sizeof line, f) != NULL;
    (void)pclose(f);
    return any;
}

static void it_registers_and_becomes_ready(void **state)
{
    (void)state;
    begin();
    assert_int_equal(k8s_resource_list_get(node_allocatable(node), "pods")->whole, 110);
    print_message("# ready after %lld ms\n", (long long)wait_ready("True", 5000));
    const struct k8s_node *n = seen();
    assert_true(node_registered(node) && node_ready(node));
    assert_string_equal(json_map_get(&n->metadata.labels, "kubernetes.io/hostname"), "n1");
    assert_string_equal(json_map_get(&n->metadata.labels, "kubernetes.io/os"), "linux");
    assert_string_equal(json_map_get(&n->metadata.annotations, "volumes.kubernetes.io/controller-managed-attach-detach"),
                        "true");
    bool taint = false;
    for (size_t i = 0; i < n->spec.taints.len; i++)
        taint |= str_eq(n->spec.taints.items[i].key, "oarsman.dev/node");
    assert_true(taint);
    assert_string_equal(n->status.addresses.items[0].address, getenv("NODEIP"));
    assert_string_equal(n->status.node_info.boot_id, facts.boot_id);
    assert_true(str_has_prefix(n->status.node_info.kubelet_version, "v1.37.0+oarsman."));
    assert_int_equal(k8s_quantity_value(k8s_resource_list_get(&n->status.capacity, "cpu")), facts.cpus);
    assert_int_equal(n->status.daemon_endpoints.kubelet_endpoint.port, 10250);
    scene_pass(&S, 500);
    n = seen();
    assert_int_equal(n->status.images.len, 1);
    assert_int_equal(n->status.images.items[0].size_bytes, 12345678);
    assert_true(changes > 0);
    assert_string_equal(node_object(node)->metadata.name, "n1");
}

static void it_renews_its_lease(void **state)
{
    (void)state;
    const struct k8s_request q = { .verb = K8S_GET, .kind = K8S_KIND_LEASE, .namespace = "kube-node-lease", .name = "n1" };
    struct answer *a = scene_call(&S, S.admin, &q);
    assert_int_equal(a->outcome, K8S_OK);
    const struct k8s_lease *l = K8S_OBJECT_AS(a->object, k8s_lease);
    assert_string_equal(l->spec.holder_identity, "n1");
    assert_int_equal(l->spec.lease_duration_seconds.value, 40);
    assert_string_equal(l->metadata.owner_references.items[0].uid, node_object(node)->metadata.uid);
    int64_t before_ns = l->spec.renew_time.unix_ns;
    scene_pass(&S, 11000);
    a = scene_call(&S, S.admin, &q);
    l = K8S_OBJECT_AS(a->object, k8s_lease);
    assert_in_range(l->spec.renew_time.unix_ns - before_ns, 9 * NS_PER_S, 12 * NS_PER_S);
}

static void it_says_why_it_is_not_ready(void **state)
{
    (void)state;
    rt_fake_faults(fake, &(struct rt_fake_faults){ .network_down = "cni plugin not initialized" });
    node_status_soon(node);
    wait_ready("False", 2000);
    const struct k8s_node_condition *c = condition(seen(), "Ready");
    assert_string_equal(c->reason, "KubeletNotReady");
    assert_string_equal(c->message, "container runtime network not ready: NetworkReady=false "
                                    "reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not "
                                    "initialized");
    rt_fake_faults(fake, &(struct rt_fake_faults){ .latency_ms = 0 });
    node_status_soon(node);
    wait_ready("True", 2000);
    scene_pass(&S, 500);
    static const char *const reasons[] = { "Starting", "NodeHasSufficientMemory", "NodeHasNoDiskPressure",
                                           "NodeHasSufficientPID", "NodeNotReady", "NodeReady" };
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        if (!event_seen(reasons[i]))
            fail_msg("no event %s", reasons[i]);
    }
}

static void the_same_event_counts_up(void **state)
{
    (void)state;
    const struct k8s_object_reference about = { .kind = "Node", .name = "n1", .uid = "n1" };
    for (int i = 0; i < 3; i++)
        events_record(events, &about, EVENT_WARNING, "Counted", "for the %s time", "nth");
    for (int i = 0; i < 100 && events_pending(events) > 0; i++)
        scene_pass(&S, 20);
    FILE *f = popen("kubectl get events -n default --field-selector reason=Counted "
                    "-o jsonpath='{.items[-1:].count} {.items[-1:].message} {.items[-1:].reportingComponent}'", "r");
    char line[256] = "";
    (void)fgets(line, sizeof line, f);
    (void)pclose(f);
    assert_string_equal(line, "3 for the nth time kubelet");
    assert_int_equal(events_dropped(events), 0);
}

static void a_new_agent_changes_no_transition_time(void **state)
{
    (void)state;
    int64_t before_ns = condition(seen(), "Ready")->last_transition_time.unix_ns;
    end();
    scene_pass(&S, 1500);
    begin();
    scene_pass(&S, 2000);
    const struct k8s_node_condition *c = condition(seen(), "Ready");
    assert_string_equal(c->status, "True");
    assert_int_equal(c->last_transition_time.unix_ns, before_ns);
}

static void what_others_put_there_stays(void **state)
{
    (void)state;
    struct answer *a = scene_call(
        &S, S.admin,
        &(struct k8s_request){
            .verb = K8S_PATCH, .kind = K8S_KIND_NODE, .name = "n1", .subresource = "status",
            BODY("{\"status\":{\"conditions\":[{\"type\":\"Foreign\",\"status\":\"True\"},{\"type\":\"Ready\","
                 "\"status\":\"Unknown\"}],\"capacity\":{\"example.com/thing\":\"3\",\"cpu\":\"999\"},"
                 "\"allocatable\":{\"example.com/thing\":\"3\"}}}") });
    assert_int_equal(a->outcome, K8S_OK);
    print_message("# put right after %lld ms\n", (long long)wait_ready("True", 3000));
    const struct k8s_node *n = seen();
    assert_string_equal(condition(n, "Foreign")->status, "True");
    assert_int_equal(k8s_quantity_value(k8s_resource_list_get(&n->status.capacity, "example.com/thing")), 3);
    assert_int_equal(k8s_quantity_value(k8s_resource_list_get(&n->status.capacity, "cpu")), facts.cpus);
    assert_int_equal(k8s_quantity_value(k8s_resource_list_get(node_allocatable(node), "example.com/thing")), 3);
    int before = changes;
    a = scene_call(&S, S.admin,
                   &(struct k8s_request){ .verb = K8S_PATCH, .kind = K8S_KIND_NODE, .name = "n1",
                                          BODY("{\"metadata\":{\"labels\":{\"zone\":\"z1\"}},\"spec\":{\"unschedulable\":true}}") });
    assert_int_equal(a->outcome, K8S_OK);
    scene_pass(&S, 500);
    assert_true(changes > before);
    assert_string_equal(json_map_get(&node_object(node)->metadata.labels, "zone"), "z1");
    assert_true(event_seen("NodeNotSchedulable"));
}

static void a_deleted_node_comes_back(void **state)
{
    (void)state;
    AUTO(free) char *uid = xstrdup(seen()->metadata.uid);
    (void)scene_call(&S, S.admin, &(struct k8s_request){ .verb = K8S_DELETE, .kind = K8S_KIND_NODE, .name = "n1" });
    scene_pass(&S, 500);
    wait_ready("True", 3000);
    assert_string_not_equal(seen()->metadata.uid, uid);
}

static void nothing_is_patched_when_nothing_changes(void **state)
{
    (void)state;
    scene_pass(&S, 1000);
    AUTO(free) char *version = xstrdup(seen()->metadata.resource_version);
    config.status_update_ms = 50;
    node_status_soon(node);
    scene_pass(&S, 2000);
    assert_string_equal(seen()->metadata.resource_version, version);
    config.status_update_ms = 10000;
}

static void after_an_outage_it_is_ready_within_ten_seconds(void **state)
{
    (void)state;
    scene_cluster("blackhole", "on");
    scene_pass(&S, 58000);
    const struct k8s_node_condition *c = condition(seen(), "Ready");
    print_message("# after 58 s without a word, Ready is %s\n", c->status);
    scene_cluster("blackhole", "off");
    int64_t took_ms = wait_ready("True", 12000);
    print_message("# ready again after %lld ms\n", (long long)took_ms);
    assert_true(took_ms < 10000);
    scene_cluster("stop", "apiserver");
    scene_pass(&S, 15000);
    scene_cluster("start", "apiserver");
    struct answer *a;
    int64_t start_ms = clock_boot_ms();
    bool renewed = false;
    while (!renewed && clock_boot_ms() - start_ms < 12000) {
        scene_pass(&S, 100);
        a = scene_call(&S, S.admin, &(struct k8s_request){ .verb = K8S_GET, .kind = K8S_KIND_LEASE,
                                                           .namespace = "kube-node-lease", .name = "n1" });
        renewed = a->outcome == K8S_OK && clock_wall_ns() - K8S_OBJECT_AS(a->object, k8s_lease)->spec.renew_time.unix_ns <
                                              (clock_boot_ms() - start_ms) * NS_PER_MS;
    }
    print_message("# lease renewed %lld ms after the server was back\n", (long long)(clock_boot_ms() - start_ms));
    assert_true(renewed && clock_boot_ms() - start_ms < 10000);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_registers_and_becomes_ready),
        cmocka_unit_test(it_says_why_it_is_not_ready),
        cmocka_unit_test(the_same_event_counts_up),
        cmocka_unit_test(a_new_agent_changes_no_transition_time),
        cmocka_unit_test(what_others_put_there_stays),
        cmocka_unit_test(a_deleted_node_comes_back),
        cmocka_unit_test(nothing_is_patched_when_nothing_changes),
        cmocka_unit_test(it_renews_its_lease),
        cmocka_unit_test(after_an_outage_it_is_ready_within_ten_seconds),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, setup, teardown);
}
