/* SPDX-License-Identifier: Apache-2.0 */
/* manifest.c - documents of a file to objects. */
#include "sources/manifest.h"

#include <errno.h>
#include <fcntl.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/yaml.h"
#include "k8s/config_map.h"
#include "k8s/kinds.h"
#include "k8s/object.h"
#include "k8s/pod.h"
#include "k8s/runtime_class.h"
#include "k8s/secret.h"

/* What kind of object a document is, and the objects of a List, before the kind's own table is chosen. */
#define MANIFEST_HEAD_FIELDS(F)                         \
    F(value, const char *, api_version, "apiVersion", 0) \
    F(value, const char *, kind, "kind", 0)              \
    F(values, struct json_raw, items, "items", 0)
JSON_STRUCT(manifest_head, MANIFEST_HEAD_FIELDS);
JSON_TYPE(manifest_head, MANIFEST_HEAD_FIELDS);

void manifest_done(struct manifest *m)
{
    for (size_t i = 0; i < m->len; i++)
        k8s_object_unref(m->objects[i]);
    free(m->objects);
    *m = (struct manifest){ 0 };
}

static void add(struct manifest *m, struct k8s_object *o)
{
    m->objects = xrealloc(m->objects, (m->len + 1) * sizeof(*m->objects));
    m->objects[m->len++] = o;
}

/* Pods are validated and stored again with defaults. */
static int finish_pod(const struct k8s_object *object, struct k8s_object **ret, struct err *err)
{
    const struct k8s_pod *pod = K8S_OBJECT_AS(object, k8s_pod);
    AUTO(arena_unref) struct arena *arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    const struct json_paths *unknown = k8s_object_unknown(object);

    if (unknown->len)
        return err_set(err, -EINVAL, "%s: unknown field", unknown->items[0]);
    if (pod_validate(pod, err) < 0)
        return -EINVAL;
    const struct k8s_pod *stored = pod_with_defaults(pod, arena);
    if (!stored || k8s_object_new(&k8s_pod_type, stored, NULL, ret, err) < 0)
        return err_set(err, -E2BIG, "the pod is too large");
    return 0;
}

/* Of other objects only the namespace has a default. */
static int finish_config_map(const struct k8s_object *object, struct k8s_object **ret, struct err *err)
{
    struct k8s_config_map copy = *K8S_OBJECT_AS(object, k8s_config_map);

    copy.metadata.namespace = str_or(copy.metadata.namespace, "default");
    return k8s_object_new(&k8s_config_map_type, &copy, NULL, ret, err);
}

static int finish_secret(const struct k8s_object *object, struct k8s_object **ret, struct err *err)
{
    struct k8s_secret copy = *K8S_OBJECT_AS(object, k8s_secret);

    copy.metadata.namespace = str_or(copy.metadata.namespace, "default");
    return k8s_object_new(&k8s_secret_type, &copy, NULL, ret, err);
}

static int finish_runtime_class(const struct k8s_object *object, struct k8s_object **ret, struct err *err)
{
    const struct k8s_runtime_class *class = K8S_OBJECT_AS(object, k8s_runtime_class);

    if (str_empty(class->handler))
        return err_set(err, -EINVAL, "handler: Required value");
    return k8s_object_new(&k8s_runtime_class_type, class, NULL, ret, err);
}

static const struct {
    const struct json_type *type;
    int (*finish)(const struct k8s_object *object, struct k8s_object **ret, struct err *err);
} kinds[] = {
    { &k8s_pod_type, finish_pod },
    { &k8s_config_map_type, finish_config_map },
    { &k8s_secret_type, finish_secret },
    { &k8s_runtime_class_type, finish_runtime_class },
};

static int decode_object(struct manifest *m, const struct manifest_head *head, size_t kind, const char *json, size_t len,
                         struct err *err)
{
    AUTO(k8s_object_unref) struct k8s_object *object = NULL;
    struct k8s_object *stored = NULL;

    if (k8s_decode(kinds[kind].type, json, len, &object, err) < 0)
        return err_wrap(err, "%s", head->kind);
    const char *name = str_or(k8s_object_metadata(object)->name, "");
    if (kinds[kind].finish(object, &stored, err) < 0)
        return err_wrap(err, "%s \"%s\"", head->kind, name);
    if (str_empty(name)) {
        k8s_object_unref(stored);
        return err_set(err, -EINVAL, "%s: metadata.name: Required value", head->kind);
    }
    add(m, stored);
    return 0;
}

static int parse_object(struct manifest *m, const struct manifest_head *head, const char *json, size_t len,
                        struct err *err)
{
    if (str_empty(head->kind))
        return err_set(err, -EINVAL, "kind: Required value");
    const struct k8s_kind *kind = k8s_kind_find(str_or(head->api_version, ""), head->kind);
    for (size_t i = 0; kind && i < ARRAY_LEN(kinds); i++)
        if (kind->type == kinds[i].type)
            return decode_object(m, head, i, json, len, err);
    return err_set(err, -EINVAL, "kind: \"%s\" (apiVersion \"%s\") is not supported here: expected Pod, ConfigMap or Secret of v1, "
                                 "or RuntimeClass of node.k8s.io/v1",
                   head->kind, str_or(head->api_version, ""));
}

static int parse_document(struct manifest *m, const char *json, size_t len, struct err *err)
{
    AUTO(arena_unref) struct arena *arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    struct manifest_head head;

    if (json_decode(&manifest_head_type, json, len, NULL, arena, &head, err) < 0)
        return err->code;
    if (!str_has_suffix(str_or(head.kind, ""), "List"))
        return parse_object(m, &head, json, len, err);
    for (size_t i = 0; i < head.items.len; i++) {
        struct manifest_head item;
        const struct json_raw *raw = &head.items.items[i];
        if (json_decode(&manifest_head_type, raw->text, raw->len, NULL, arena, &item, err) < 0 ||
            parse_object(m, &item, raw->text, raw->len, err) < 0)
            return err_wrap(err, "items[%zu]", i);
    }
    return 0;
}

int manifest_parse(struct manifest *m, const char *name, const char *text, size_t len, struct err *err)
{
    AUTO(yaml_reader_free) struct yaml_reader *reader = yaml_reader_new(name, text, len);
    AUTO(buf_done) struct buf json = BUF_INIT(LIMIT_POD_MANIFEST_BYTES);
    size_t line, before = m->len;

    for (unsigned document = 1;; document++) {
        buf_clear(&json);
        int r = yaml_next(reader, &json, &line, err);
        if (r == YAML_END)
            break;
        if (r < 0)
            return r;
        if (parse_document(m, buf_str(&json), json.len, err) < 0)
            return err_wrap(err, "%s: document %u (line %zu)", name, document, line);
    }
    return m->len > before ? 0 : err_set(err, -EINVAL, "%s: no object in it", name);
}

int manifest_load(struct manifest *m, const char *path, struct err *err)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_POD_MANIFEST_BYTES);
    const char *name = str_eq(path, "-") ? "standard input" : path;

    if (file_read(AT_FDCWD, str_eq(path, "-") ? "/dev/stdin" : path, &text, err) < 0)
        return err->code;
    return manifest_parse(m, name, buf_str(&text), text.len, err);
}
