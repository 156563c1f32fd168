/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include "k8s/config_map.h"
#include "k8s/secret.h"
#include "k8s/service.h"

struct arena *arena;
struct fetched_set fetched;

static struct k8s_object *pod, *config_map, *secret, *services[6];
static struct fetched items[2];
static struct k8s_resource allocatable_items[2];
static const struct k8s_resource_list allocatable = { .items = allocatable_items, .len = 2 };
static const char *const host_ips[] = { "192.0.2.1", "2001:db8::1" };
static const char *const pod_ips[] = { "10.85.0.7", "fd00::7" };
const struct pod_facts facts = { .node_name = "n1", .host_ips = host_ips, .host_ips_len = 2, .pod_ips = pod_ips,
                                 .pod_ips_len = 2, .node_allocatable = &allocatable };

static struct k8s_object *decode(const struct json_type *type, const char *json)
{
    struct k8s_object *o = NULL;
    struct err err = ERR_INIT;

    if (k8s_decode(type, json, strlen(json), &o, &err) < 0)
        fail_msg("%s: %s", json, err.msg);
    return o;
}

int fixture_setup(void **state)
{
    static const char *const service_texts[ARRAY_LEN(services)] = {
        "{\"metadata\":{\"name\":\"kubernetes\",\"namespace\":\"default\"},\"spec\":{\"clusterIP\":\"10.96.0.1\","
        "\"ports\":[{\"name\":\"https\",\"port\":443,\"protocol\":\"TCP\"}]}}",
        "{\"metadata\":{\"name\":\"my-db\",\"namespace\":\"ns\"},\"spec\":{\"clusterIP\":\"10.96.0.9\","
        "\"ports\":[{\"port\":5432},{\"name\":\"admin-ui\",\"port\":80,\"protocol\":\"UDP\"}]}}",
        "{\"metadata\":{\"name\":\"headless\",\"namespace\":\"ns\"},\"spec\":{\"clusterIP\":\"None\",\"ports\":[{\"port\":1}]}}",
        "{\"metadata\":{\"name\":\"external\",\"namespace\":\"ns\"},\"spec\":{\"ports\":[{\"port\":1}]}}",
        "{\"metadata\":{\"name\":\"elsewhere\",\"namespace\":\"other\"},\"spec\":{\"clusterIP\":\"10.96.0.8\",\"ports\":[{\"port\":1}]}}",
        "{\"metadata\":{\"name\":\"six\",\"namespace\":\"ns\"},\"spec\":{\"clusterIP\":\"fd00::1\",\"ports\":[{\"port\":1,\"protocol\":\"SCTP\"}]}}",
    };

    (void)state;
    arena = arena_new(8u << 20);
    config_map = decode(&k8s_config_map_type,
                        "{\"metadata\":{\"name\":\"cm\"},\"data\":{\"A\":\"from cm\",\"odd.key-1\":\"odd\",\"bad=key\":\"x\",\"E\":\"\"}}");
    secret = decode(&k8s_secret_type, "{\"metadata\":{\"name\":\"se\"},\"data\":{\"A\":\"ZnJvbSBzZQ==\",\"RAW\":\"gP8=\"},"
                                      "\"stringData\":{\"PLAIN\":\"text\"}}");
    items[0] = (struct fetched){ .kind = REFERENCE_CONFIG_MAP, .name = "cm", .object = config_map };
    items[1] = (struct fetched){ .kind = REFERENCE_SECRET, .name = "se", .object = secret };
    for (size_t i = 0; i < ARRAY_LEN(services); i++)
        services[i] = decode(&k8s_service_type, service_texts[i]);
    fetched = (struct fetched_set){ .items = items, .len = 2, .services = services, .services_len = ARRAY_LEN(services) };
    allocatable_items[0] = (struct k8s_resource){ "cpu", k8s_quantity_from_milli(3500, K8S_DECIMAL_SI) };
    allocatable_items[1] = (struct k8s_resource){ "memory", k8s_quantity_from_value(INT64_C(4) << 30, K8S_BINARY_SI) };
    return 0;
}

int fixture_teardown(void **state)
{
    (void)state;
    pod = k8s_object_unref(pod);
    k8s_object_unref(config_map);
    k8s_object_unref(secret);
    for (size_t i = 0; i < ARRAY_LEN(services); i++)
        k8s_object_unref(services[i]);
    arena = arena_unref(arena);
    return 0;
}

const struct k8s_pod *pod_of(const char *metadata, const char *spec)
{
    AUTO(free) char *json = xasprintf("{\"metadata\":{%s\"name\":\"p\",\"namespace\":\"ns\",\"uid\":\"u1\"},"
                                      "\"spec\":{%s\"nodeName\":\"n1\",\"serviceAccountName\":\"sa\"}}",
                                      metadata, spec);
    k8s_object_unref(pod);
    pod = decode(&k8s_pod_type, json);
    return K8S_OBJECT_AS(pod, k8s_pod);
}

const struct k8s_pod *pod_with_container(const char *container)
{
    AUTO(free) char *spec = xasprintf("\"containers\":[{%s\"name\":\"app\"}],", container);
    return pod_of("", spec);
}
