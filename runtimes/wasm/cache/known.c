/* SPDX-License-Identifier: Apache-2.0 */
#include "known.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"

struct known *known_new(const char *key, struct entry *taken)
{
    struct known *k = NEW(struct known);
    k->refs = 1;
    k->entry = *taken;
    *taken = (struct entry)ENTRY_NONE;
    memcpy(k->key, key, KEY_BYTES);
    list_init(&k->node);
    return k;
}

struct known *known_ref(struct known *k)
{
    k->refs++;
    return k;
}

struct known *known_unref(struct known *k)
{
    if (k && --k->refs == 0) {
        entry_done(&k->entry);
        free(k);
    }
    return NULL;
}

void known_init(struct known_set *set)
{
    *set = (struct known_set){ .by_key = MAP_INIT };
    list_init(&set->used);
}

static void drop(struct known_set *set, struct known *k)
{
    (void)map_remove(&set->by_key, k->key);
    list_remove(&k->node);
    (void)known_unref(k);
}

void known_done(struct known_set *set)
{
    struct known *k;
    list_each(k, &set->used, struct known, node)
        drop(set, k);
    map_done(&set->by_key);
}

struct known *known_get(struct known_set *set, const char *key)
{
    struct known *k = map_get(&set->by_key, key);
    if (!k)
        return NULL;
    if (!entry_unchanged(&k->entry)) {
        drop(set, k);
        return NULL;
    }
    list_remove(&k->node);
    list_push_back(&set->used, &k->node);
    return k;
}

void known_put(struct known_set *set, struct known *k)
{
    known_forget(set, k->key);
    if (map_len(&set->by_key) >= LIMIT_WASM_KNOWN_MODULES)
        drop(set, list_first(&set->used, struct known, node));
    (void)map_put(&set->by_key, k->key, known_ref(k));
    list_push_back(&set->used, &k->node);
}

void known_forget(struct known_set *set, const char *key)
{
    struct known *k = map_get(&set->by_key, key);
    if (k)
        drop(set, k);
}
