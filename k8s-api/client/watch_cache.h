/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch_cache.h - what a watch knows: objects by "namespace/name", and a list in the making. Private to the client;
 * pure. Objects in it are counted references of its own.
 */
#pragma once

#include <stdbool.h>

#include "base/map.h"
#include "k8s/object.h"

struct watch_cache {
    struct map objects;
    struct map listing; /* what the list brought so far */
    size_t vanished_at, listed_at; /* how far its difference has been told */
};

void watch_cache_done(struct watch_cache *c);
struct k8s_object *watch_cache_get(const struct watch_cache *c, const char *namespace, const char *name);
/* Takes a reference of its own. Returns the former object of that name: caller owns; NULL: none. */
struct k8s_object *watch_cache_put(struct watch_cache *c, struct k8s_object *o);
struct k8s_object *watch_cache_remove(struct watch_cache *c, struct k8s_object *o); /* likewise */
/* The same version of the same object is there already. */
bool watch_cache_has(const struct watch_cache *c, const struct k8s_object *o);

void watch_cache_list_begin(struct watch_cache *c); /* forgets a list that was not finished */
void watch_cache_list_add(struct watch_cache *c, struct k8s_object *o); /* o: taken */
/* When the list is complete: each change that it means, one at a time, applied to the cache. False: no more.
 * *ret_before, *ret_after: caller owns a reference each; NULL: did not, or does no longer, exist. */
bool watch_cache_list_step(struct watch_cache *c, struct k8s_object **ret_before, struct k8s_object **ret_after);
