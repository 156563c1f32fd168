/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/pod_spec.h"

JSON_TYPE(k8s_sysctl, K8S_SYSCTL_FIELDS);
JSON_TYPE(k8s_pod_security_context, K8S_POD_SECURITY_CONTEXT_FIELDS);
JSON_TYPE(k8s_host_alias, K8S_HOST_ALIAS_FIELDS);
JSON_TYPE(k8s_pod_dns_config_option, K8S_POD_DNS_CONFIG_OPTION_FIELDS);
JSON_TYPE(k8s_pod_dns_config, K8S_POD_DNS_CONFIG_FIELDS);
JSON_TYPE(k8s_pod_readiness_gate, K8S_POD_READINESS_GATE_FIELDS);
JSON_TYPE(k8s_pod_os, K8S_POD_OS_FIELDS);
JSON_TYPE(k8s_pod_scheduling_gate, K8S_POD_SCHEDULING_GATE_FIELDS);
JSON_TYPE(k8s_pod_resource_claim, K8S_POD_RESOURCE_CLAIM_FIELDS);
JSON_TYPE(k8s_pod_scheduling_group, K8S_POD_SCHEDULING_GROUP_FIELDS);
JSON_TYPE(k8s_eviction_responder, K8S_EVICTION_RESPONDER_FIELDS);
JSON_TYPE(k8s_pod_spec, K8S_POD_SPEC_FIELDS);
