/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pod_status.h - what a pod is doing.
 */
#pragma once

#include "k8s/container.h"
#include "k8s/meta.h"
#include "k8s/reference.h"

#define K8S_POD_CONDITION_FIELDS(F)                                                                \
    F(value, const char *, type, "type", JSON_ALWAYS)                                              \
    F(value, int64_t, observed_generation, "observedGeneration", 0)                                \
    F(value, const char *, status, "status", JSON_ALWAYS)                                          \
    F(embed, k8s_time, last_probe_time, "lastProbeTime", 0)                                        \
    F(embed, k8s_time, last_transition_time, "lastTransitionTime", 0)                              \
    F(value, const char *, reason, "reason", 0)                                                    \
    F(value, const char *, message, "message", 0)
JSON_STRUCT(k8s_pod_condition, K8S_POD_CONDITION_FIELDS);

#define K8S_HOST_IP_FIELDS(F) F(value, const char *, ip, "ip", JSON_ALWAYS)
JSON_STRUCT(k8s_host_ip, K8S_HOST_IP_FIELDS);

#define K8S_POD_IP_FIELDS(F) F(value, const char *, ip, "ip", JSON_ALWAYS)
JSON_STRUCT(k8s_pod_ip, K8S_POD_IP_FIELDS);

#define K8S_CONTAINER_STATE_WAITING_FIELDS(F)                                                      \
    F(value, const char *, reason, "reason", 0)                                                    \
    F(value, const char *, message, "message", 0)
JSON_STRUCT(k8s_container_state_waiting, K8S_CONTAINER_STATE_WAITING_FIELDS);

#define K8S_CONTAINER_STATE_RUNNING_FIELDS(F) F(embed, k8s_time, started_at, "startedAt", 0)
JSON_STRUCT(k8s_container_state_running, K8S_CONTAINER_STATE_RUNNING_FIELDS);

#define K8S_CONTAINER_STATE_TERMINATED_FIELDS(F)                                                   \
    F(value, int32_t, exit_code, "exitCode", JSON_ALWAYS)                                          \
    F(value, int32_t, signal, "signal", 0)                                                         \
    F(value, const char *, reason, "reason", 0)                                                    \
    F(value, const char *, message, "message", 0)                                                  \
    F(embed, k8s_time, started_at, "startedAt", 0)                                                 \
    F(embed, k8s_time, finished_at, "finishedAt", 0)                                               \
    F(value, const char *, container_id, "containerID", 0)
JSON_STRUCT(k8s_container_state_terminated, K8S_CONTAINER_STATE_TERMINATED_FIELDS);

#define K8S_CONTAINER_STATE_FIELDS(F)                                                              \
    F(object, k8s_container_state_waiting, waiting, "waiting", 0)                                  \
    F(object, k8s_container_state_running, running, "running", 0)                                  \
    F(object, k8s_container_state_terminated, terminated, "terminated", 0)
JSON_STRUCT(k8s_container_state, K8S_CONTAINER_STATE_FIELDS);

#define K8S_IMAGE_VOLUME_STATUS_FIELDS(F) F(value, const char *, image_ref, "imageRef", 0)
JSON_STRUCT(k8s_image_volume_status, K8S_IMAGE_VOLUME_STATUS_FIELDS);

#define K8S_VOLUME_STATUS_FIELDS(F) F(object, k8s_image_volume_status, image, "image", 0)
JSON_STRUCT(k8s_volume_status, K8S_VOLUME_STATUS_FIELDS);

#define K8S_VOLUME_MOUNT_STATUS_FIELDS(F)                                                          \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(value, const char *, mount_path, "mountPath", JSON_ALWAYS)                                   \
    F(value, bool, read_only, "readOnly", 0)                                                       \
    F(value, const char *, recursive_read_only, "recursiveReadOnly", 0)                            \
    F(object, k8s_volume_status, volume_status, "volumeStatus", 0)
JSON_STRUCT(k8s_volume_mount_status, K8S_VOLUME_MOUNT_STATUS_FIELDS);

#define K8S_LINUX_CONTAINER_USER_FIELDS(F)                                                         \
    F(value, int64_t, uid, "uid", JSON_ALWAYS)                                                     \
    F(value, int64_t, gid, "gid", JSON_ALWAYS)                                                     \
    F(values, int64_t, supplemental_groups, "supplementalGroups", 0)
JSON_STRUCT(k8s_linux_container_user, K8S_LINUX_CONTAINER_USER_FIELDS);

#define K8S_CONTAINER_USER_FIELDS(F) F(object, k8s_linux_container_user, linux, "linux", 0)
JSON_STRUCT(k8s_container_user, K8S_CONTAINER_USER_FIELDS);

#define K8S_RESOURCE_HEALTH_FIELDS(F)                                                              \
    F(value, const char *, resource_id, "resourceID", JSON_ALWAYS)                                 \
    F(value, const char *, health, "health", 0)                                                    \
    F(value, const char *, message, "message", 0)
JSON_STRUCT(k8s_resource_health, K8S_RESOURCE_HEALTH_FIELDS);

#define K8S_RESOURCE_STATUS_FIELDS(F)                                                              \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(objects, k8s_resource_health, resources, "resources", 0)
JSON_STRUCT(k8s_resource_status, K8S_RESOURCE_STATUS_FIELDS);

#define K8S_CONTAINER_STATUS_FIELDS(F)                                                             \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(embed, k8s_container_state, state, "state", 0)                                               \
    F(embed, k8s_container_state, last_state, "lastState", 0)                                      \
    F(value, bool, ready, "ready", JSON_ALWAYS)                                                    \
    F(value, int32_t, restart_count, "restartCount", JSON_ALWAYS)                                  \
    F(value, const char *, image, "image", JSON_ALWAYS)                                            \
    F(value, const char *, image_id, "imageID", JSON_ALWAYS)                                       \
    F(value, const char *, container_id, "containerID", 0)                                         \
    F(value, struct opt_bool, started, "started", 0)                                               \
    F(embed, k8s_resource_list, allocated_resources, "allocatedResources", 0)                      \
    F(object, k8s_resource_requirements, resources, "resources", 0)                                \
    F(objects, k8s_volume_mount_status, volume_mounts, "volumeMounts", 0)                          \
    F(object, k8s_container_user, user, "user", 0)                                                 \
    F(objects, k8s_resource_status, allocated_resources_status, "allocatedResourcesStatus", 0)     \
    F(value, const char *, stop_signal, "stopSignal", 0)
JSON_STRUCT(k8s_container_status, K8S_CONTAINER_STATUS_FIELDS);

#define K8S_POD_RESOURCE_CLAIM_STATUS_FIELDS(F)                                                    \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(value, const char *, resource_claim_name, "resourceClaimName", 0)
JSON_STRUCT(k8s_pod_resource_claim_status, K8S_POD_RESOURCE_CLAIM_STATUS_FIELDS);

#define K8S_CONTAINER_EXTENDED_RESOURCE_REQUEST_FIELDS(F)                                          \
    F(value, const char *, container_name, "containerName", JSON_ALWAYS)                           \
    F(value, const char *, resource_name, "resourceName", JSON_ALWAYS)                             \
    F(value, const char *, request_name, "requestName", JSON_ALWAYS)
JSON_STRUCT(k8s_container_extended_resource_request,
            K8S_CONTAINER_EXTENDED_RESOURCE_REQUEST_FIELDS);

#define K8S_POD_EXTENDED_RESOURCE_CLAIM_STATUS_FIELDS(F)                                           \
    F(objects, k8s_container_extended_resource_request, request_mappings, "requestMappings",       \
      JSON_ALWAYS)                                                                                 \
    F(value, const char *, resource_claim_name, "resourceClaimName", JSON_ALWAYS)
JSON_STRUCT(k8s_pod_extended_resource_claim_status, K8S_POD_EXTENDED_RESOURCE_CLAIM_STATUS_FIELDS);

#define K8S_NODE_ALLOCATABLE_MAPPED_RESOURCES_FIELDS(F)                                            \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(embed, k8s_quantity, quantity, "quantity", JSON_ALWAYS)
JSON_STRUCT(k8s_node_allocatable_mapped_resources, K8S_NODE_ALLOCATABLE_MAPPED_RESOURCES_FIELDS);

#define K8S_NODE_ALLOCATABLE_OVERHEAD_RESOURCES_FIELDS(F)                                          \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(embed, k8s_quantity, per_pod, "perPod", 0)                                                   \
    F(embed, k8s_quantity, per_container, "perContainer", 0)
JSON_STRUCT(k8s_node_allocatable_overhead_resources,
            K8S_NODE_ALLOCATABLE_OVERHEAD_RESOURCES_FIELDS);

#define K8S_NODE_ALLOCATABLE_RESOURCE_CLAIM_STATUS_FIELDS(F)                                       \
    F(value, const char *, resource_claim_name, "resourceClaimName", JSON_ALWAYS)                  \
    F(values, const char *, containers, "containers", 0)                                           \
    F(objects, k8s_node_allocatable_mapped_resources, mapping, "mapping", 0)                       \
    F(objects, k8s_node_allocatable_overhead_resources, overhead, "overhead", 0)
JSON_STRUCT(k8s_node_allocatable_resource_claim_status,
            K8S_NODE_ALLOCATABLE_RESOURCE_CLAIM_STATUS_FIELDS);

#define K8S_VOLUME_HEALTH_CONDITION_FIELDS(F)                                                      \
    F(value, const char *, status, "status", JSON_ALWAYS)                                          \
    F(value, const char *, reason, "reason", JSON_ALWAYS)                                          \
    F(value, const char *, message, "message", 0)
JSON_STRUCT(k8s_volume_health_condition, K8S_VOLUME_HEALTH_CONDITION_FIELDS);

#define K8S_POD_VOLUME_HEALTH_FIELDS(F)                                                            \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(objects, k8s_volume_health_condition, health_conditions, "healthConditions", 0)              \
    F(embed, k8s_time, last_transition_time, "lastTransitionTime", 0)
JSON_STRUCT(k8s_pod_volume_health, K8S_POD_VOLUME_HEALTH_FIELDS);

#define K8S_POD_STATUS_FIELDS(F)                                                                   \
    F(value, int64_t, observed_generation, "observedGeneration", 0)                                \
    F(value, const char *, phase, "phase", 0)                                                      \
    F(objects, k8s_pod_condition, conditions, "conditions", 0)                                     \
    F(value, const char *, message, "message", 0)                                                  \
    F(value, const char *, reason, "reason", 0)                                                    \
    F(value, const char *, nominated_node_name, "nominatedNodeName", 0)                            \
    F(value, const char *, host_ip, "hostIP", 0)                                                   \
    F(objects, k8s_host_ip, host_ips, "hostIPs", 0)                                                \
    F(value, const char *, pod_ip, "podIP", 0)                                                     \
    F(objects, k8s_pod_ip, pod_ips, "podIPs", 0)                                                   \
    F(embed, k8s_time, start_time, "startTime", 0)                                                 \
    F(objects, k8s_container_status, init_container_statuses, "initContainerStatuses", 0)          \
    F(objects, k8s_container_status, container_statuses, "containerStatuses", 0)                   \
    F(value, const char *, qos_class, "qosClass", 0)                                               \
    F(objects, k8s_container_status, ephemeral_container_statuses, "ephemeralContainerStatuses",   \
      0)                                                                                           \
    F(value, const char *, resize, "resize", 0)                                                    \
    F(objects, k8s_pod_resource_claim_status, resource_claim_statuses, "resourceClaimStatuses", 0) \
    F(object, k8s_pod_extended_resource_claim_status, extended_resource_claim_status,              \
      "extendedResourceClaimStatus", 0)                                                            \
    F(embed, k8s_resource_list, allocated_resources, "allocatedResources", 0)                      \
    F(object, k8s_resource_requirements, resources, "resources", 0)                                \
    F(objects, k8s_node_allocatable_resource_claim_status,                                         \
      node_allocatable_resource_claim_statuses, "nodeAllocatableResourceClaimStatuses", 0)         \
    F(objects, k8s_pod_volume_health, volume_health, "volumeHealth", 0)
JSON_STRUCT(k8s_pod_status, K8S_POD_STATUS_FIELDS);
