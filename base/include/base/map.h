/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map.h - hash map from strings to pointers. Keys are copied; values are the caller's.
 * Iteration order is the order of insertion (so that everything printed from a map is stable).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct map_entry {
    char *key; /* NULL: a hole left by a removal */
    void *value;
};

struct map {
    struct map_entry *entries; /* in order of insertion, with holes */
    size_t len, cap, live;
    unsigned *slots; /* open addressing, index + 1 into entries; 0: free */
    size_t slot_cap;
};

#define MAP_INIT                                                                                   \
    {                                                                                              \
        .entries = NULL                                                                            \
    }

void map_done(struct map *m); /* frees keys, not values */
DEFINE_CLEANUP_DONE(struct map, map_done)
void *map_get(const struct map *m, const char *key); /* NULL: absent */
/* Both return the old value or NULL. A value is not NULL. */
void *map_put(struct map *m, const char *key, void *value);
void *map_remove(struct map *m, const char *key);
size_t map_len(const struct map *m);
/* for (size_t i = 0; map_next(&m, &i, &key, &value);) … ; the body may remove the current entry. */
bool map_next(const struct map *m, size_t *i, const char **ret_key, void **ret_value);
