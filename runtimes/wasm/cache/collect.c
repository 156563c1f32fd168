/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cache_private.h"

void wasm_cache_collect(struct wasm_cache *c, bool (*used)(void *user, const char *identity), void *user)
{
    const char *key;
    void *identity;
    for (size_t i = 0; map_next(&c->index, &i, &key, &identity);) {
        char copy[KEY_BYTES];
        if (used(user, identity))
            continue;
        memcpy(copy, key, sizeof(copy)); /* the entry of the map goes */
        task_remove_entry(c, copy);
    }
}
