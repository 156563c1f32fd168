/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reference.h - how objects name one another.
 */
#pragma once

#include "base/json.h"

#define K8S_OBJECT_REFERENCE_FIELDS(F)                                                             \
    F(value, const char *, kind, "kind", 0)                                                        \
    F(value, const char *, namespace, "namespace", 0)                                              \
    F(value, const char *, name, "name", 0)                                                        \
    F(value, const char *, uid, "uid", 0)                                                          \
    F(value, const char *, api_version, "apiVersion", 0)                                           \
    F(value, const char *, resource_version, "resourceVersion", 0)                                 \
    F(value, const char *, field_path, "fieldPath", 0)
JSON_STRUCT(k8s_object_reference, K8S_OBJECT_REFERENCE_FIELDS);

#define K8S_LOCAL_OBJECT_REFERENCE_FIELDS(F) F(value, const char *, name, "name", 0)
JSON_STRUCT(k8s_local_object_reference, K8S_LOCAL_OBJECT_REFERENCE_FIELDS);

#define K8S_TYPED_LOCAL_OBJECT_REFERENCE_FIELDS(F)                                                 \
    F(value, const char *, api_group, "apiGroup", JSON_ALWAYS)                                     \
    F(value, const char *, kind, "kind", JSON_ALWAYS)                                              \
    F(value, const char *, name, "name", JSON_ALWAYS)
JSON_STRUCT(k8s_typed_local_object_reference, K8S_TYPED_LOCAL_OBJECT_REFERENCE_FIELDS);

#define K8S_TYPED_OBJECT_REFERENCE_FIELDS(F)                                                       \
    F(value, const char *, api_group, "apiGroup", JSON_ALWAYS)                                     \
    F(value, const char *, kind, "kind", JSON_ALWAYS)                                              \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(value, const char *, namespace, "namespace", 0)
JSON_STRUCT(k8s_typed_object_reference, K8S_TYPED_OBJECT_REFERENCE_FIELDS);
