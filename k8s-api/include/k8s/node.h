/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node.h - Node, core/v1.
 */
#pragma once

#include "k8s/meta.h"
#include "k8s/quantity.h"
#include "k8s/reference.h"
#include "k8s/scheduling.h"

#define K8S_CONFIG_MAP_NODE_CONFIG_SOURCE_FIELDS(F)                                                \
    F(value, const char *, namespace, "namespace", JSON_ALWAYS)                                    \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(value, const char *, uid, "uid", 0)                                                          \
    F(value, const char *, resource_version, "resourceVersion", 0)                                 \
    F(value, const char *, kubelet_config_key, "kubeletConfigKey", JSON_ALWAYS)
JSON_STRUCT(k8s_config_map_node_config_source, K8S_CONFIG_MAP_NODE_CONFIG_SOURCE_FIELDS);

#define K8S_NODE_CONFIG_SOURCE_FIELDS(F)                                                           \
    F(object, k8s_config_map_node_config_source, config_map, "configMap", 0)
JSON_STRUCT(k8s_node_config_source, K8S_NODE_CONFIG_SOURCE_FIELDS);

#define K8S_NODE_POD_PREEMPTION_POLICY_FIELDS(F)                                                   \
    F(values, const char *, disable_resize_preemption, "disableResizePreemption", 0)
JSON_STRUCT(k8s_node_pod_preemption_policy, K8S_NODE_POD_PREEMPTION_POLICY_FIELDS);

#define K8S_NODE_SPEC_FIELDS(F)                                                                    \
    F(value, const char *, pod_cidr, "podCIDR", 0)                                                 \
    F(values, const char *, pod_cidrs, "podCIDRs", 0)                                              \
    F(value, const char *, provider_id, "providerID", 0)                                           \
    F(value, bool, unschedulable, "unschedulable", 0)                                              \
    F(objects, k8s_taint, taints, "taints", 0)                                                     \
    F(object, k8s_node_config_source, config_source, "configSource", 0)                            \
    F(value, const char *, external_id, "externalID", 0)                                           \
    F(object, k8s_node_pod_preemption_policy, pod_preemption_policy, "podPreemptionPolicy", 0)
JSON_STRUCT(k8s_node_spec, K8S_NODE_SPEC_FIELDS);

#define K8S_NODE_CONDITION_FIELDS(F)                                                               \
    F(value, const char *, type, "type", JSON_ALWAYS)                                              \
    F(value, const char *, status, "status", JSON_ALWAYS)                                          \
    F(embed, k8s_time, last_heartbeat_time, "lastHeartbeatTime", 0)                                \
    F(embed, k8s_time, last_transition_time, "lastTransitionTime", 0)                              \
    F(value, const char *, reason, "reason", 0)                                                    \
    F(value, const char *, message, "message", 0)
JSON_STRUCT(k8s_node_condition, K8S_NODE_CONDITION_FIELDS);

#define K8S_NODE_ADDRESS_FIELDS(F)                                                                 \
    F(value, const char *, type, "type", JSON_ALWAYS)                                              \
    F(value, const char *, address, "address", JSON_ALWAYS)
JSON_STRUCT(k8s_node_address, K8S_NODE_ADDRESS_FIELDS);

#define K8S_DAEMON_ENDPOINT_FIELDS(F) F(value, int32_t, port, "Port", JSON_ALWAYS)
JSON_STRUCT(k8s_daemon_endpoint, K8S_DAEMON_ENDPOINT_FIELDS);

#define K8S_NODE_DAEMON_ENDPOINTS_FIELDS(F)                                                        \
    F(embed, k8s_daemon_endpoint, kubelet_endpoint, "kubeletEndpoint", 0)
JSON_STRUCT(k8s_node_daemon_endpoints, K8S_NODE_DAEMON_ENDPOINTS_FIELDS);

#define K8S_NODE_SWAP_STATUS_FIELDS(F) F(value, struct opt_i64, capacity, "capacity", 0)
JSON_STRUCT(k8s_node_swap_status, K8S_NODE_SWAP_STATUS_FIELDS);

#define K8S_NODE_SYSTEM_INFO_FIELDS(F)                                                             \
    F(value, const char *, machine_id, "machineID", JSON_ALWAYS)                                   \
    F(value, const char *, system_uuid, "systemUUID", JSON_ALWAYS)                                 \
    F(value, const char *, boot_id, "bootID", JSON_ALWAYS)                                         \
    F(value, const char *, kernel_version, "kernelVersion", JSON_ALWAYS)                           \
    F(value, const char *, os_image, "osImage", JSON_ALWAYS)                                       \
    F(value, const char *, container_runtime_version, "containerRuntimeVersion", JSON_ALWAYS)      \
    F(value, const char *, kubelet_version, "kubeletVersion", JSON_ALWAYS)                         \
    F(value, const char *, kube_proxy_version, "kubeProxyVersion", JSON_ALWAYS)                    \
    F(value, const char *, operating_system, "operatingSystem", JSON_ALWAYS)                       \
    F(value, const char *, architecture, "architecture", JSON_ALWAYS)                              \
    F(object, k8s_node_swap_status, swap, "swap", 0)                                               \
    F(value, struct opt_bool, running_in_user_namespace, "runningInUserNamespace", 0)
JSON_STRUCT(k8s_node_system_info, K8S_NODE_SYSTEM_INFO_FIELDS);

#define K8S_CONTAINER_IMAGE_FIELDS(F)                                                              \
    F(values, const char *, names, "names", JSON_ALWAYS)                                           \
    F(value, int64_t, size_bytes, "sizeBytes", 0)
JSON_STRUCT(k8s_container_image, K8S_CONTAINER_IMAGE_FIELDS);

#define K8S_ATTACHED_VOLUME_FIELDS(F)                                                              \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(value, const char *, device_path, "devicePath", JSON_ALWAYS)
JSON_STRUCT(k8s_attached_volume, K8S_ATTACHED_VOLUME_FIELDS);

#define K8S_NODE_CONFIG_STATUS_FIELDS(F)                                                           \
    F(object, k8s_node_config_source, assigned, "assigned", 0)                                     \
    F(object, k8s_node_config_source, active, "active", 0)                                         \
    F(object, k8s_node_config_source, last_known_good, "lastKnownGood", 0)                         \
    F(value, const char *, error, "error", 0)
JSON_STRUCT(k8s_node_config_status, K8S_NODE_CONFIG_STATUS_FIELDS);

#define K8S_NODE_RUNTIME_HANDLER_FEATURES_FIELDS(F)                                                \
    F(value, struct opt_bool, recursive_read_only_mounts, "recursiveReadOnlyMounts", 0)            \
    F(value, struct opt_bool, user_namespaces, "userNamespaces", 0)
JSON_STRUCT(k8s_node_runtime_handler_features, K8S_NODE_RUNTIME_HANDLER_FEATURES_FIELDS);

#define K8S_NODE_RUNTIME_HANDLER_FIELDS(F)                                                         \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(object, k8s_node_runtime_handler_features, features, "features", 0)
JSON_STRUCT(k8s_node_runtime_handler, K8S_NODE_RUNTIME_HANDLER_FIELDS);

#define K8S_NODE_FEATURES_FIELDS(F)                                                                \
    F(value, struct opt_bool, supplemental_groups_policy, "supplementalGroupsPolicy", 0)
JSON_STRUCT(k8s_node_features, K8S_NODE_FEATURES_FIELDS);

#define K8S_NODE_STATUS_FIELDS(F)                                                                  \
    F(embed, k8s_resource_list, capacity, "capacity", 0)                                           \
    F(embed, k8s_resource_list, allocatable, "allocatable", 0)                                     \
    F(value, const char *, phase, "phase", 0)                                                      \
    F(objects, k8s_node_condition, conditions, "conditions", 0)                                    \
    F(objects, k8s_node_address, addresses, "addresses", 0)                                        \
    F(embed, k8s_node_daemon_endpoints, daemon_endpoints, "daemonEndpoints", 0)                    \
    F(embed, k8s_node_system_info, node_info, "nodeInfo", 0)                                       \
    F(objects, k8s_container_image, images, "images", 0)                                           \
    F(values, const char *, volumes_in_use, "volumesInUse", 0)                                     \
    F(objects, k8s_attached_volume, volumes_attached, "volumesAttached", 0)                        \
    F(object, k8s_node_config_status, config, "config", 0)                                         \
    F(objects, k8s_node_runtime_handler, runtime_handlers, "runtimeHandlers", 0)                   \
    F(object, k8s_node_features, features, "features", 0)                                          \
    F(values, const char *, declared_features, "declaredFeatures", 0)
JSON_STRUCT(k8s_node_status, K8S_NODE_STATUS_FIELDS);

#define K8S_NODE_FIELDS(F)                                                                         \
    F(value, const char *, kind, "kind", 0)                                                        \
    F(value, const char *, api_version, "apiVersion", 0)                                           \
    F(embed, k8s_object_meta, metadata, "metadata", 0)                                             \
    F(embed, k8s_node_spec, spec, "spec", 0)                                                       \
    F(embed, k8s_node_status, status, "status", 0)
JSON_STRUCT(k8s_node, K8S_NODE_FIELDS);
