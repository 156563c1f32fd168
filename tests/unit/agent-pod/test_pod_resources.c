/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/resources.h"

#include "base/mem.h"
#include "fixture.h"

static void classes_of_service(void **state)
{
    (void)state;
    static const struct {
        const char *name, *spec;
        enum qos qos;
    } cases[] = {
        { "nothing", "'containers':[{'name':'a'}]", QOS_BEST_EFFORT },
        { "limits equal requests", "'containers':[{'name':'a','resources':{'requests':{'cpu':'1','memory':'1Gi'},"
          "'limits':{'cpu':'1000m','memory':'1Gi'}}}]", QOS_GUARANTEED },
        { "limits alone", "'containers':[{'name':'a','resources':{'limits':{'cpu':'1','memory':'1Gi'}}}]", QOS_GUARANTEED },
        { "only memory", "'containers':[{'name':'a','resources':{'requests':{'memory':'1Gi'},'limits':{'memory':'1Gi'}}}]",
          QOS_BURSTABLE },
        { "requests below limits", "'containers':[{'name':'a','resources':{'requests':{'cpu':'1','memory':'1Gi'},"
          "'limits':{'cpu':'2','memory':'1Gi'}}}]", QOS_BURSTABLE },
        { "one has, one has not", "'containers':[{'name':'a','resources':{'limits':{'cpu':'1','memory':'1Gi'}}},{'name':'b'}]",
          QOS_BURSTABLE },
        { "an init container counts", "'initContainers':[{'name':'i','resources':{'requests':{'cpu':'1'}}}],"
          "'containers':[{'name':'a'}]", QOS_BURSTABLE },
        { "storage does not count", "'containers':[{'name':'a','resources':{'requests':{'ephemeral-storage':'1Gi'}}}]",
          QOS_BEST_EFFORT },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(free) char *json = xasprintf("{'spec':{%s}}", cases[i].spec);
        AUTO(k8s_object_unref) struct k8s_object *o = fixture_pod(json);
        if (pod_qos(POD(o)) != cases[i].qos)
            fail_msg("%s: %s", cases[i].name, qos_name(pod_qos(POD(o))));
    }
}

static void effective_requests_follow_the_sidecar_rule(void **state)
{
    (void)state;
    /* init 500m, sidecar 200m, init 900m beside the sidecar, then sidecar + mains */
    AUTO(k8s_object_unref) struct k8s_object *o = fixture_pod(
        "{'spec':{'overhead':{'cpu':'50m'},'initContainers':["
        "{'name':'i1','resources':{'requests':{'cpu':'500m'}}},"
        "{'name':'s','restartPolicy':'Always','resources':{'requests':{'cpu':'200m'}}},"
        "{'name':'i2','resources':{'requests':{'cpu':'900m'}}}],"
        "'containers':[{'name':'a','resources':{'requests':{'cpu':'300m'}}},"
        "{'name':'b','resources':{'limits':{'cpu':'400m'}}}]}}");
    assert_int_equal(pod_request(POD(o), "cpu"), 1100 + 50); /* 200 + 900 > 200 + 300 + 400 */
    assert_int_equal(pod_request(POD(o), "memory"), 0);
}

static void shares_and_quotas(void **state)
{
    (void)state;
    static const struct {
        int64_t milli;
        uint64_t shares;
        int64_t quota_us;
    } cases[] = { { 0, 2, -1 },       { 1, 2, 1000 },          { 10, 10, 1000 },
                  { 100, 102, 10000 }, { 250, 256, 25000 },     { 1000, 1024, 100000 },
                  { 2500, 2560, 250000 }, { 1000000, 262144, 100000000 } };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(cpu_shares_from_milli(cases[i].milli), cases[i].shares);
        assert_int_equal(cpu_quota_from_milli(cases[i].milli, 100000), cases[i].quota_us);
    }
    assert_int_equal(cpu_quota_from_milli(500, 10000), 5000);
}

static void oom_scores(void **state)
{
    (void)state;
    static const struct {
        const char *name, *spec;
        int adj;
    } cases[] = {
        { "best effort", "'containers':[{'name':'a'}]", 1000 },
        { "guaranteed", "'containers':[{'name':'a','resources':{'limits':{'cpu':'1','memory':'1Gi'}}}]", -997 },
        { "a tenth", "'containers':[{'name':'a','resources':{'requests':{'memory':'1Gi'}}}]", 900 },
        { "nearly nothing", "'containers':[{'name':'a','resources':{'requests':{'cpu':'1'}}}]", 999 },
        { "everything", "'containers':[{'name':'a','resources':{'requests':{'memory':'10Gi'}}}]", 3 },
        { "critical", "'priorityClassName':'system-node-critical','containers':[{'name':'a'}]", -997 },
    };
    struct compute_facts facts = { .memory_capacity_bytes = 10ll << 30 };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(free) char *json = xasprintf("{'spec':{%s}}", cases[i].spec);
        AUTO(k8s_object_unref) struct k8s_object *o = fixture_pod(json);
        struct container_ref c = containers_at(POD(o), 0);
        int adj = container_compute(POD(o), &c, &facts).oom_score_adj;
        if (adj != cases[i].adj)
            fail_msg("%s: %d", cases[i].name, adj);
    }
}

static void the_pod_has_a_limit_only_if_every_container_has(void **state)
{
    (void)state;
    struct compute_facts facts = { .memory_capacity_bytes = 10ll << 30 };
    AUTO(k8s_object_unref) struct k8s_object *both = fixture_pod(
        "{'spec':{'containers':[{'name':'a','resources':{'limits':{'cpu':'1','memory':'1Gi'}}},"
        "{'name':'b','resources':{'limits':{'cpu':'500m','memory':'1Gi'}}}]}}");
    AUTO(k8s_object_unref) struct k8s_object *one = fixture_pod(
        "{'spec':{'containers':[{'name':'a','resources':{'limits':{'cpu':'1','memory':'1Gi'}}},{'name':'b'}]}}");
    assert_int_equal(pod_compute(POD(both), &facts).memory_bytes, 2ll << 30);
    assert_int_equal(pod_compute(POD(both), &facts).cpu_quota_us, 150000);
    assert_int_equal(pod_compute(POD(one), &facts).memory_bytes, -1);
    assert_int_equal(pod_compute(POD(one), &facts).cpu_quota_us, -1);
    assert_int_equal(pod_compute(POD(one), &facts).cpu_shares, 1024);
}

static void overhead_counts_beside_what_containers_need(void **state)
{
    (void)state;
#define OVERHEAD "'overhead':{'cpu':'250m','memory':'64Mi'},"
    static const struct {
        const char *name, *spec;
        int64_t cpu_milli, memory_bytes; /* requests */
        uint64_t shares;
        int64_t quota_us, limit_bytes;
    } cases[] = {
        { "guaranteed", OVERHEAD "'containers':[{'name':'a','resources':{'limits':{'cpu':'1','memory':'1Gi'}}}]", 1250,
          (1ll << 30) + (64 << 20), 1280, 125000, (1ll << 30) + (64 << 20) },
        { "limits of the pod", OVERHEAD "'resources':{'limits':{'cpu':'1','memory':'1Gi'},'requests':{'cpu':'1','memory':'1Gi'}},"
          "'containers':[{'name':'a'}]", 1250, (1ll << 30) + (64 << 20), 1280, 125000, (1ll << 30) + (64 << 20) },
        { "without limits", OVERHEAD "'containers':[{'name':'a','resources':{'requests':{'cpu':'750m'}}}]", 1000, 64 << 20, 1024,
          -1, -1 },
        { "best effort", OVERHEAD "'containers':[{'name':'a'}]", 250, 64 << 20, 2, -1, -1 }, /* counted, and still the least */
    };
    struct compute_facts facts = { .memory_capacity_bytes = 10ll << 30 };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(free) char *json = xasprintf("{'spec':{%s}}", cases[i].spec);
        AUTO(k8s_object_unref) struct k8s_object *o = fixture_pod(json);
        struct compute c = pod_compute(POD(o), &facts);
        if (pod_request(POD(o), "cpu") != cases[i].cpu_milli || pod_request(POD(o), "memory") != cases[i].memory_bytes ||
            c.cpu_shares != cases[i].shares || c.cpu_quota_us != cases[i].quota_us || c.memory_bytes != cases[i].limit_bytes)
            fail_msg("%s: %lld %lld %llu %lld %lld", cases[i].name, (long long)pod_request(POD(o), "cpu"),
                     (long long)pod_request(POD(o), "memory"), (unsigned long long)c.cpu_shares, (long long)c.cpu_quota_us,
                     (long long)c.memory_bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_of_service),
        cmocka_unit_test(effective_requests_follow_the_sidecar_rule),
        cmocka_unit_test(shares_and_quotas),
        cmocka_unit_test(oom_scores),
        cmocka_unit_test(the_pod_has_a_limit_only_if_every_container_has),
        cmocka_unit_test(overhead_counts_beside_what_containers_need),
    };
    return cmocka_run_group_tests_name("resources", tests, NULL, NULL);
}
