/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scheduling.h - where a pod may run: affinity, tolerations, spreading.
 */
#pragma once

#include "k8s/meta.h"

#define K8S_NODE_SELECTOR_REQUIREMENT_FIELDS(F)                                                    \
    F(value, const char *, key, "key", JSON_ALWAYS)                                                \
    F(value, const char *, operator, "operator", JSON_ALWAYS)                                      \
    F(values, const char *, values, "values", 0)
JSON_STRUCT(k8s_node_selector_requirement, K8S_NODE_SELECTOR_REQUIREMENT_FIELDS);

#define K8S_NODE_SELECTOR_TERM_FIELDS(F)                                                           \
    F(objects, k8s_node_selector_requirement, match_expressions, "matchExpressions", 0)            \
    F(objects, k8s_node_selector_requirement, match_fields, "matchFields", 0)
JSON_STRUCT(k8s_node_selector_term, K8S_NODE_SELECTOR_TERM_FIELDS);

#define K8S_NODE_SELECTOR_FIELDS(F)                                                                \
    F(objects, k8s_node_selector_term, node_selector_terms, "nodeSelectorTerms", JSON_ALWAYS)
JSON_STRUCT(k8s_node_selector, K8S_NODE_SELECTOR_FIELDS);

#define K8S_PREFERRED_SCHEDULING_TERM_FIELDS(F)                                                    \
    F(value, int32_t, weight, "weight", JSON_ALWAYS)                                               \
    F(embed, k8s_node_selector_term, preference, "preference", JSON_ALWAYS)
JSON_STRUCT(k8s_preferred_scheduling_term, K8S_PREFERRED_SCHEDULING_TERM_FIELDS);

#define K8S_NODE_AFFINITY_FIELDS(F)                                                                \
    F(object, k8s_node_selector, required_during_scheduling_ignored_during_execution,              \
      "requiredDuringSchedulingIgnoredDuringExecution", 0)                                         \
    F(objects, k8s_preferred_scheduling_term,                                                      \
      preferred_during_scheduling_ignored_during_execution,                                        \
      "preferredDuringSchedulingIgnoredDuringExecution", 0)
JSON_STRUCT(k8s_node_affinity, K8S_NODE_AFFINITY_FIELDS);

#define K8S_POD_AFFINITY_TERM_FIELDS(F)                                                            \
    F(object, k8s_label_selector, label_selector, "labelSelector", 0)                              \
    F(values, const char *, namespaces, "namespaces", 0)                                           \
    F(value, const char *, topology_key, "topologyKey", JSON_ALWAYS)                               \
    F(object, k8s_label_selector, namespace_selector, "namespaceSelector", 0)                      \
    F(values, const char *, match_label_keys, "matchLabelKeys", 0)                                 \
    F(values, const char *, mismatch_label_keys, "mismatchLabelKeys", 0)
JSON_STRUCT(k8s_pod_affinity_term, K8S_POD_AFFINITY_TERM_FIELDS);

#define K8S_WEIGHTED_POD_AFFINITY_TERM_FIELDS(F)                                                   \
    F(value, int32_t, weight, "weight", JSON_ALWAYS)                                               \
    F(embed, k8s_pod_affinity_term, pod_affinity_term, "podAffinityTerm", JSON_ALWAYS)
JSON_STRUCT(k8s_weighted_pod_affinity_term, K8S_WEIGHTED_POD_AFFINITY_TERM_FIELDS);

#define K8S_POD_AFFINITY_FIELDS(F)                                                                 \
    F(objects, k8s_pod_affinity_term, required_during_scheduling_ignored_during_execution,         \
      "requiredDuringSchedulingIgnoredDuringExecution", 0)                                         \
    F(objects, k8s_weighted_pod_affinity_term,                                                     \
      preferred_during_scheduling_ignored_during_execution,                                        \
      "preferredDuringSchedulingIgnoredDuringExecution", 0)
JSON_STRUCT(k8s_pod_affinity, K8S_POD_AFFINITY_FIELDS);

#define K8S_POD_ANTI_AFFINITY_FIELDS(F)                                                            \
    F(objects, k8s_pod_affinity_term, required_during_scheduling_ignored_during_execution,         \
      "requiredDuringSchedulingIgnoredDuringExecution", 0)                                         \
    F(objects, k8s_weighted_pod_affinity_term,                                                     \
      preferred_during_scheduling_ignored_during_execution,                                        \
      "preferredDuringSchedulingIgnoredDuringExecution", 0)
JSON_STRUCT(k8s_pod_anti_affinity, K8S_POD_ANTI_AFFINITY_FIELDS);

#define K8S_AFFINITY_FIELDS(F)                                                                     \
    F(object, k8s_node_affinity, node_affinity, "nodeAffinity", 0)                                 \
    F(object, k8s_pod_affinity, pod_affinity, "podAffinity", 0)                                    \
    F(object, k8s_pod_anti_affinity, pod_anti_affinity, "podAntiAffinity", 0)
JSON_STRUCT(k8s_affinity, K8S_AFFINITY_FIELDS);

#define K8S_TOLERATION_FIELDS(F)                                                                   \
    F(value, const char *, key, "key", 0)                                                          \
    F(value, const char *, operator, "operator", 0)                                                \
    F(value, const char *, value, "value", 0)                                                      \
    F(value, const char *, effect, "effect", 0)                                                    \
    F(value, struct opt_i64, toleration_seconds, "tolerationSeconds", 0)
JSON_STRUCT(k8s_toleration, K8S_TOLERATION_FIELDS);

#define K8S_TAINT_FIELDS(F)                                                                        \
    F(value, const char *, key, "key", JSON_ALWAYS)                                                \
    F(value, const char *, value, "value", 0)                                                      \
    F(value, const char *, effect, "effect", JSON_ALWAYS)                                          \
    F(embed, k8s_time, time_added, "timeAdded", 0)
JSON_STRUCT(k8s_taint, K8S_TAINT_FIELDS);

#define K8S_TOPOLOGY_SPREAD_CONSTRAINT_FIELDS(F)                                                   \
    F(value, int32_t, max_skew, "maxSkew", JSON_ALWAYS)                                            \
    F(value, const char *, topology_key, "topologyKey", JSON_ALWAYS)                               \
    F(value, const char *, when_unsatisfiable, "whenUnsatisfiable", JSON_ALWAYS)                   \
    F(object, k8s_label_selector, label_selector, "labelSelector", 0)                              \
    F(value, struct opt_i32, min_domains, "minDomains", 0)                                         \
    F(value, const char *, node_affinity_policy, "nodeAffinityPolicy", 0)                          \
    F(value, const char *, node_taints_policy, "nodeTaintsPolicy", 0)                              \
    F(values, const char *, match_label_keys, "matchLabelKeys", 0)
JSON_STRUCT(k8s_topology_spread_constraint, K8S_TOPOLOGY_SPREAD_CONSTRAINT_FIELDS);
