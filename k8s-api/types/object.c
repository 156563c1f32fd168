/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/object.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"

struct k8s_object {
    struct arena *arena; /* holds this struct too: its references are ours */
    const struct json_type *type;
    const void *value;
    struct json_paths unknown;
};

int k8s_object_new(const struct json_type *type, struct arena *arena, const void *value,
                   const struct json_paths *unknown, struct k8s_object **ret_object, struct err *err)
{
    struct k8s_object *o = ARENA_NEW(arena, struct k8s_object);

    if (!o) {
        (void)arena_unref(arena);
        return err_set(err, -E2BIG, "object needs too much memory");
    }
    o->arena = arena;
    o->type = type;
    o->value = value;
    if (unknown)
        o->unknown = *unknown;
    *ret_object = o;
    return 0;
}

int k8s_decode(const struct json_type *type, const char *data, size_t len, struct k8s_object **ret_object,
               struct err *err)
{
    AUTO(arena_unref) struct arena *arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    struct json_paths unknown = { .items = NULL };
    struct json_decode_opts opts = {
        .max_bytes = LIMIT_K8S_OBJECT_BYTES, .unknown_below = "spec", .ret_unknown = &unknown
    };
    void *value = arena_alloc(arena, type->size);
    int r;

    if (!value)
        return err_set(err, -E2BIG, "object needs too much memory");
    r = json_decode(type, data, len, &opts, arena, value, err);
    if (r < 0)
        return r;
    return k8s_object_new(type, TAKE_PTR(arena), value, &unknown, ret_object, err);
}

struct k8s_object *k8s_object_ref(struct k8s_object *o)
{
    (void)arena_ref(o->arena);
    return o;
}

struct k8s_object *k8s_object_unref(struct k8s_object *o)
{
    if (o)
        (void)arena_unref(o->arena);
    return NULL;
}

const struct json_type *k8s_object_type(const struct k8s_object *o)
{
    return o->type;
}

const void *k8s_object_get(const struct k8s_object *o)
{
    return o->value;
}

const void *k8s_object_as(const struct k8s_object *o, const struct json_type *type)
{
    return o && o->type == type ? o->value : NULL;
}

const struct k8s_object_meta *k8s_object_metadata(const struct k8s_object *o)
{
    size_t n;
    const struct json_field *f = o->type->fields(&n);

    for (size_t i = 0; i < n; i++)
        if (f[i].type == &k8s_object_meta_type && f[i].storage == JSON_IN_PLACE)
            return (const struct k8s_object_meta *)(const void *)((const char *)o->value + f[i].offset);
    return NULL;
}

const struct json_paths *k8s_object_unknown(const struct k8s_object *o)
{
    return &o->unknown;
}

size_t k8s_object_bytes(const struct k8s_object *o)
{
    return arena_bytes(o->arena);
}
