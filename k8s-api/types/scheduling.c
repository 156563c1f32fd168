/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/scheduling.h"

JSON_TYPE(k8s_node_selector_requirement, K8S_NODE_SELECTOR_REQUIREMENT_FIELDS);
JSON_TYPE(k8s_node_selector_term, K8S_NODE_SELECTOR_TERM_FIELDS);
JSON_TYPE(k8s_node_selector, K8S_NODE_SELECTOR_FIELDS);
JSON_TYPE(k8s_preferred_scheduling_term, K8S_PREFERRED_SCHEDULING_TERM_FIELDS);
JSON_TYPE(k8s_node_affinity, K8S_NODE_AFFINITY_FIELDS);
JSON_TYPE(k8s_pod_affinity_term, K8S_POD_AFFINITY_TERM_FIELDS);
JSON_TYPE(k8s_weighted_pod_affinity_term, K8S_WEIGHTED_POD_AFFINITY_TERM_FIELDS);
JSON_TYPE(k8s_pod_affinity, K8S_POD_AFFINITY_FIELDS);
JSON_TYPE(k8s_pod_anti_affinity, K8S_POD_ANTI_AFFINITY_FIELDS);
JSON_TYPE(k8s_affinity, K8S_AFFINITY_FIELDS);
JSON_TYPE(k8s_toleration, K8S_TOLERATION_FIELDS);
JSON_TYPE(k8s_taint, K8S_TAINT_FIELDS);
JSON_TYPE(k8s_topology_spread_constraint, K8S_TOPOLOGY_SPREAD_CONSTRAINT_FIELDS);
