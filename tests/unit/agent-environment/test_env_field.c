/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#define LABELS "\"labels\":{\"app\":\"web\",\"a.b/c\":\"d\"},\"annotations\":{\"n\":\"line\\nbreak \\\"q\\\" \\\\ \\t\\u0001 é\"},"

static void fields_of_a_pod(void **state)
{
    static const struct {
        const char *path;
        bool in_volume;
        const char *want; /* NULL: unsupported */
    } cases[] = {
        { "metadata.name", false, "p" },
        { "metadata.namespace", false, "ns" },
        { "metadata.uid", true, "u1" },
        { "metadata.labels['app']", false, "web" },
        { "metadata.labels['a.b/c']", true, "d" },
        { "metadata.labels['none']", false, "" },
        { "metadata.annotations['n']", false, "line\nbreak \"q\" \\ \t\x01 é" },
        { "metadata.labels", true, "a.b/c=\"d\"\napp=\"web\"" },
        { "metadata.annotations", true, "n=\"line\\nbreak \\\"q\\\" \\\\ \\t\\x01 é\"" },
        { "metadata.labels", false, NULL },
        { "spec.nodeName", false, "n1" },
        { "spec.serviceAccountName", false, "sa" },
        { "status.hostIP", false, "192.0.2.1" },
        { "status.hostIPs", false, "192.0.2.1,2001:db8::1" },
        { "status.podIP", false, "10.85.0.7" },
        { "status.podIPs", false, "10.85.0.7,fd00::7" },
        { "", false, NULL },
        { "metadata", false, NULL },
        { "metadata.labels[']", false, NULL }, /* two brackets that share a quote */
        { "metadata.labels['", false, NULL },
        { "metadata.labels['']", false, "" },
        { "metadata.labels[app]", false, NULL },
        { "metadata.labelsx['app']", false, NULL },
        { "spec.containers", false, NULL },
        { "status.phase", false, NULL },
    };
    const struct k8s_pod *pod = pod_of(LABELS, "");

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *got = NULL;
        struct err err = ERR_INIT;
        int r = field_value(pod, &facts, cases[i].path, cases[i].in_volume, arena, &got, &err);
        if (!cases[i].want) {
            AUTO(free) char *want = xasprintf("unsupported fieldPath: %s", cases[i].path);
            assert_int_equal(r, -EINVAL);
            assert_string_equal(err.msg, want);
        } else if (r < 0 || !str_eq(got, cases[i].want)) {
            fail_msg("%s: %s", cases[i].path, r < 0 ? err.msg : got);
        }
    }
}

static void a_pod_on_the_hosts_network_has_its_addresses(void **state)
{
    const struct k8s_pod *pod = pod_of("", "\"hostNetwork\":true,");
    const char *got = NULL;

    (void)state;
    assert_int_equal(field_value(pod, &facts, "status.podIP", false, arena, &got, NULL), 0);
    assert_string_equal(got, "192.0.2.1");
    assert_int_equal(field_value(pod, &facts, "status.podIPs", false, arena, &got, NULL), 0);
    assert_string_equal(got, "192.0.2.1,2001:db8::1");
}

static void what_is_not_known_is_empty(void **state)
{
    const struct pod_facts none = { .node_name = "n1" };
    const char *got = NULL;

    (void)state;
    assert_int_equal(field_value(pod_of("", ""), &none, "status.podIP", false, arena, &got, NULL), 0);
    assert_string_equal(got, "");
    assert_int_equal(field_value(pod_of("", ""), &none, "status.podIPs", false, arena, &got, NULL), 0);
    assert_string_equal(got, "");
}

static void resources_divided_and_rounded_up(void **state)
{
    static const struct {
        const char *resource, *divisor, *container, *want; /* NULL: refused */
    } cases[] = {
        { "limits.cpu", NULL, "", "2" },           /* 1500m */
        { "limits.cpu", "1m", "", "1500" },
        { "limits.memory", NULL, "", "67108865" },
        { "limits.memory", "1Mi", "", "65" },      /* a byte too much for 64 */
        { "requests.cpu", "1m", "", "250" },
        { "requests.memory", NULL, "", "0" },      /* not set */
        { "limits.ephemeral-storage", NULL, "", "0" },
        { "limits.hugepages-2Mi", "1Mi", "", "4" },
        { "limits.cpu", NULL, "other", "4" },      /* sets none: what the node has, 3500m */
        { "limits.memory", "1Gi", "other", "4" },
        { "limits.cpu", "0", "", "2" },            /* as if not given */
        { "limits.cpu", NULL, "no", NULL },
        { "cpu", NULL, "", NULL },
        { "", NULL, "", NULL },
        { "limits", NULL, "", NULL },
        { "limits.memory", "-1", "", NULL },
    };
    const struct k8s_pod *pod = pod_of(
        "", "\"containers\":[{\"name\":\"app\",\"resources\":{\"limits\":{\"cpu\":\"1500m\",\"memory\":\"67108865\",\"hugepages-2Mi\":\"4Mi\"},"
            "\"requests\":{\"cpu\":\"250m\"}}},{\"name\":\"other\",\"resources\":{\"limits\":{\"memory\":\"0\"}}}],");

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct k8s_resource_field_selector s = { .resource = cases[i].resource, .container_name = cases[i].container };
        const char *got = NULL;
        struct err err = ERR_INIT;
        if (cases[i].divisor)
            assert_int_equal(k8s_quantity_parse(cases[i].divisor, strlen(cases[i].divisor), &s.divisor), 0);
        int r = resource_value(pod, &pod->spec.containers.items[0], &facts, &s, arena, &got, &err);
        if ((r == 0) != (cases[i].want != NULL) || (r == 0 && !str_eq(got, cases[i].want)))
            fail_msg("%s / %s of %s: %s", cases[i].resource, cases[i].divisor ? cases[i].divisor : "-", cases[i].container,
                     r < 0 ? err.msg : got);
    }
}

static void amounts_beyond_reason_are_no_crash(void **state)
{
    const struct k8s_pod *pod = pod_with_container("\"resources\":{\"limits\":{\"cpu\":\"-9223372036854775808\",\"memory\":\"9E\"}},");
    struct k8s_resource_field_selector s = { .resource = "limits.cpu" };
    const char *got = NULL;

    (void)state;
    assert_int_equal(resource_value(pod, &pod->spec.containers.items[0], &facts, &s, arena, &got, NULL), -EINVAL);
    s.resource = "limits.memory";
    assert_int_equal(resource_value(pod, &pod->spec.containers.items[0], &facts, &s, arena, &got, NULL), 0);
    s.container_name = "";
    assert_int_equal(resource_value(pod, NULL, &facts, &s, arena, &got, NULL), -EINVAL); /* a volume names its container */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_of_a_pod),
        cmocka_unit_test(a_pod_on_the_hosts_network_has_its_addresses),
        cmocka_unit_test(what_is_not_known_is_empty),
        cmocka_unit_test(resources_divided_and_rounded_up),
        cmocka_unit_test(amounts_beyond_reason_are_no_crash),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
