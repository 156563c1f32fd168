/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_sources_examples.c - manifests/: each document decodes, its pods are sound, and none asks for what this agent
 * does not do. What only a cluster understands (a Deployment) is opened as far as its pods.
 */
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/yaml.h"
#include "decide/unsupported.h"
#include "k8s/kinds.h"
#include "k8s/object.h"
#include "k8s/runtime_class.h"
#include "sources/manifest.h"

#define TEMPLATE_FIELDS(F) F(value, struct json_raw, spec, "spec", 0)
JSON_STRUCT(template, TEMPLATE_FIELDS);
JSON_TYPE(template, TEMPLATE_FIELDS);
#define WORKLOAD_SPEC_FIELDS(F) F(object, template, template, "template", 0)
JSON_STRUCT(workload_spec, WORKLOAD_SPEC_FIELDS);
JSON_TYPE(workload_spec, WORKLOAD_SPEC_FIELDS);
#define DOCUMENT_FIELDS(F)                               \
    F(value, const char *, api_version, "apiVersion", 0) \
    F(value, const char *, kind, "kind", 0)              \
    F(object, workload_spec, spec, "spec", 0)
JSON_STRUCT(document, DOCUMENT_FIELDS);
JSON_TYPE(document, DOCUMENT_FIELDS);

static void check_pods(const char *path, const char *json, size_t len)
{
    AUTO(manifest_done) struct manifest m = { 0 };
    AUTO(arena_unref) struct arena *arena = arena_new(1 << 20);
    struct err err = ERR_INIT;

    if (manifest_parse(&m, path, json, len, &err) < 0)
        fail_msg("%s", err.msg);
    for (size_t i = 0; i < m.len; i++) {
        const struct k8s_pod *pod = K8S_OBJECT_AS(m.objects[i], k8s_pod);
        const char *unsupported = pod ? unsupported_message(pod, NULL, NULL, arena) : NULL;
        if (unsupported)
            fail_msg("%s: %s", path, unsupported);
    }
}

static void check_document(const char *path, const char *json, size_t len)
{
    AUTO(arena_unref) struct arena *arena = arena_new(1 << 22);
    AUTO(k8s_object_unref) struct k8s_object *object = NULL;
    struct document d;
    struct err err = ERR_INIT;

    if (json_decode(&document_type, json, len, NULL, arena, &d, &err) < 0)
        fail_msg("%s: %s", path, err.msg);
    const struct k8s_kind *kind = k8s_kind_find(str_or(d.api_version, ""), str_or(d.kind, ""));
    if (kind && (k8s_decode(kind->type, json, len, &object, &err) < 0 || k8s_object_unknown(object)->len))
        fail_msg("%s: %s: %s", path, d.kind, err.code ? err.msg : k8s_object_unknown(object)->items[0]);
    if (str_eq(d.kind, "Pod") || str_eq(d.kind, "ConfigMap") || str_eq(d.kind, "RuntimeClass")) {
        check_pods(path, json, len);
    } else if (d.spec && d.spec->template) {
        const char *pod = arena_printf(arena, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\"},\"spec\":%.*s}",
                                       (int)d.spec->template->spec.len, d.spec->template->spec.text);
        check_pods(path, pod, strlen(pod));
    } else if (!kind) {
        fail_msg("%s: nobody here knows what %s is", path, str_or(d.kind, "(no kind)"));
    }
}

static size_t check_files(const char *pattern)
{
    glob_t files;

    assert_int_equal(glob(pattern, 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        const char *path = files.gl_pathv[i];
        AUTO(buf_done) struct buf text = BUF_INIT(1 << 20);
        AUTO(buf_done) struct buf json = BUF_INIT(1 << 20);
        struct err err = ERR_INIT;
        int r = file_read(AT_FDCWD, path, &text, &err);
        AUTO(yaml_reader_free) struct yaml_reader *reader = yaml_reader_new(path, text.data, text.len);
        while (r == 0 && (r = yaml_next(reader, &json, NULL, &err)) == 0) {
            check_document(path, buf_str(&json), json.len);
            buf_clear(&json);
        }
        if (r < 0)
            fail_msg("%s", err.msg);
    }
    size_t len = files.gl_pathc;
    globfree(&files);
    return len;
}

static void every_manifest_is_sound(void **state)
{
    (void)state;
    assert_true(check_files("../manifests/examples/*.yaml") >= 5);
    assert_true(check_files("../manifests/cluster/*.yaml") >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_manifest_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
