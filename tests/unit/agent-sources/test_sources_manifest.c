/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/config_map.h"
#include "k8s/object.h"
#include "k8s/pod.h"
#include "k8s/runtime_class.h"
#include "k8s/secret.h"

#define POD(name) "apiVersion: v1\nkind: Pod\nmetadata: {name: " name "}\nspec:\n  containers:\n  - {name: a, image: i}\n"

static int parse(struct manifest *m, const char *text, struct err *err)
{
    return manifest_parse(m, "FILE", text, strlen(text), err);
}

static void objects_in_the_order_of_the_text(void **state)
{
    static const char text[] = "# a comment\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\ndata: {a: b}\n---\n---\n" POD(
        "one") "---\napiVersion: v1\nkind: Secret\nmetadata: {name: se, namespace: other}\nstringData: {k: v}\n...\n";
    AUTO(manifest_done) struct manifest m = { 0 };
    struct err err = ERR_INIT;

    (void)state;
    if (parse(&m, text, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(m.len, 3);
    const struct k8s_config_map *cm = K8S_OBJECT_AS(m.objects[0], k8s_config_map);
    const struct k8s_pod *pod = K8S_OBJECT_AS(m.objects[1], k8s_pod);
    const struct k8s_secret *secret = K8S_OBJECT_AS(m.objects[2], k8s_secret);
    assert_string_equal(cm->metadata.namespace, "default");
    assert_string_equal(json_map_get(&cm->data, "a"), "b");
    assert_string_equal(pod->metadata.name, "one");
    assert_string_equal(pod->metadata.namespace, "default");
    assert_string_equal(pod->spec.restart_policy, "Always");
    assert_string_equal(secret->metadata.namespace, "other");
    assert_string_equal(json_map_get(&secret->string_data, "k"), "v");
}

static void lists_are_unfolded(void **state)
{
    static const char text[] =
        "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":["
        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}},"
        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"b\"}}]}";
    AUTO(manifest_done) struct manifest m = { 0 };
    struct err err = ERR_INIT;

    (void)state;
    if (parse(&m, text, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(m.len, 2);
}

static void a_runtime_class_has_no_namespace(void **state)
{
    static const char text[] = "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: quick}\nhandler: crun\n"
                               "overhead: {podFixed: {cpu: 10m}}\n";
    AUTO(manifest_done) struct manifest m = { 0 };
    struct err err = ERR_INIT;

    (void)state;
    if (parse(&m, text, &err) < 0)
        fail_msg("%s", err.msg);
    const struct k8s_runtime_class *class = K8S_OBJECT_AS(m.objects[0], k8s_runtime_class);
    assert_null(class->metadata.namespace);
    assert_string_equal(class->handler, "crun");
    assert_int_equal(class->overhead->pod_fixed.len, 1);
}

static void several_files_add_up(void **state)
{
    AUTO(manifest_done) struct manifest m = { 0 };
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(parse(&m, POD("one"), &err), 0);
    assert_int_equal(parse(&m, POD("two"), &err), 0);
    assert_int_equal(m.len, 2);
}

static void errors_name_file_document_and_field(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "", "FILE: no object in it" },
        { "---\n# nothing\n", "FILE: no object in it" },
        { "a: b\n", "FILE: document 1 (line 1): kind: Required value" },
        { "hello\n", NULL },
        { "[1]\n", NULL },
        { "apiVersion: apps/v1\nkind: Deployment\n",
          "FILE: document 1 (line 1): kind: \"Deployment\" (apiVersion \"apps/v1\") is not supported here: expected Pod, ConfigMap "
          "or Secret of v1, or RuntimeClass of node.k8s.io/v1" },
        { "kind: Pod\n", "FILE: document 1 (line 1): kind: \"Pod\" (apiVersion \"\") is not supported here: expected Pod, ConfigMap or "
                         "Secret of v1, or RuntimeClass of node.k8s.io/v1" },
        { "apiVersion: v1\nkind: Node\n",
          "FILE: document 1 (line 1): kind: \"Node\" (apiVersion \"v1\") is not supported here: expected Pod, ConfigMap or Secret of v1, "
          "or RuntimeClass of node.k8s.io/v1" },
        { POD("one") "---\napiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: a}]}\n",
          "FILE: document 2 (line 8): Pod \"x\": spec.containers[0].image: Required value" },
        { "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: []}\n",
          "FILE: document 1 (line 1): Pod \"x\": spec.containers: Required value" },
        { "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: i}]}\n",
          "FILE: document 1 (line 1): Pod \"\": metadata.name: Required value: name or generateName is required" },
        { "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: a, image: i, ports: [{containerPort: http}]}]}\n",
          "FILE: document 1 (line 1): Pod: spec.containers[0].ports[0].containerPort: expected integer, got string" },
        { "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {contaners: []}\n",
          "FILE: document 1 (line 1): Pod \"x\": spec.contaners: unknown field" },
        { "apiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n", "FILE: document 1 (line 1): ConfigMap: metadata.name: Required value" },
        { "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: x}\n",
          "FILE: document 1 (line 1): RuntimeClass \"x\": handler: Required value" },
        { "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Pod, metadata: {name: a}}]\n",
          "FILE: document 1 (line 1): items[0]: Pod \"a\": spec.containers: Required value" },
        { "apiVersion: v1\nkind: List\nitems: [1]\n", NULL },
        { "a: [\n", NULL },
        { "\tkind: Pod\n", NULL },
        { "a: &x 1\nb: *x\n", NULL },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(manifest_done) struct manifest m = { 0 };
        struct err err = ERR_INIT;
        if (parse(&m, cases[i].text, &err) >= 0)
            fail_msg("taken: %s", cases[i].text);
        if (cases[i].message ? !str_eq(err.msg, cases[i].message) : !str_has_prefix(err.msg, "FILE:"))
            fail_msg("%s\n gave %s", cases[i].text, err.msg);
        assert_null(strchr(err.msg, '\n'));
    }
}

static void files_and_their_absence(void **state)
{
    char path[] = "/tmp/manifest-XXXXXX";
    AUTO(manifest_done) struct manifest m = { 0 };
    struct err err = ERR_INIT;
    int fd = mkstemp(path);

    (void)state;
    assert_int_equal(write(fd, POD("one"), sizeof(POD("one")) - 1), sizeof(POD("one")) - 1);
    close(fd);
    assert_int_equal(manifest_load(&m, path, &err), 0);
    assert_int_equal(m.len, 1);
    unlink(path);
    assert_int_equal(manifest_load(&m, "/no/such/file.yaml", &err), -ENOENT);
    assert_string_equal(err.msg, "read /no/such/file.yaml: No such file or directory");
    assert_true(manifest_load(&m, "/", &err) < 0);
    assert_true(manifest_load(&m, "/dev/zero", &err) == -E2BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_in_the_order_of_the_text),
        cmocka_unit_test(lists_are_unfolded),
        cmocka_unit_test(a_runtime_class_has_no_namespace),
        cmocka_unit_test(several_files_add_up),
        cmocka_unit_test(errors_name_file_document_and_field),
        cmocka_unit_test(files_and_their_absence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
