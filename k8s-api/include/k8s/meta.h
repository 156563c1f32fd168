/* SPDX-License-Identifier: Apache-2.0 */
/*
 * meta.h - what every Kubernetes object carries, and label selectors.
 */
#pragma once

#include "base/json.h"
#include "k8s/time.h"

#define K8S_OWNER_REFERENCE_FIELDS(F)                                                              \
    F(value, const char *, api_version, "apiVersion", JSON_ALWAYS)                                 \
    F(value, const char *, kind, "kind", JSON_ALWAYS)                                              \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(value, const char *, uid, "uid", JSON_ALWAYS)                                                \
    F(value, struct opt_bool, controller, "controller", 0)                                         \
    F(value, struct opt_bool, block_owner_deletion, "blockOwnerDeletion", 0)
JSON_STRUCT(k8s_owner_reference, K8S_OWNER_REFERENCE_FIELDS);

#define K8S_OBJECT_META_FIELDS(F)                                                                  \
    F(value, const char *, name, "name", 0)                                                        \
    F(value, const char *, generate_name, "generateName", 0)                                       \
    F(value, const char *, namespace, "namespace", 0)                                              \
    F(value, const char *, self_link, "selfLink", 0)                                               \
    F(value, const char *, uid, "uid", 0)                                                          \
    F(value, const char *, resource_version, "resourceVersion", 0)                                 \
    F(value, int64_t, generation, "generation", 0)                                                 \
    F(embed, k8s_time, creation_timestamp, "creationTimestamp", 0)                                 \
    F(embed, k8s_time, deletion_timestamp, "deletionTimestamp", 0)                                 \
    F(value, struct opt_i64, deletion_grace_period_seconds, "deletionGracePeriodSeconds", 0)       \
    F(value, struct json_map, labels, "labels", 0)                                                 \
    F(value, struct json_map, annotations, "annotations", 0)                                       \
    F(objects, k8s_owner_reference, owner_references, "ownerReferences", 0)                        \
    F(values, const char *, finalizers, "finalizers", 0)                                           \
    F(ignored, json_any, managed_fields, "managedFields", 0)
JSON_STRUCT(k8s_object_meta, K8S_OBJECT_META_FIELDS);

#define K8S_SHARD_INFO_FIELDS(F) F(value, const char *, selector, "selector", JSON_ALWAYS)
JSON_STRUCT(k8s_shard_info, K8S_SHARD_INFO_FIELDS);

#define K8S_LIST_META_FIELDS(F)                                                                    \
    F(value, const char *, self_link, "selfLink", 0)                                               \
    F(value, const char *, resource_version, "resourceVersion", 0)                                 \
    F(value, const char *, continue_, "continue", 0)                                               \
    F(value, struct opt_i64, remaining_item_count, "remainingItemCount", 0)                        \
    F(object, k8s_shard_info, shard_info, "shardInfo", 0)
JSON_STRUCT(k8s_list_meta, K8S_LIST_META_FIELDS);

#define K8S_LABEL_SELECTOR_REQUIREMENT_FIELDS(F)                                                   \
    F(value, const char *, key, "key", JSON_ALWAYS)                                                \
    F(value, const char *, operator, "operator", JSON_ALWAYS)                                      \
    F(values, const char *, values, "values", 0)
JSON_STRUCT(k8s_label_selector_requirement, K8S_LABEL_SELECTOR_REQUIREMENT_FIELDS);

#define K8S_LABEL_SELECTOR_FIELDS(F)                                                               \
    F(value, struct json_map, match_labels, "matchLabels", 0)                                      \
    F(objects, k8s_label_selector_requirement, match_expressions, "matchExpressions", 0)
JSON_STRUCT(k8s_label_selector, K8S_LABEL_SELECTOR_FIELDS);

#define K8S_FIELD_SELECTOR_REQUIREMENT_FIELDS(F)                                                   \
    F(value, const char *, key, "key", JSON_ALWAYS)                                                \
    F(value, const char *, operator, "operator", JSON_ALWAYS)                                      \
    F(values, const char *, values, "values", 0)
JSON_STRUCT(k8s_field_selector_requirement, K8S_FIELD_SELECTOR_REQUIREMENT_FIELDS);

#define K8S_CONDITION_FIELDS(F)                                                                    \
    F(value, const char *, type, "type", JSON_ALWAYS)                                              \
    F(value, const char *, status, "status", JSON_ALWAYS)                                          \
    F(value, int64_t, observed_generation, "observedGeneration", 0)                                \
    F(embed, k8s_time, last_transition_time, "lastTransitionTime", JSON_ALWAYS)                    \
    F(value, const char *, reason, "reason", JSON_ALWAYS)                                          \
    F(value, const char *, message, "message", JSON_ALWAYS)
JSON_STRUCT(k8s_condition, K8S_CONDITION_FIELDS);
