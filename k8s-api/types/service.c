/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/service.h"

JSON_TYPE(k8s_service_port, K8S_SERVICE_PORT_FIELDS);
JSON_TYPE(k8s_client_ip_config, K8S_CLIENT_IP_CONFIG_FIELDS);
JSON_TYPE(k8s_session_affinity_config, K8S_SESSION_AFFINITY_CONFIG_FIELDS);
JSON_TYPE(k8s_service_spec, K8S_SERVICE_SPEC_FIELDS);
JSON_TYPE(k8s_port_status, K8S_PORT_STATUS_FIELDS);
JSON_TYPE(k8s_load_balancer_ingress, K8S_LOAD_BALANCER_INGRESS_FIELDS);
JSON_TYPE(k8s_load_balancer_status, K8S_LOAD_BALANCER_STATUS_FIELDS);
JSON_TYPE(k8s_service_status, K8S_SERVICE_STATUS_FIELDS);
JSON_TYPE(k8s_service, K8S_SERVICE_FIELDS);
