/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/patch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "k8s/node.h"
#include "k8s/pod.h"

struct patch_case {
    const char *before, *after, *patch; /* patch NULL: nothing */
};

static void check(enum k8s_patch_type how, const struct json_type *type, const struct patch_case *c)
{
    struct k8s_object *a = NULL, *b = NULL;
    struct err err = ERR_INIT;
    AUTO(buf_done) struct buf out = BUF_INIT(100000);
    if (k8s_decode(type, c->before, strlen(c->before), &a, &err) < 0 ||
        k8s_decode(type, c->after, strlen(c->after), &b, &err) < 0)
        fail_msg("%s", err.msg);
    int ret = k8s_patch_diff(how, type, k8s_object_get(a), k8s_object_get(b), &out, &err);
    k8s_object_unref(a);
    k8s_object_unref(b);
    assert_int_equal(ret, c->patch ? 0 : K8S_PATCH_NOTHING);
    assert_string_equal(buf_str(&out), c->patch ? c->patch : "");
}

static void only_what_differs_is_sent(void **state)
{
    (void)state;
    static const struct patch_case cases[] = {
        { "{}", "{}", NULL },
        { "{\"status\":{\"phase\":\"Running\"}}", "{\"status\":{\"phase\":\"Running\"}}", NULL },
        { "{\"status\":{\"phase\":\"Pending\",\"podIP\":\"1\"}}", "{\"status\":{\"phase\":\"Running\",\"podIP\":\"1\"}}",
          "{\"status\":{\"phase\":\"Running\"}}" },
        { "{\"status\":{\"reason\":\"Evicted\",\"message\":\"m\"}}", "{\"status\":{\"message\":\"m\"}}",
          "{\"status\":{\"reason\":null}}" },
        { "{\"metadata\":{\"labels\":{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\"}}}",
          "{\"metadata\":{\"labels\":{\"a\":\"1\",\"b\":\"9\",\"d\":\"4\"}}}",
          "{\"metadata\":{\"labels\":{\"c\":null,\"b\":\"9\",\"d\":\"4\"}}}" },
        { "{\"metadata\":{\"labels\":{\"a\":\"1\"}}}", "{}", "{\"metadata\":{\"labels\":{\"a\":null}}}" },
        { "{\"status\":{\"startTime\":\"2026-01-02T03:04:05Z\"}}", "{\"status\":{\"startTime\":\"2026-01-02T03:04:06Z\"}}",
          "{\"status\":{\"startTime\":\"2026-01-02T03:04:06Z\"}}" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check(K8S_STRATEGIC_MERGE_PATCH, &k8s_pod_type, &cases[i]);
}

static void lists_with_a_key_merge_by_it(void **state)
{
    (void)state;
    static const struct patch_case cases[] = {
        { "{\"status\":{\"conditions\":[{\"type\":\"A\",\"status\":\"True\"},{\"type\":\"B\",\"status\":\"True\"}]}}",
          "{\"status\":{\"conditions\":[{\"type\":\"B\",\"status\":\"False\"},{\"type\":\"C\",\"status\":\"True\"}]}}",
          "{\"status\":{\"conditions\":[{\"$patch\":\"delete\",\"type\":\"A\"},{\"type\":\"B\",\"status\":\"False\"},"
          "{\"type\":\"C\",\"status\":\"True\"}]}}" },
        { "{\"status\":{\"podIPs\":[{\"ip\":\"10.0.0.1\"}]}}", "{\"status\":{\"podIPs\":[{\"ip\":\"10.0.0.2\"}]}}",
          "{\"status\":{\"podIPs\":[{\"$patch\":\"delete\",\"ip\":\"10.0.0.1\"},{\"ip\":\"10.0.0.2\"}]}}" },
        { "{\"status\":{\"podIPs\":[{\"ip\":\"10.0.0.1\"}]}}", "{}",
          "{\"status\":{\"podIPs\":[{\"$patch\":\"delete\",\"ip\":\"10.0.0.1\"}]}}" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check(K8S_STRATEGIC_MERGE_PATCH, &k8s_pod_type, &cases[i]);
}

static void a_key_that_repeats_replaces_the_list(void **state)
{
    (void)state;
    check(K8S_STRATEGIC_MERGE_PATCH, &k8s_node_type,
          &(struct patch_case){
              "{\"status\":{\"addresses\":[{\"type\":\"InternalIP\",\"address\":\"1\"}]}}",
              "{\"status\":{\"addresses\":[{\"type\":\"InternalIP\",\"address\":\"1\"},{\"type\":\"InternalIP\","
              "\"address\":\"2\"}]}}",
              "{\"status\":{\"addresses\":[{\"$patch\":\"replace\"},{\"type\":\"InternalIP\",\"address\":\"1\"},"
              "{\"type\":\"InternalIP\",\"address\":\"2\"}]}}" });
}

static void quantities_are_compared_by_their_text(void **state)
{
    (void)state;
    static const struct patch_case cases[] = {
        { "{\"status\":{\"capacity\":{\"cpu\":\"2\",\"memory\":\"1Gi\"}}}",
          "{\"status\":{\"capacity\":{\"cpu\":\"2000m\",\"memory\":\"2Gi\"}}}",
          "{\"status\":{\"capacity\":{\"memory\":\"2Gi\"}}}" },
        { "{\"status\":{\"capacity\":{\"cpu\":\"2\",\"example.com/x\":\"1\"}}}", "{\"status\":{\"capacity\":{\"cpu\":\"2\"}}}",
          "{\"status\":{\"capacity\":{\"example.com/x\":null}}}" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check(K8S_STRATEGIC_MERGE_PATCH, &k8s_node_type, &cases[i]);
}

static void a_merge_patch_replaces_every_list(void **state)
{
    (void)state;
    check(K8S_MERGE_PATCH, &k8s_pod_type,
          &(struct patch_case){ "{\"status\":{\"conditions\":[{\"type\":\"A\",\"status\":\"True\"}]}}",
                                "{\"status\":{\"conditions\":[{\"type\":\"A\",\"status\":\"False\"}]}}",
                                "{\"status\":{\"conditions\":[{\"type\":\"A\",\"status\":\"False\"}]}}" });
}

static void container_statuses_are_replaced_as_a_whole(void **state)
{
    (void)state;
    check(K8S_STRATEGIC_MERGE_PATCH, &k8s_pod_type,
          &(struct patch_case){
              "{\"status\":{\"containerStatuses\":[{\"name\":\"a\",\"ready\":false,\"restartCount\":0,\"image\":\"i\","
              "\"imageID\":\"\"}]}}",
              "{\"status\":{\"containerStatuses\":[{\"name\":\"a\",\"ready\":true,\"restartCount\":0,\"image\":\"i\","
              "\"imageID\":\"\"}]}}",
              "{\"status\":{\"containerStatuses\":[{\"name\":\"a\",\"ready\":true,"
              "\"restartCount\":0,\"image\":\"i\",\"imageID\":\"\"}]}}" });
}

static void a_status_patch_names_the_object_it_means(void **state)
{
    (void)state;
    struct k8s_pod_status before = { .phase = "Pending" }, after = { .phase = "Running" };
    AUTO(buf_done) struct buf out = BUF_INIT(1000);
    assert_int_equal(k8s_patch_status(&k8s_pod_status_type, &before, &after, "u1", &out, NULL), 0);
    assert_string_equal(buf_str(&out), "{\"metadata\":{\"uid\":\"u1\"},\"status\":{\"phase\":\"Running\"}}");
    buf_clear(&out);
    assert_int_equal(k8s_patch_status(&k8s_pod_status_type, &after, &after, "u1", &out, NULL), K8S_PATCH_NOTHING);
    assert_int_equal(out.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_differs_is_sent),
        cmocka_unit_test(lists_with_a_key_merge_by_it),
        cmocka_unit_test(a_key_that_repeats_replaces_the_list),
        cmocka_unit_test(quantities_are_compared_by_their_text),
        cmocka_unit_test(a_merge_patch_replaces_every_list),
        cmocka_unit_test(container_statuses_are_replaced_as_a_whole),
        cmocka_unit_test(a_status_patch_names_the_object_it_means),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
