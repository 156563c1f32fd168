/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch.h - a copy of a set of API objects that follows the server: list, then watch, for ever.
 *
 * Pages, bookmarks, resuming after a break, "410 Gone", back-off and jitter are its own business; the owner sees
 * changes to objects, and that the first list is complete. A list is delivered as the difference to what was known,
 * so that after an outage nothing is repeated and nothing missed. What was known stays known while the server is
 * out of reach.
 *
 * Objects are immutable and counted; the cache is keyed by "namespace/name" ("name" in cluster scope).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "k8s/client.h"
#include "k8s/kinds.h"
#include "k8s/object.h"
#include "k8s/rest.h"

struct k8s_watch;

/* before NULL: it is new; after NULL: it is gone (then last is its final state, as far as the server told, or before).
 * All borrowed. May stop and free the watch. */
typedef void (*k8s_watch_change_fn)(struct k8s_watch *w, struct k8s_object *before, struct k8s_object *after,
                                    struct k8s_object *last);
/* A complete list has been delivered: the first one, and again after each later one. */
typedef void (*k8s_watch_listed_fn)(struct k8s_watch *w, bool first);
/* Listing or watching failed, and is tried again in retry_ms. For messages and waiting states. Optional. */
typedef void (*k8s_watch_trouble_fn)(struct k8s_watch *w, enum k8s_outcome outcome, const struct err *err,
                                     int64_t retry_ms);

/* Borrowed during k8s_watch_start(). */
struct k8s_watch_opts {
    enum k8s_kind_id kind;
    const char *namespace;      /* NULL: all of them, or cluster scope */
    const char *field_selector; /* "spec.nodeName=n1"; NULL: none */
    const char *label_selector;
    int64_t quiet_ms; /* 403 within this time after the start is tried again quickly, without trouble being told:
                         the Node authorizer learns of a new pod a little later than the node does */
};

struct k8s_watch {
    k8s_watch_change_fn on_change;
    k8s_watch_listed_fn on_listed;   /* NULL: not wanted */
    k8s_watch_trouble_fn on_trouble; /* NULL: not wanted */
    void *impl;                      /* private; NULL: not running */
};
void k8s_watch_init(struct k8s_watch *w, k8s_watch_change_fn on_change, k8s_watch_listed_fn on_listed,
                    k8s_watch_trouble_fn on_trouble);
void k8s_watch_start(struct k8s_watch *w, struct k8s_client *client, const struct k8s_watch_opts *opts);
void k8s_watch_stop(struct k8s_watch *w); /* forgets the cache, without changes being told; also when not running */
bool k8s_watch_listed(const struct k8s_watch *w); /* the first list was complete */
struct k8s_object *k8s_watch_get(const struct k8s_watch *w, const char *namespace, const char *name); /* borrowed */
size_t k8s_watch_len(const struct k8s_watch *w);
/* for (size_t i = 0; k8s_watch_next(w, &i, &object);) … ; borrowed */
bool k8s_watch_next(const struct k8s_watch *w, size_t *i, struct k8s_object **ret_object);
