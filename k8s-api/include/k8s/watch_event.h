/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch_event.h - the stream of a watch, cut into events as bytes arrive.
 *
 * One event a line: {"type":"ADDED","object":{…}}. The object is of the watched type, or a Status
 * when type is ERROR.
 */
#pragma once

#include <stddef.h>

#include "k8s/object.h"

enum k8s_watch_type {
    K8S_WATCH_ADDED,
    K8S_WATCH_MODIFIED,
    K8S_WATCH_DELETED,
    K8S_WATCH_BOOKMARK, /* the object holds kind and metadata.resourceVersion alone */
    K8S_WATCH_ERROR,    /* the object is a k8s_status */
    K8S_WATCH_NR,
};

const char *k8s_watch_type_str(enum k8s_watch_type type); /* "ADDED" … */

/* object: taken, also on failure. A negative answer ends the decoding with that. The decoder may be
 * freed in it only if the answer is negative. */
typedef int (*k8s_watch_fn)(void *user, enum k8s_watch_type type, struct k8s_object *object,
                            struct err *err);

struct k8s_watch_decoder;
struct k8s_watch_decoder *k8s_watch_decoder_new(const struct json_type *type, k8s_watch_fn fn,
                                                void *user);
/* -EINVAL, -E2BIG (an event beyond LIMIT_K8S_OBJECT_BYTES): the stream cannot be used any further.
 */
int k8s_watch_decoder_feed(struct k8s_watch_decoder *d, const char *data, size_t len,
                           struct err *err);
struct k8s_watch_decoder *k8s_watch_decoder_free(struct k8s_watch_decoder *d); /* NULL */
DEFINE_CLEANUP(struct k8s_watch_decoder *, k8s_watch_decoder_free)
