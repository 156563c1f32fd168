/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/str.h"
#include "golden.h"
#include "k8s/kinds.h"
#include "k8s/pod.h"

/* Three pods as a real API server returned them, managed fields and all. */
static const char *const pods[] = { "pods/small.json", "pods/medium.json", "pods/large.json" };

/* One object of each kind in which every field of the API's own Go types has a value, as Go encodes
 * it. */
static const struct {
    const char *file;
    enum k8s_kind_id kind;
} full[] = {
    { "objects/pod.json", K8S_KIND_POD },
    { "objects/node.json", K8S_KIND_NODE },
    { "objects/lease.json", K8S_KIND_LEASE },
    { "objects/event.json", K8S_KIND_EVENT },
    { "objects/secret.json", K8S_KIND_SECRET },
    { "objects/config_map.json", K8S_KIND_CONFIG_MAP },
    { "objects/service.json", K8S_KIND_SERVICE },
    { "objects/runtime_class.json", K8S_KIND_RUNTIME_CLASS },
    { "objects/certificate_signing_request.json", K8S_KIND_CERTIFICATE_SIGNING_REQUEST },
    { "objects/token_request.json", K8S_KIND_TOKEN_REQUEST },
    { "objects/token_review.json", K8S_KIND_TOKEN_REVIEW },
    { "objects/subject_access_review.json", K8S_KIND_SUBJECT_ACCESS_REVIEW },
    { "objects/status.json", K8S_KIND_STATUS },
};

/* decode, encode, compare with the original; decode and encode once more, compare the texts. */
static void check_round(const struct json_type *type, const char *text, size_t len)
{
    AUTO(buf_done) struct buf once = BUF_INIT(MIB);
    AUTO(buf_done) struct buf twice = BUF_INIT(MIB);
    AUTO(k8s_object_unref) struct k8s_object *o = golden_decode(type, text, len);
    AUTO(k8s_object_unref) struct k8s_object *again = NULL;

    assert_int_equal(json_encode(type, k8s_object_get(o), &once), 0);
    golden_assert_same(text, once.data);
    again = golden_decode(type, once.data, once.len);
    assert_int_equal(json_encode(type, k8s_object_get(again), &twice), 0);
    assert_string_equal(once.data, twice.data);
}

static void pods_of_a_real_api_server_come_back_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(pods) / sizeof(pods[0]); i++) {
        size_t len;
        AUTO(free) char *text = golden_read(pods[i], &len);

        check_round(&k8s_pod_type, text, len);
    }
}

static void every_field_of_every_kind_comes_back_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(full) / sizeof(full[0]); i++) {
        size_t len;
        AUTO(free) char *text = golden_read(full[i].file, &len);

        check_round(k8s_kinds[full[i].kind].type, text, len);
    }
}

static void no_field_of_the_api_is_unknown(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(full) / sizeof(full[0]); i++) {
        const struct json_type *type = k8s_kinds[full[i].kind].type;
        AUTO(arena_unref) struct arena *arena = arena_new(MIB);
        struct json_paths unknown;
        struct json_decode_opts opts = { .unknown_below = "", .ret_unknown = &unknown };
        struct err err = ERR_INIT;
        size_t len;
        AUTO(free) char *text = golden_read(full[i].file, &len);

        assert_int_equal(
            json_decode(type, text, len, &opts, arena, arena_alloc(arena, type->size), &err), 0);
        if (unknown.len)
            fail_msg("%s: %s is not known", full[i].file, unknown.items[0]);
    }
}

struct look {
    const char *file;
    void *tree;
};

static void look(void *user, const char *path, const struct json_field *f)
{
    const struct look *l = (const struct look *)user;

    if (f->storage != JSON_IGNORED && !golden_has(l->tree, path))
        fail_msg("%s: the API has no %s", l->file, path);
}

static void no_field_is_ours_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(full) / sizeof(full[0]); i++) {
        size_t len;
        AUTO(free) char *text = golden_read(full[i].file, &len);
        struct look l = { full[i].file, golden_tree(text) };

        json_type_walk(k8s_kinds[full[i].kind].type, look, &l);
        golden_tree_free(l.tree);
    }
}

static void values_are_where_they_belong(void **state)
{
    size_t len;
    AUTO(free) char *text = golden_read("pods/large.json", &len);
    AUTO(k8s_object_unref) struct k8s_object *o = golden_decode(&k8s_pod_type, text, len);
    const struct k8s_pod *pod = K8S_OBJECT_AS(o, k8s_pod);
    const struct k8s_container *api = &pod->spec.containers.items[0];

    (void)state;
    assert_string_equal(pod->metadata.name, "platform");
    assert_ptr_equal(k8s_object_metadata(o), &pod->metadata);
    assert_int_equal(pod->spec.containers.len, 3);
    assert_int_equal(pod->spec.init_containers.items[0].ports.items[0].container_port, 15001);
    assert_string_equal(api->liveness_probe->http_get->port.s, "http");
    assert_true(api->readiness_probe->http_get->port.is_int &&
                api->readiness_probe->http_get->port.i == 8080);
    assert_int_equal(k8s_quantity_milli(k8s_resource_list_get(&api->resources.requests, "cpu")),
                     250);
    assert_true(api->security_context->run_as_user.has &&
                api->security_context->run_as_user.value == 10001);
    assert_true(pod->spec.share_process_namespace.has && pod->spec.share_process_namespace.value);
    assert_int_equal(pod->spec.volumes.items[4].persistent_volume_claim->read_only, false);
    assert_null(pod->spec.volumes.items[4].legacy);
    assert_string_equal(
        pod->status.container_statuses.items[0].state.running->started_at.has ? "set" : "", "set");
    assert_non_null(strstr(json_map_get(&pod->metadata.annotations, "example.com/note"),
                           "\t\"quoted\" \\ back"));
    assert_null(K8S_OBJECT_AS(o, k8s_object_meta));
    assert_int_equal(k8s_object_unknown(o)->len, 0);
}

/* ---- memory ---- */

struct items {
    const char *items;
    size_t len;
};

static size_t string_bytes(const struct json_type *type, const char *value);

static size_t items_bytes(const struct items *list, const struct json_type *elem, size_t item_bytes,
                          size_t at)
{
    size_t n = 0;

    for (size_t i = 0; i < list->len; i++) {
        const char *item = list->items + i * item_bytes;

        n += (at ? string_bytes(&json_string_type, item) : 0) + string_bytes(elem, item + at);
    }
    return n;
}

static size_t field_bytes(const struct json_field *f, const char *member)
{
    const char *const *pointer = (const char *const *)(const void *)member;

    switch ((enum json_storage)f->storage) {
    case JSON_IN_PLACE:
    case JSON_INLINE:
        return string_bytes(f->type, member);
    case JSON_POINTER:
    case JSON_RARE:
        return *pointer ? string_bytes(f->type, *pointer) : 0;
    case JSON_LIST:
        return items_bytes((const struct items *)(const void *)member, f->type, f->type->size, 0);
    default:
        return 0;
    }
}

/* Of the strings that a value keeps. */
static size_t string_bytes(const struct json_type *type, const char *value)
{
    const char *s;
    size_t bytes = 0, n;

    if (type->shape == JSON_STRING || (type->shape == JSON_SCALAR && type->scalar->has_string)) {
        value += type->shape == JSON_SCALAR ? type->scalar->string_offset : 0;
        s = *(const char *const *)(const void *)value;
        bytes = s ? strlen(s) + 1 : 0;
    } else if (type->shape == JSON_MAPPING) {
        bytes = items_bytes((const struct items *)(const void *)value, type->elem, type->elem_size,
                            type->value_offset);
    } else if (type->shape == JSON_RECORD) {
        const struct json_field *fields = type->fields(&n);

        for (size_t i = 0; i < n; i++)
            bytes += field_bytes(&fields[i], value + fields[i].offset);
    }
    return bytes;
}

static void a_pod_takes_little_more_than_its_strings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(pods) / sizeof(pods[0]); i++) {
        size_t len, strings, containers, limit;
        AUTO(free) char *text = golden_read(pods[i], &len);
        AUTO(k8s_object_unref) struct k8s_object *o = golden_decode(&k8s_pod_type, text, len);
        const struct k8s_pod *pod = K8S_OBJECT_AS(o, k8s_pod);

        strings = string_bytes(&k8s_pod_type, (const char *)pod);
        containers = pod->spec.containers.len + pod->spec.init_containers.len;
        limit = strings + strings / 2 + containers * 2048;
        if (k8s_object_bytes(o) > limit)
            fail_msg("%s: %zu bytes, limit %zu", pods[i], k8s_object_bytes(o), limit);
    }
}

/* ---- the rest ---- */

static void unknown_fields_of_the_spec_are_noted(void **state)
{
    static const char text[] =
        "{\"metadata\":{\"new\":1},\"spec\":{\"containers\":[{\"name\":\"a\",\"new\":{\"x\":1}}],"
        "\"newer\":[]},\"status\":{\"new\":1}}";
    AUTO(k8s_object_unref) struct k8s_object *o = golden_decode(&k8s_pod_type, text, strlen(text));

    (void)state;
    assert_int_equal(k8s_object_unknown(o)->len, 2);
    assert_string_equal(k8s_object_unknown(o)->items[0], "spec.containers[0].new");
    assert_string_equal(k8s_object_unknown(o)->items[1], "spec.newer");
}

static void an_object_lives_until_its_last_reference(void **state)
{
    struct k8s_object *o = golden_decode(&k8s_pod_type, "{\"metadata\":{\"name\":\"x\"}}", 25);
    struct k8s_object *second = k8s_object_ref(o);

    (void)state;
    assert_null(k8s_object_unref(o));
    assert_string_equal(K8S_OBJECT_AS(second, k8s_pod)->metadata.name, "x");
    assert_null(k8s_object_unref(second));
    assert_null(k8s_object_unref(NULL));
}

static const struct {
    const char *text, *message;
} bad[] = {
    { "{\"spec\":{\"containers\":[{},{},{\"ports\":[{\"containerPort\":\"80\"}]}]}}",
      "spec.containers[2].ports[0].containerPort: expected integer, got string" },
    { "{\"spec\":{\"containers\":[{\"resources\":{\"limits\":{\"memory\":\"1 GB\"}}}]}}",
      "spec.containers[0].resources.limits[memory]: \"1 GB\" is not a quantity" },
    { "{\"spec\":{\"overhead\":{\"cpu\":true}}}",
      "spec.overhead[cpu]: expected quantity, got boolean" },
    { "{\"spec\":{\"containers\":[{\"livenessProbe\":{\"httpGet\":{\"port\":80.5}}}]}}",
      "spec.containers[0].livenessProbe.httpGet.port: expected integer or string, got 80.5" },
    { "{\"spec\":{\"containers\":[{\"livenessProbe\":{\"httpGet\":{\"port\":{}}}}]}}",
      "spec.containers[0].livenessProbe.httpGet.port: expected integer or string, got object" },
    { "{\"metadata\":{\"creationTimestamp\":\"2026-02-30T00:00:00Z\"}}",
      "metadata.creationTimestamp: \"2026-02-30T00:00:00Z\" is not an RFC 3339 time" },
    { "{\"metadata\":{\"deletionTimestamp\":12}}",
      "metadata.deletionTimestamp: expected time, got number" },
    { "{\"metadata\":{\"annotations\":{\"a\":1}}}",
      "metadata.annotations[a]: expected string, got number" },
    { "{\"spec\":{\"volumes\":[{\"rbd\":{\"readOnly\":3}}]}}",
      "spec.volumes[0].rbd.readOnly: expected boolean, got number" },
    { "{\"spec\":{\"ephemeralContainers\":[{\"image\":[]}]}}",
      "spec.ephemeralContainers[0].image: expected string, got list" },
};

static void errors_name_field_and_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct err err = ERR_INIT;
        struct k8s_object *o = NULL;

        assert_int_equal(k8s_decode(&k8s_pod_type, bad[i].text, strlen(bad[i].text), &o, &err),
                         -EINVAL);
        assert_string_equal(err.msg, bad[i].message);
        assert_null(o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pods_of_a_real_api_server_come_back_the_same),
        cmocka_unit_test(every_field_of_every_kind_comes_back_the_same),
        cmocka_unit_test(no_field_of_the_api_is_unknown),
        cmocka_unit_test(no_field_is_ours_alone),
        cmocka_unit_test(values_are_where_they_belong),
        cmocka_unit_test(a_pod_takes_little_more_than_its_strings),
        cmocka_unit_test(unknown_fields_of_the_spec_are_noted),
        cmocka_unit_test(an_object_lives_until_its_last_reference),
        cmocka_unit_test(errors_name_field_and_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
