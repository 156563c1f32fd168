/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service.h - Service, core/v1.
 */
#pragma once

#include "k8s/int_or_string.h"
#include "k8s/meta.h"

#define K8S_SERVICE_PORT_FIELDS(F)                                                                 \
    F(value, const char *, name, "name", 0)                                                        \
    F(value, const char *, protocol, "protocol", 0)                                                \
    F(value, const char *, app_protocol, "appProtocol", 0)                                         \
    F(value, int32_t, port, "port", JSON_ALWAYS)                                                   \
    F(embed, k8s_int_or_string, target_port, "targetPort", 0)                                      \
    F(value, int32_t, node_port, "nodePort", 0)
JSON_STRUCT(k8s_service_port, K8S_SERVICE_PORT_FIELDS);

#define K8S_CLIENT_IP_CONFIG_FIELDS(F)                                                             \
    F(value, struct opt_i32, timeout_seconds, "timeoutSeconds", 0)
JSON_STRUCT(k8s_client_ip_config, K8S_CLIENT_IP_CONFIG_FIELDS);

#define K8S_SESSION_AFFINITY_CONFIG_FIELDS(F)                                                      \
    F(object, k8s_client_ip_config, client_ip, "clientIP", 0)
JSON_STRUCT(k8s_session_affinity_config, K8S_SESSION_AFFINITY_CONFIG_FIELDS);

#define K8S_SERVICE_SPEC_FIELDS(F)                                                                 \
    F(objects, k8s_service_port, ports, "ports", 0)                                                \
    F(value, struct json_map, selector, "selector", 0)                                             \
    F(value, const char *, cluster_ip, "clusterIP", 0)                                             \
    F(values, const char *, cluster_ips, "clusterIPs", 0)                                          \
    F(value, const char *, type, "type", 0)                                                        \
    F(values, const char *, external_ips, "externalIPs", 0)                                        \
    F(value, const char *, session_affinity, "sessionAffinity", 0)                                 \
    F(value, const char *, load_balancer_ip, "loadBalancerIP", 0)                                  \
    F(values, const char *, load_balancer_source_ranges, "loadBalancerSourceRanges", 0)            \
    F(value, const char *, external_name, "externalName", 0)                                       \
    F(value, const char *, external_traffic_policy, "externalTrafficPolicy", 0)                    \
    F(value, int32_t, health_check_node_port, "healthCheckNodePort", 0)                            \
    F(value, bool, publish_not_ready_addresses, "publishNotReadyAddresses", 0)                     \
    F(object, k8s_session_affinity_config, session_affinity_config, "sessionAffinityConfig", 0)    \
    F(values, const char *, ip_families, "ipFamilies", 0)                                          \
    F(value, const char *, ip_family_policy, "ipFamilyPolicy", 0)                                  \
    F(value, struct opt_bool, allocate_load_balancer_node_ports, "allocateLoadBalancerNodePorts",  \
      0)                                                                                           \
    F(value, const char *, load_balancer_class, "loadBalancerClass", 0)                            \
    F(value, const char *, internal_traffic_policy, "internalTrafficPolicy", 0)                    \
    F(value, const char *, traffic_distribution, "trafficDistribution", 0)
JSON_STRUCT(k8s_service_spec, K8S_SERVICE_SPEC_FIELDS);

#define K8S_PORT_STATUS_FIELDS(F)                                                                  \
    F(value, int32_t, port, "port", JSON_ALWAYS)                                                   \
    F(value, const char *, protocol, "protocol", JSON_ALWAYS)                                      \
    F(value, const char *, error, "error", 0)
JSON_STRUCT(k8s_port_status, K8S_PORT_STATUS_FIELDS);

#define K8S_LOAD_BALANCER_INGRESS_FIELDS(F)                                                        \
    F(value, const char *, ip, "ip", 0)                                                            \
    F(value, const char *, hostname, "hostname", 0)                                                \
    F(value, const char *, ip_mode, "ipMode", 0)                                                   \
    F(objects, k8s_port_status, ports, "ports", 0)
JSON_STRUCT(k8s_load_balancer_ingress, K8S_LOAD_BALANCER_INGRESS_FIELDS);

#define K8S_LOAD_BALANCER_STATUS_FIELDS(F)                                                         \
    F(objects, k8s_load_balancer_ingress, ingress, "ingress", 0)
JSON_STRUCT(k8s_load_balancer_status, K8S_LOAD_BALANCER_STATUS_FIELDS);

#define K8S_SERVICE_STATUS_FIELDS(F)                                                               \
    F(embed, k8s_load_balancer_status, load_balancer, "loadBalancer", 0)                           \
    F(objects, k8s_condition, conditions, "conditions", 0)
JSON_STRUCT(k8s_service_status, K8S_SERVICE_STATUS_FIELDS);

#define K8S_SERVICE_FIELDS(F)                                                                      \
    F(value, const char *, kind, "kind", 0)                                                        \
    F(value, const char *, api_version, "apiVersion", 0)                                           \
    F(embed, k8s_object_meta, metadata, "metadata", 0)                                             \
    F(embed, k8s_service_spec, spec, "spec", 0)                                                    \
    F(embed, k8s_service_status, status, "status", 0)
JSON_STRUCT(k8s_service, K8S_SERVICE_FIELDS);
