/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/object.h"
#include "k8s/pod.h"
#include "sources/manifest.h"

static struct arena *arena;
static struct k8s_object *object;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(1u << 20);
    return 0;
}
static int teardown(void **state)
{
    (void)state;
    object = k8s_object_unref(object);
    arena = arena_unref(arena);
    return 0;
}

static const struct k8s_pod *defaulted(const char *spec)
{
    AUTO(free) char *json = xasprintf("{\"metadata\":{\"name\":\"p\"},\"spec\":{%s}}", spec);
    struct err err = ERR_INIT;

    object = k8s_object_unref(object);
    if (k8s_decode(&k8s_pod_type, json, strlen(json), &object, &err) < 0)
        fail_msg("%s", err.msg);
    const struct k8s_pod *pod = pod_with_defaults(K8S_OBJECT_AS(object, k8s_pod), arena);
    assert_non_null(pod);
    return pod;
}

static void what_the_api_server_fills_in(void **state)
{
    const struct k8s_pod *pod = defaulted("\"containers\":[{\"name\":\"a\",\"image\":\"i\",\"ports\":[{\"containerPort\":80}],"
                                          "\"env\":[{\"name\":\"N\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"metadata.name\"}}}]}]");
    const struct k8s_container *c = &pod->spec.containers.items[0];

    (void)state;
    assert_string_equal(pod->api_version, "v1");
    assert_string_equal(pod->kind, "Pod");
    assert_string_equal(pod->metadata.namespace, "default");
    assert_string_equal(pod->spec.restart_policy, "Always");
    assert_string_equal(pod->spec.dns_policy, "ClusterFirst");
    assert_string_equal(pod->spec.scheduler_name, "default-scheduler");
    assert_int_equal(pod->spec.termination_grace_period_seconds.value, 30);
    assert_true(pod->spec.enable_service_links.value);
    assert_non_null(pod->spec.security_context);
    assert_string_equal(c->termination_message_path, "/dev/termination-log");
    assert_string_equal(c->termination_message_policy, "File");
    assert_string_equal(c->image_pull_policy, "Always");
    assert_string_equal(c->ports.items[0].protocol, "TCP");
    assert_int_equal(c->ports.items[0].host_port, 0);
    assert_string_equal(c->env.items[0].value_from->field_ref->api_version, "v1");
}

static void what_is_said_stays(void **state)
{
    const struct k8s_pod *pod = defaulted("\"restartPolicy\":\"Never\",\"terminationGracePeriodSeconds\":0,\"enableServiceLinks\":false,"
                                          "\"containers\":[{\"name\":\"a\",\"image\":\"i:latest\",\"imagePullPolicy\":\"Never\"}]");

    (void)state;
    assert_string_equal(pod->spec.restart_policy, "Never");
    assert_int_equal(pod->spec.termination_grace_period_seconds.value, 0);
    assert_false(pod->spec.enable_service_links.value);
    assert_string_equal(pod->spec.containers.items[0].image_pull_policy, "Never");
}

static void the_pull_policy_follows_the_tag(void **state)
{
    static const struct {
        const char *image, *policy;
    } cases[] = {
        { "busybox", "Always" },
        { "busybox:latest", "Always" },
        { "busybox:1", "IfNotPresent" },
        { "r.example:5000/busybox", "Always" },
        { "r.example:5000/busybox:1", "IfNotPresent" },
        { "busybox@sha256:abc", "IfNotPresent" },
        { "busybox:latest@sha256:abc", "Always" },
        { "r:5000/a/b:1@sha256:abc", "IfNotPresent" },
        { "file:/srv/a.wasm", "Always" },
        { "file:///srv/a:1@2.wasm", "Always" },
        { "fs/srv/a.wasm", "Always" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(free) char *spec = xasprintf("\"containers\":[{\"name\":\"a\",\"image\":\"%s\"}]", cases[i].image);
        const struct k8s_pod *pod = defaulted(spec);
        if (!str_eq(pod->spec.containers.items[0].image_pull_policy, cases[i].policy))
            fail_msg("%s: %s", cases[i].image, pod->spec.containers.items[0].image_pull_policy);
    }
}

static void a_limit_is_also_the_request(void **state)
{
    const struct k8s_pod *pod =
        defaulted("\"initContainers\":[{\"name\":\"i\",\"image\":\"i\",\"resources\":{\"limits\":{\"cpu\":\"2\"}}}],"
                  "\"containers\":[{\"name\":\"a\",\"image\":\"i\",\"resources\":{\"limits\":{\"cpu\":\"1\",\"memory\":\"1Gi\"},"
                  "\"requests\":{\"cpu\":\"100m\"}}}]");
    const struct k8s_resource_list *r = &pod->spec.containers.items[0].resources.requests;

    (void)state;
    assert_int_equal(r->len, 2);
    assert_int_equal(k8s_quantity_milli(k8s_resource_list_get(r, "cpu")), 100);
    assert_int_equal(k8s_quantity_value(k8s_resource_list_get(r, "memory")), 1 << 30);
    assert_int_equal(k8s_quantity_value(k8s_resource_list_get(&pod->spec.init_containers.items[0].resources.requests, "cpu")), 2);
}

static void ports_on_the_hosts_network_are_host_ports(void **state)
{
    const struct k8s_pod *pod =
        defaulted("\"hostNetwork\":true,\"containers\":[{\"name\":\"a\",\"image\":\"i\",\"ports\":[{\"containerPort\":80}]}]");

    (void)state;
    assert_int_equal(pod->spec.containers.items[0].ports.items[0].host_port, 80);
}

static void probes_and_hooks(void **state)
{
    const struct k8s_pod *pod = defaulted(
        "\"containers\":[{\"name\":\"a\",\"image\":\"i\",\"livenessProbe\":{\"httpGet\":{\"port\":80},\"periodSeconds\":3},"
        "\"readinessProbe\":{\"exec\":{\"command\":[\"x\"]}},\"lifecycle\":{\"preStop\":{\"httpGet\":{\"port\":80,\"path\":\"/bye\"}}}}]");
    const struct k8s_container *c = &pod->spec.containers.items[0];

    (void)state;
    assert_int_equal(c->liveness_probe->period_seconds, 3);
    assert_int_equal(c->liveness_probe->timeout_seconds, 1);
    assert_int_equal(c->liveness_probe->success_threshold, 1);
    assert_int_equal(c->liveness_probe->failure_threshold, 3);
    assert_string_equal(c->liveness_probe->http_get->path, "/");
    assert_string_equal(c->liveness_probe->http_get->scheme, "HTTP");
    assert_int_equal(c->readiness_probe->period_seconds, 10);
    assert_null(c->startup_probe);
    assert_string_equal(c->lifecycle->pre_stop->http_get->path, "/bye");
    assert_string_equal(c->lifecycle->pre_stop->http_get->scheme, "HTTP");
}

static void volumes(void **state)
{
    const struct k8s_pod *pod = defaulted(
        "\"volumes\":[{\"name\":\"none\"},{\"name\":\"cm\",\"configMap\":{\"name\":\"x\"}},"
        "{\"name\":\"se\",\"secret\":{\"secretName\":\"x\",\"defaultMode\":256}},{\"name\":\"nfs\",\"nfs\":{\"server\":\"s\",\"path\":\"/\"}},"
        "{\"name\":\"pr\",\"projected\":{\"sources\":[{\"serviceAccountToken\":{\"path\":\"t\"}},{\"secret\":{\"name\":\"x\"}}]}}]");

    (void)state;
    assert_non_null(pod->spec.volumes.items[0].empty_dir);
    assert_int_equal(pod->spec.volumes.items[1].config_map->default_mode.value, 0644);
    assert_null(pod->spec.volumes.items[1].empty_dir);
    assert_int_equal(pod->spec.volumes.items[2].secret->default_mode.value, 0400);
    assert_null(pod->spec.volumes.items[3].empty_dir);
    assert_int_equal(pod->spec.volumes.items[4].projected->default_mode.value, 0644);
    assert_int_equal(pod->spec.volumes.items[4].projected->sources.items[0].service_account_token->expiration_seconds.value, 3600);
}

static void the_original_is_untouched_and_a_full_arena_is_told(void **state)
{
    AUTO(arena_unref) struct arena *tiny = arena_new(64);
    const struct k8s_pod *pod = defaulted("\"containers\":[{\"name\":\"a\",\"image\":\"i\"}]");

    (void)state;
    assert_ptr_not_equal(pod, k8s_object_get(object));
    assert_null(K8S_OBJECT_AS(object, k8s_pod)->spec.restart_policy);
    assert_null(pod_with_defaults(K8S_OBJECT_AS(object, k8s_pod), tiny));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_api_server_fills_in),
        cmocka_unit_test(what_is_said_stays),
        cmocka_unit_test(the_pull_policy_follows_the_tag),
        cmocka_unit_test(a_limit_is_also_the_request),
        cmocka_unit_test(ports_on_the_hosts_network_are_host_ports),
        cmocka_unit_test(probes_and_hooks),
        cmocka_unit_test(volumes),
        cmocka_unit_test(the_original_is_untouched_and_a_full_arena_is_told),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
