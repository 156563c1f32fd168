/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pod_spec.h - what is wanted of a pod.
 */
#pragma once

#include "k8s/container.h"
#include "k8s/scheduling.h"
#include "k8s/volume.h"

#define K8S_SYSCTL_FIELDS(F)                                                                       \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(value, const char *, value, "value", JSON_ALWAYS)
JSON_STRUCT(k8s_sysctl, K8S_SYSCTL_FIELDS);

#define K8S_POD_SECURITY_CONTEXT_FIELDS(F)                                                         \
    F(object, k8s_se_linux_options, se_linux_options, "seLinuxOptions", 0)                         \
    F(object, k8s_windows_security_context_options, windows_options, "windowsOptions", 0)          \
    F(value, struct opt_i64, run_as_user, "runAsUser", 0)                                          \
    F(value, struct opt_i64, run_as_group, "runAsGroup", 0)                                        \
    F(value, struct opt_bool, run_as_non_root, "runAsNonRoot", 0)                                  \
    F(values, int64_t, supplemental_groups, "supplementalGroups", 0)                               \
    F(value, const char *, supplemental_groups_policy, "supplementalGroupsPolicy", 0)              \
    F(value, struct opt_i64, fs_group, "fsGroup", 0)                                               \
    F(objects, k8s_sysctl, sysctls, "sysctls", 0)                                                  \
    F(value, const char *, fs_group_change_policy, "fsGroupChangePolicy", 0)                       \
    F(object, k8s_seccomp_profile, seccomp_profile, "seccompProfile", 0)                           \
    F(object, k8s_app_armor_profile, app_armor_profile, "appArmorProfile", 0)                      \
    F(value, const char *, se_linux_change_policy, "seLinuxChangePolicy", 0)
JSON_STRUCT(k8s_pod_security_context, K8S_POD_SECURITY_CONTEXT_FIELDS);

#define K8S_HOST_ALIAS_FIELDS(F)                                                                   \
    F(value, const char *, ip, "ip", JSON_ALWAYS)                                                  \
    F(values, const char *, hostnames, "hostnames", 0)
JSON_STRUCT(k8s_host_alias, K8S_HOST_ALIAS_FIELDS);

#define K8S_POD_DNS_CONFIG_OPTION_FIELDS(F)                                                        \
    F(value, const char *, name, "name", 0)                                                        \
    F(value, const char *, value, "value", 0)
JSON_STRUCT(k8s_pod_dns_config_option, K8S_POD_DNS_CONFIG_OPTION_FIELDS);

#define K8S_POD_DNS_CONFIG_FIELDS(F)                                                               \
    F(values, const char *, nameservers, "nameservers", 0)                                         \
    F(values, const char *, searches, "searches", 0)                                               \
    F(objects, k8s_pod_dns_config_option, options, "options", 0)
JSON_STRUCT(k8s_pod_dns_config, K8S_POD_DNS_CONFIG_FIELDS);

#define K8S_POD_READINESS_GATE_FIELDS(F)                                                           \
    F(value, const char *, condition_type, "conditionType", JSON_ALWAYS)
JSON_STRUCT(k8s_pod_readiness_gate, K8S_POD_READINESS_GATE_FIELDS);

#define K8S_POD_OS_FIELDS(F) F(value, const char *, name, "name", JSON_ALWAYS)
JSON_STRUCT(k8s_pod_os, K8S_POD_OS_FIELDS);

#define K8S_POD_SCHEDULING_GATE_FIELDS(F) F(value, const char *, name, "name", JSON_ALWAYS)
JSON_STRUCT(k8s_pod_scheduling_gate, K8S_POD_SCHEDULING_GATE_FIELDS);

#define K8S_POD_RESOURCE_CLAIM_FIELDS(F)                                                           \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(value, const char *, resource_claim_name, "resourceClaimName", 0)                            \
    F(value, const char *, resource_claim_template_name, "resourceClaimTemplateName", 0)
JSON_STRUCT(k8s_pod_resource_claim, K8S_POD_RESOURCE_CLAIM_FIELDS);

#define K8S_POD_SCHEDULING_GROUP_FIELDS(F) F(value, const char *, pod_group_name, "podGroupName", 0)
JSON_STRUCT(k8s_pod_scheduling_group, K8S_POD_SCHEDULING_GROUP_FIELDS);

#define K8S_EVICTION_RESPONDER_FIELDS(F)                                                           \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(value, struct opt_i32, priority, "priority", JSON_ALWAYS)
JSON_STRUCT(k8s_eviction_responder, K8S_EVICTION_RESPONDER_FIELDS);

#define K8S_POD_SPEC_FIELDS(F)                                                                     \
    F(objects, k8s_volume, volumes, "volumes", 0)                                                  \
    F(objects, k8s_container, init_containers, "initContainers", 0)                                \
    F(objects, k8s_container, containers, "containers", JSON_ALWAYS)                               \
    F(objects, k8s_ephemeral_container, ephemeral_containers, "ephemeralContainers", 0)            \
    F(value, const char *, restart_policy, "restartPolicy", 0)                                     \
    F(value, struct opt_i64, termination_grace_period_seconds, "terminationGracePeriodSeconds", 0) \
    F(value, struct opt_i64, active_deadline_seconds, "activeDeadlineSeconds", 0)                  \
    F(value, const char *, dns_policy, "dnsPolicy", 0)                                             \
    F(value, struct json_map, node_selector, "nodeSelector", 0)                                    \
    F(value, const char *, service_account_name, "serviceAccountName", 0)                          \
    F(value, const char *, service_account, "serviceAccount", 0)                                   \
    F(value, struct opt_bool, automount_service_account_token, "automountServiceAccountToken", 0)  \
    F(value, const char *, node_name, "nodeName", 0)                                               \
    F(value, bool, host_network, "hostNetwork", 0)                                                 \
    F(value, bool, host_pid, "hostPID", 0)                                                         \
    F(value, bool, host_ipc, "hostIPC", 0)                                                         \
    F(value, struct opt_bool, share_process_namespace, "shareProcessNamespace", 0)                 \
    F(object, k8s_pod_security_context, security_context, "securityContext", 0)                    \
    F(objects, k8s_local_object_reference, image_pull_secrets, "imagePullSecrets", 0)              \
    F(value, const char *, hostname, "hostname", 0)                                                \
    F(value, const char *, subdomain, "subdomain", 0)                                              \
    F(object, k8s_affinity, affinity, "affinity", 0)                                               \
    F(value, const char *, scheduler_name, "schedulerName", 0)                                     \
    F(objects, k8s_toleration, tolerations, "tolerations", 0)                                      \
    F(objects, k8s_host_alias, host_aliases, "hostAliases", 0)                                     \
    F(value, const char *, priority_class_name, "priorityClassName", 0)                            \
    F(value, struct opt_i32, priority, "priority", 0)                                              \
    F(object, k8s_pod_dns_config, dns_config, "dnsConfig", 0)                                      \
    F(objects, k8s_pod_readiness_gate, readiness_gates, "readinessGates", 0)                       \
    F(value, const char *, runtime_class_name, "runtimeClassName", 0)                              \
    F(value, struct opt_bool, enable_service_links, "enableServiceLinks", 0)                       \
    F(value, const char *, preemption_policy, "preemptionPolicy", 0)                               \
    F(embed, k8s_resource_list, overhead, "overhead", 0)                                           \
    F(objects, k8s_topology_spread_constraint, topology_spread_constraints,                        \
      "topologySpreadConstraints", 0)                                                              \
    F(value, struct opt_bool, set_hostname_as_fqdn, "setHostnameAsFQDN", 0)                        \
    F(object, k8s_pod_os, os, "os", 0)                                                             \
    F(value, struct opt_bool, host_users, "hostUsers", 0)                                          \
    F(objects, k8s_pod_scheduling_gate, scheduling_gates, "schedulingGates", 0)                    \
    F(objects, k8s_pod_resource_claim, resource_claims, "resourceClaims", 0)                       \
    F(object, k8s_resource_requirements, resources, "resources", 0)                                \
    F(value, const char *, hostname_override, "hostnameOverride", 0)                               \
    F(object, k8s_pod_scheduling_group, scheduling_group, "schedulingGroup", 0)                    \
    F(objects, k8s_eviction_responder, eviction_responders, "evictionResponders", 0)
JSON_STRUCT(k8s_pod_spec, K8S_POD_SPEC_FIELDS);
