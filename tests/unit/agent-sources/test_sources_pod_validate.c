/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/object.h"
#include "k8s/pod.h"
#include "sources/manifest.h"

#define LABEL_FAULT                                                                                                              \
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an "     \
    "alphanumeric character"

static int validate(const char *metadata, const char *spec, struct err *err)
{
    AUTO(free) char *json = xasprintf("{\"metadata\":{%s},\"spec\":{%s}}", metadata, spec);
    AUTO(k8s_object_unref) struct k8s_object *o = NULL;

    if (k8s_decode(&k8s_pod_type, json, strlen(json), &o, err) < 0)
        fail_msg("%s", err->msg);
    return pod_validate(K8S_OBJECT_AS(o, k8s_pod), err);
}

#define NAME "\"name\":\"p\""
#define C(fields) "\"containers\":[{\"name\":\"a\",\"image\":\"i\"" fields "}]"

static void what_is_refused_in_the_api_servers_words(void **state)
{
    static const struct {
        const char *metadata, *spec, *message;
    } cases[] = {
        { "", C(""), "metadata.name: Required value: name or generateName is required" },
        { "\"name\":\"A\"", C(""),
          "metadata.name: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
          "'-' or '.', and must start and end with an alphanumeric character" },
        { "\"name\":\"a..b\"", C(""), NULL },
        { "\"name\":\"a-.b\"", C(""), NULL },
        { "\"name\":\"../x\"", C(""), NULL },
        { NAME ",\"namespace\":\"a.b\"", C(""), "metadata.namespace: Invalid value: \"a.b\": " LABEL_FAULT },
        { NAME, "", "spec.containers: Required value" },
        { NAME, "\"containers\":[{\"image\":\"i\"}]", "spec.containers[0].name: Required value" },
        { NAME, "\"containers\":[{\"name\":\"A\",\"image\":\"i\"}]", "spec.containers[0].name: Invalid value: \"A\": " LABEL_FAULT },
        { NAME, "\"containers\":[{\"name\":\"a\"}]", "spec.containers[0].image: Required value" },
        { NAME, "\"containers\":[{\"name\":\"a\",\"image\":\"i\"},{\"name\":\"a\",\"image\":\"i\"}]",
          "spec.containers[1].name: Duplicate value: \"a\"" },
        { NAME, "\"initContainers\":[{\"name\":\"a\",\"image\":\"i\"}]," C(""), "spec.containers[0].name: Duplicate value: \"a\"" },
        { NAME, "\"initContainers\":[{\"name\":\"b\"}]," C(""), "spec.initContainers[0].image: Required value" },
        { NAME, C(",\"imagePullPolicy\":\"Sometimes\""),
          "spec.containers[0].imagePullPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"IfNotPresent\", "
          "\"Never\"" },
        { NAME, C(",\"terminationMessagePolicy\":\"x\""),
          "spec.containers[0].terminationMessagePolicy: Unsupported value: \"x\": supported values: \"File\", "
          "\"FallbackToLogsOnError\"" },
        { NAME, "\"restartPolicy\":\"x\"," C(""),
          "spec.restartPolicy: Unsupported value: \"x\": supported values: \"Always\", \"OnFailure\", \"Never\"" },
        { NAME, "\"dnsPolicy\":\"x\"," C(""),
          "spec.dnsPolicy: Unsupported value: \"x\": supported values: \"ClusterFirst\", \"ClusterFirstWithHostNet\", \"Default\", "
          "\"None\"" },
        { NAME, "\"activeDeadlineSeconds\":0," C(""),
          "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive" },
        { NAME, "\"terminationGracePeriodSeconds\":-1," C(""),
          "spec.terminationGracePeriodSeconds: Invalid value: -1: must be greater than or equal to 0" },
        { NAME, C(",\"ports\":[{\"containerPort\":0}]"),
          "spec.containers[0].ports[0].containerPort: Invalid value: 0: must be between 1 and 65535, inclusive" },
        { NAME, C(",\"ports\":[{\"containerPort\":1,\"hostPort\":70000}]"),
          "spec.containers[0].ports[0].hostPort: Invalid value: 70000: must be between 1 and 65535, inclusive" },
        { NAME, C(",\"ports\":[{\"containerPort\":1,\"protocol\":\"tcp\"}]"),
          "spec.containers[0].ports[0].protocol: Unsupported value: \"tcp\": supported values: \"TCP\", \"UDP\", \"SCTP\"" },
        { NAME, C(",\"env\":[{}]"), "spec.containers[0].env[0].name: Required value" },
        { NAME, C(",\"env\":[{\"name\":\"a=b\"}]"),
          "spec.containers[0].env[0].name: Invalid value: \"a=b\": must consist only of printable ASCII characters other than '='" },
        { NAME, C(",\"env\":[{\"name\":\"a\",\"value\":\"x\",\"valueFrom\":{}}]"),
          "spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty" },
        { NAME, C(",\"volumeMounts\":[{\"name\":\"v\",\"mountPath\":\"/x\"}]"),
          "spec.containers[0].volumeMounts[0].name: Not found: \"v\"" },
        { NAME, "\"volumes\":[{\"name\":\"v\"}]," C(",\"volumeMounts\":[{\"name\":\"v\"}]"),
          "spec.containers[0].volumeMounts[0].mountPath: Required value" },
        { NAME, "\"volumes\":[{\"name\":\"v\"}]," C(",\"volumeMounts\":[{\"name\":\"v\",\"mountPath\":\"/a:b\"}]"),
          "spec.containers[0].volumeMounts[0].mountPath: Invalid value: \"/a:b\": must not contain ':'" },
        { NAME,
          "\"volumes\":[{\"name\":\"v\"}]," C(",\"volumeMounts\":[{\"name\":\"v\",\"mountPath\":\"/a\"},{\"name\":\"v\",\"mountPath\":\"/a\"}]"),
          "spec.containers[0].volumeMounts[1].mountPath: Invalid value: \"/a\": must be unique" },
        { NAME, C(",\"resources\":{\"limits\":{\"cpu\":\"1\"},\"requests\":{\"cpu\":\"2\"}}"),
          "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1" },
        { NAME, C(",\"resources\":{\"limits\":{\"memory\":\"-1Gi\"}}"),
          "spec.containers[0].resources.limits[memory]: Invalid value: \"-1Gi\": must be greater than or equal to 0" },
        { NAME, "\"volumes\":[{}]," C(""), "spec.volumes[0].name: Required value" },
        { NAME, "\"volumes\":[{\"name\":\"../x\"}]," C(""), "spec.volumes[0].name: Invalid value: \"../x\": " LABEL_FAULT },
        { NAME, "\"volumes\":[{\"name\":\"a\"},{\"name\":\"a\"}]," C(""), "spec.volumes[1].name: Duplicate value: \"a\"" },
        { NAME, "\"volumes\":[{\"name\":\"a\",\"emptyDir\":{},\"secret\":{\"secretName\":\"x\"}}]," C(""),
          "spec.volumes[0]: Forbidden: may not specify more than 1 volume type" },
        { NAME, "\"volumes\":[{\"name\":\"a\",\"hostPath\":{}}]," C(""), "spec.volumes[0].hostPath.path: Required value" },
        { NAME, "\"volumes\":[{\"name\":\"a\",\"hostPath\":{\"path\":\"/\",\"type\":\"x\"}}]," C(""), NULL },
        { NAME, "\"volumes\":[{\"name\":\"a\",\"configMap\":{}}]," C(""), "spec.volumes[0].configMap.name: Required value" },
        { NAME, "\"volumes\":[{\"name\":\"a\",\"secret\":{}}]," C(""), "spec.volumes[0].secret.secretName: Required value" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        if (validate(cases[i].metadata, cases[i].spec, &err) != -EINVAL)
            fail_msg("taken: %s %s", cases[i].metadata, cases[i].spec);
        if (cases[i].message)
            assert_string_equal(err.msg, cases[i].message);
    }
}

static void what_is_fine(void **state)
{
    static const struct {
        const char *metadata, *spec;
    } cases[] = {
        { NAME, C("") },
        { "\"name\":\"a-1.b-2.c\",\"namespace\":\"kube-system\"", C("") },
        { NAME, C(",\"resources\":{\"limits\":{\"cpu\":\"1\"},\"requests\":{\"cpu\":\"1000m\",\"memory\":\"1\"}}") },
        { NAME, C(",\"env\":[{\"name\":\"odd name!\",\"value\":\"\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"metadata.name\"}}}]") },
        { NAME, "\"volumes\":[{\"name\":\"v\",\"hostPath\":{\"path\":\"/x\",\"type\":\"\"}}]," C(",\"volumeMounts\":[{\"name\":\"v\",\"mountPath\":\"/x\"}]") },
        { NAME, C(",\"ports\":[{\"containerPort\":65535,\"hostPort\":1,\"protocol\":\"SCTP\"}]") },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        if (validate(cases[i].metadata, cases[i].spec, &err) < 0)
            fail_msg("%s", err.msg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_refused_in_the_api_servers_words),
        cmocka_unit_test(what_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
