/* SPDX-License-Identifier: Apache-2.0 */
/*
 * object.c - holders of decoded objects.
 *
 * Decoding needs memory for what it does not know yet; the object that stays is a copy of exactly
 * its size. A node keeps hundreds of pods for days, and one more pass over the tables costs a few
 * microseconds.
 */
#include "k8s/object.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"

struct k8s_object {                   /* the value follows it */
    _Alignas(16) struct arena *arena; /* holds this struct too: its references are ours */
    const struct json_type *type;
    const struct json_paths *unknown;
};

static const struct json_paths no_paths;

static int copy_paths(struct arena *arena, const struct json_paths *from,
                      const struct json_paths **ret)
{
    struct json_paths *to = ARENA_NEW(arena, struct json_paths);
    const char **items = (const char **)arena_alloc(arena, from->len * sizeof(*items));

    if (!to || !items)
        return -E2BIG;
    for (size_t i = 0; i < from->len; i++) {
        items[i] = arena_strdup(arena, from->items[i]);
        if (!items[i])
            return -E2BIG;
    }
    *to = (struct json_paths){ .items = items, .len = from->len, .more = from->more };
    *ret = to;
    return 0;
}

int k8s_object_new(const struct json_type *type, const void *value,
                   const struct json_paths *unknown, struct k8s_object **ret_object,
                   struct err *err)
{
    AUTO(arena_unref) struct arena *arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    struct k8s_object *o;
    void *copy;

    if (json_copy(type, value, sizeof(*o), arena, &copy) < 0)
        return err_set(err, -E2BIG, "object needs too much memory");
    o = (struct k8s_object *)copy - 1;
    o->type = type;
    o->unknown = &no_paths;
    if (unknown && unknown->len && copy_paths(arena, unknown, &o->unknown) < 0)
        return err_set(err, -E2BIG, "object needs too much memory");
    o->arena = TAKE_PTR(arena);
    *ret_object = o;
    return 0;
}

int k8s_decode(const struct json_type *type, const char *data, size_t len,
               struct k8s_object **ret_object, struct err *err)
{
    AUTO(arena_unref) struct arena *arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    struct json_paths unknown = { .items = NULL };
    struct json_decode_opts opts = { .max_bytes = LIMIT_K8S_OBJECT_BYTES,
                                     .unknown_below = "spec",
                                     .ret_unknown = &unknown };
    void *value;
    int r;

    arena_reserve(arena, type->size + len / 2); /* most of a text is names of fields */
    value = arena_alloc(arena, type->size);
    if (!value)
        return err_set(err, -E2BIG, "object needs too much memory");
    r = json_decode(type, data, len, &opts, arena, value, err);
    if (r < 0)
        return r;
    return k8s_object_new(type, value, &unknown, ret_object, err);
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
    return o + 1;
}

const void *k8s_object_as(const struct k8s_object *o, const struct json_type *type)
{
    return o && o->type == type ? k8s_object_get(o) : NULL;
}

const struct k8s_object_meta *k8s_object_metadata(const struct k8s_object *o)
{
    size_t n;
    const struct json_field *f = o->type->fields(&n);

    for (size_t i = 0; i < n; i++)
        if (f[i].type == &k8s_object_meta_type && f[i].storage == JSON_IN_PLACE)
            return (const struct k8s_object_meta *)(const void *)((const char *)k8s_object_get(o) +
                                                                  f[i].offset);
    return NULL;
}

const struct json_paths *k8s_object_unknown(const struct k8s_object *o)
{
    return o->unknown;
}

size_t k8s_object_bytes(const struct k8s_object *o)
{
    return arena_bytes(o->arena);
}
