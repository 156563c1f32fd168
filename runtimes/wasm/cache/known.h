/* SPDX-License-Identifier: Apache-2.0 */
/*
 * known.h - the entries that were verified since the start: asked for again, they cost one system call.
 */
#pragma once

#include "base/list.h"
#include "base/map.h"
#include "entry.h"

struct known { /* counted: whoever waits for it holds one */
    unsigned refs;
    struct entry entry;
    char key[KEY_BYTES];
    struct list node; /* of what is known, the one used last at the end */
};
struct known *known_new(const char *key, struct entry *taken);
struct known *known_ref(struct known *k);
struct known *known_unref(struct known *k); /* NULL */

struct known_set {
    struct map by_key;
    struct list used; /* the one used longest ago first */
};
void known_init(struct known_set *set);
void known_done(struct known_set *set);
/* NULL: not known, or not what was verified any more (and forgotten). Borrowed. */
struct known *known_get(struct known_set *set, const char *key);
void known_put(struct known_set *set, struct known *k); /* takes a reference of its own; the oldest goes beyond the limit */
void known_forget(struct known_set *set, const char *key);
