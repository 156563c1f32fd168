/* SPDX-License-Identifier: Apache-2.0 */
/* watch_cache.c - objects by name, and the difference that a new list makes. */
#include "watch_cache.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"

static char *key_of(const char *namespace, const char *name)
{
    return str_empty(namespace) ? xstrdup(str_or(name, "")) : xasprintf("%s/%s", namespace, str_or(name, ""));
}

static char *object_key(const struct k8s_object *o)
{
    const struct k8s_object_meta *m = k8s_object_metadata(o);
    return key_of(m->namespace, m->name);
}

static bool same_version(const struct k8s_object *a, const struct k8s_object *b)
{
    const struct k8s_object_meta *x = k8s_object_metadata(a), *y = k8s_object_metadata(b);
    return str_eq(x->uid, y->uid) && x->resource_version && str_eq(x->resource_version, y->resource_version);
}

static void empty(struct map *m)
{
    const char *key;
    void *value;
    for (size_t i = 0; map_next(m, &i, &key, &value);)
        k8s_object_unref(value);
    map_done(m);
    *m = (struct map)MAP_INIT;
}

void watch_cache_done(struct watch_cache *c)
{
    empty(&c->objects);
    empty(&c->listing);
}

struct k8s_object *watch_cache_get(const struct watch_cache *c, const char *namespace, const char *name)
{
    AUTO(free) char *key = key_of(namespace, name);
    return map_get(&c->objects, key);
}

struct k8s_object *watch_cache_put(struct watch_cache *c, struct k8s_object *o)
{
    AUTO(free) char *key = object_key(o);
    return map_put(&c->objects, key, k8s_object_ref(o));
}

struct k8s_object *watch_cache_remove(struct watch_cache *c, struct k8s_object *o)
{
    AUTO(free) char *key = object_key(o);
    return map_remove(&c->objects, key);
}

bool watch_cache_has(const struct watch_cache *c, const struct k8s_object *o)
{
    AUTO(free) char *key = object_key(o);
    const struct k8s_object *known = map_get(&c->objects, key);
    return known && same_version(known, o);
}

void watch_cache_list_begin(struct watch_cache *c)
{
    empty(&c->listing);
    c->vanished_at = c->listed_at = 0;
}

void watch_cache_list_add(struct watch_cache *c, struct k8s_object *o)
{
    AUTO(free) char *key = object_key(o);
    k8s_object_unref(map_put(&c->listing, key, o));
}

bool watch_cache_list_step(struct watch_cache *c, struct k8s_object **ret_before, struct k8s_object **ret_after)
{
    const char *key;
    void *value;
    /* What is known, but was not listed, goes first: a name may have passed to another object. */
    while (map_next(&c->objects, &c->vanished_at, &key, &value)) {
        if (map_get(&c->listing, key))
            continue;
        *ret_before = map_remove(&c->objects, key);
        *ret_after = NULL;
        return true;
    }
    c->vanished_at = SIZE_MAX;
    while (map_next(&c->listing, &c->listed_at, &key, &value)) {
        const struct k8s_object *known = map_get(&c->objects, key);
        if (known && same_version(known, value))
            continue;
        *ret_before = map_put(&c->objects, key, k8s_object_ref(value));
        *ret_after = k8s_object_ref(value);
        return true;
    }
    watch_cache_list_begin(c);
    return false;
}
