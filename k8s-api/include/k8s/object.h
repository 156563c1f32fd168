/* SPDX-License-Identifier: Apache-2.0 */
/*
 * object.h - one decoded API object: immutable, counted references, freed as a whole.
 *
 * The holder, the object and everything the object points to lie in one arena. Only the loop thread
 * takes and drops references. An update is a new object.
 *
 *   AUTO(k8s_object_unref) struct k8s_object *o = NULL;
 *   r = k8s_decode(&k8s_pod_type, data, len, &o, err);
 *   const struct k8s_pod *pod = K8S_OBJECT_AS(o, k8s_pod);
 */
#pragma once

#include <stddef.h>

#include "base/json.h"
#include "k8s/meta.h"

struct k8s_object;

/* data: borrowed during the call. Unknown fields below "spec" are noted. 0, -EINVAL, -E2BIG. */
int k8s_decode(const struct json_type *type, const char *data, size_t len,
               struct k8s_object **ret_object, struct err *err);
/* An object that is a copy of value (of that type; borrowed). unknown: likewise; NULL: none. 0,
 * -E2BIG. */
int k8s_object_new(const struct json_type *type, const void *value,
                   const struct json_paths *unknown, struct k8s_object **ret_object,
                   struct err *err);

struct k8s_object *k8s_object_ref(struct k8s_object *o);
struct k8s_object *k8s_object_unref(struct k8s_object *o); /* NULL */
DEFINE_CLEANUP(struct k8s_object *, k8s_object_unref)

const struct json_type *k8s_object_type(const struct k8s_object *o);
const void *k8s_object_get(const struct k8s_object *o); /* borrowed: lives as long as the object */
/* NULL when o is NULL or holds another type. */
const void *k8s_object_as(const struct k8s_object *o, const struct json_type *type);
#define K8S_OBJECT_AS(o, stem) ((const struct stem *)k8s_object_as((o), &stem##_type))
/* NULL for types without metadata. */
const struct k8s_object_meta *k8s_object_metadata(const struct k8s_object *o);
/* Fields of the spec that this version does not know ("spec.containers[0].newThing"): never NULL.
 */
const struct json_paths *k8s_object_unknown(const struct k8s_object *o);
size_t k8s_object_bytes(const struct k8s_object *o); /* memory held */
