/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list.h - the answer to a list request, decoded item by item as bytes arrive: each item is an
 * object of its own, so that a large list is never one piece of memory.
 *
 * The API server leaves kind and apiVersion out of the items: they are NULL there;
 * k8s_object_type() tells the type.
 */
#pragma once

#include <stddef.h>

#include "k8s/object.h"

#define K8S_LIST_FIELDS(F)                                                                         \
    F(value, const char *, kind, "kind", 0)                                                        \
    F(value, const char *, api_version, "apiVersion", 0)                                           \
    F(embed, k8s_list_meta, metadata, "metadata", 0)                                               \
    F(each, json_each, items, "items", 0)
JSON_STRUCT(k8s_list, K8S_LIST_FIELDS);

/* item: taken, also on failure. A negative answer ends the decoding with that. */
typedef int (*k8s_list_fn)(void *user, struct k8s_object *item, struct err *err);

/* The whole list is LIMIT_K8S_LIST_BYTES at most. An answer that is a Status, not a list, is for
 * the caller to tell by the HTTP status before it comes here. */
struct k8s_list_decoder;
struct k8s_list_decoder *k8s_list_decoder_new(const struct json_type *item_type, k8s_list_fn fn,
                                              void *user);
int k8s_list_decoder_feed(struct k8s_list_decoder *d, const char *data, size_t len,
                          struct err *err);
/* ret_list: strings borrowed until the decoder is freed. */
int k8s_list_decoder_finish(struct k8s_list_decoder *d, struct k8s_list *ret_list, struct err *err);
struct k8s_list_decoder *k8s_list_decoder_free(struct k8s_list_decoder *d); /* NULL */
DEFINE_CLEANUP(struct k8s_list_decoder *, k8s_list_decoder_free)
