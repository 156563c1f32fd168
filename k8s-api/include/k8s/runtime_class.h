/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runtime_class.h - RuntimeClass, node.k8s.io/v1.
 */
#pragma once

#include "k8s/meta.h"
#include "k8s/quantity.h"
#include "k8s/scheduling.h"

#define K8S_RUNTIME_CLASS_OVERHEAD_FIELDS(F) F(embed, k8s_resource_list, pod_fixed, "podFixed", 0)
JSON_STRUCT(k8s_runtime_class_overhead, K8S_RUNTIME_CLASS_OVERHEAD_FIELDS);

#define K8S_RUNTIME_CLASS_SCHEDULING_FIELDS(F)                                                     \
    F(value, struct json_map, node_selector, "nodeSelector", 0)                                    \
    F(objects, k8s_toleration, tolerations, "tolerations", 0)
JSON_STRUCT(k8s_runtime_class_scheduling, K8S_RUNTIME_CLASS_SCHEDULING_FIELDS);

#define K8S_RUNTIME_CLASS_FIELDS(F)                                                                \
    F(value, const char *, kind, "kind", 0)                                                        \
    F(value, const char *, api_version, "apiVersion", 0)                                           \
    F(embed, k8s_object_meta, metadata, "metadata", 0)                                             \
    F(value, const char *, handler, "handler", JSON_ALWAYS)                                        \
    F(object, k8s_runtime_class_overhead, overhead, "overhead", 0)                                 \
    F(object, k8s_runtime_class_scheduling, scheduling, "scheduling", 0)
JSON_STRUCT(k8s_runtime_class, K8S_RUNTIME_CLASS_FIELDS);
