/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map.c - entries in order of insertion, and beside them a table of slots that finds them by hash.
 *
 * A removal leaves a hole: the entry loses its key, its slot stays and carries the search past it.
 * Holes go when the slots are rebuilt, which only map_put() does, so that an iteration may remove
 * where it stands. At most 3/4 of the slots are used, so a search always ends at a free one. Peers
 * choose keys, hence the seed: nobody outside can make all keys meet in one slot.
 */
#include "base/map.h"

#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>

#include "base/mem.h"
#include "base/str.h"

#define MAP_FIRST_SLOTS 8

static uint64_t key_hash(const char *key)
{
    const void *seed = (const void *)getauxval(AT_RANDOM); /* 16 bytes from the kernel */
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    if (seed)
        memcpy(&hash, seed, sizeof(hash));
    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * UINT64_C(0x100000001b3);
    hash ^= hash >> 32;
    hash *= UINT64_C(0xd6e8feb86659fd93);
    return hash ^ hash >> 32;
}

/* The slot that leads to key, or the free one where the search ends. The table is not empty. */
static size_t find_slot(const struct map *m, const char *key)
{
    size_t slot = (size_t)key_hash(key) & (m->slot_cap - 1);

    while (m->slots[slot]) {
        const struct map_entry *entry = &m->entries[m->slots[slot] - 1];

        if (entry->key && strcmp(entry->key, key) == 0)
            break;
        slot = (slot + 1) & (m->slot_cap - 1);
    }
    return slot;
}

static struct map_entry *find(const struct map *m, const char *key)
{
    size_t slot;

    if (!m->live)
        return NULL;
    slot = find_slot(m, key);
    return m->slots[slot] ? &m->entries[m->slots[slot] - 1] : NULL;
}

/* Closes the holes and makes slots for one more than the live entries, with room to double. */
static void rebuild(struct map *m)
{
    size_t len = 0, slot_cap = MAP_FIRST_SLOTS;

    for (size_t i = 0; i < m->len; i++) {
        if (m->entries[i].key)
            m->entries[len++] = m->entries[i];
    }
    m->len = len;
    while (slot_cap / 2 < len + 1)
        slot_cap *= 2;
    free(m->slots);
    m->slots = (unsigned *)xcalloc(slot_cap, sizeof(*m->slots));
    m->slot_cap = slot_cap;
    for (size_t i = 0; i < len; i++)
        m->slots[find_slot(m, m->entries[i].key)] = (unsigned)(i + 1);
}

void map_done(struct map *m)
{
    for (size_t i = 0; i < m->len; i++)
        free(m->entries[i].key);
    free(m->entries);
    free(m->slots);
    *m = (struct map)MAP_INIT;
}

void *map_get(const struct map *m, const char *key)
{
    const struct map_entry *entry = find(m, key);

    return entry ? entry->value : NULL;
}

void *map_put(struct map *m, const char *key, void *value)
{
    struct map_entry *entry = find(m, key);

    if (entry) {
        void *old = entry->value;

        entry->value = value;
        return old;
    }
    if ((m->len + 1) * 4 > m->slot_cap * 3)
        rebuild(m);
    m->entries = (struct map_entry *)xgrow(m->entries, &m->cap, m->len + 1, sizeof(*m->entries));
    m->entries[m->len] = (struct map_entry){ .key = xstrdup(key), .value = value };
    m->slots[find_slot(m, key)] = (unsigned)++m->len;
    m->live++;
    return NULL;
}

void *map_remove(struct map *m, const char *key)
{
    struct map_entry *entry = find(m, key);
    void *old;

    if (!entry)
        return NULL;
    old = entry->value;
    free(entry->key);
    *entry = (struct map_entry){ .key = NULL };
    m->live--;
    return old;
}

size_t map_len(const struct map *m)
{
    return m->live;
}

bool map_next(const struct map *m, size_t *i, const char **ret_key, void **ret_value)
{
    while (*i < m->len) {
        const struct map_entry *entry = &m->entries[(*i)++];

        if (!entry->key)
            continue;
        if (ret_key)
            *ret_key = entry->key;
        if (ret_value)
            *ret_value = entry->value;
        return true;
    }
    return false;
}
