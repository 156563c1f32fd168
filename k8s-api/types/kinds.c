/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/kinds.h"

#include "base/str.h"
#include "k8s/certificate_signing_request.h"
#include "k8s/config_map.h"
#include "k8s/event.h"
#include "k8s/lease.h"
#include "k8s/node.h"
#include "k8s/pod.h"
#include "k8s/runtime_class.h"
#include "k8s/secret.h"
#include "k8s/service.h"
#include "k8s/status.h"
#include "k8s/subject_access_review.h"
#include "k8s/token_request.h"
#include "k8s/token_review.h"

#define CERTIFICATES "certificates.k8s.io/v1"

const struct k8s_kind k8s_kinds[K8S_KIND_NR] = {
    [K8S_KIND_POD] = { "v1", "Pod", "pods", true, &k8s_pod_type },
    [K8S_KIND_NODE] = { "v1", "Node", "nodes", false, &k8s_node_type },
    [K8S_KIND_LEASE] = { "coordination.k8s.io/v1", "Lease", "leases", true, &k8s_lease_type },
    [K8S_KIND_EVENT] = { "v1", "Event", "events", true, &k8s_event_type },
    [K8S_KIND_SECRET] = { "v1", "Secret", "secrets", true, &k8s_secret_type },
    [K8S_KIND_CONFIG_MAP] = { "v1", "ConfigMap", "configmaps", true, &k8s_config_map_type },
    [K8S_KIND_SERVICE] = { "v1", "Service", "services", true, &k8s_service_type },
    [K8S_KIND_RUNTIME_CLASS] = { "node.k8s.io/v1", "RuntimeClass", "runtimeclasses", false,
                                 &k8s_runtime_class_type },
    [K8S_KIND_CERTIFICATE_SIGNING_REQUEST] = { CERTIFICATES, "CertificateSigningRequest",
                                               "certificatesigningrequests", false,
                                               &k8s_certificate_signing_request_type },
    [K8S_KIND_TOKEN_REQUEST] = { "authentication.k8s.io/v1", "TokenRequest", NULL, true,
                                 &k8s_token_request_type },
    [K8S_KIND_TOKEN_REVIEW] = { "authentication.k8s.io/v1", "TokenReview", "tokenreviews", false,
                                &k8s_token_review_type },
    [K8S_KIND_SUBJECT_ACCESS_REVIEW] = { "authorization.k8s.io/v1", "SubjectAccessReview",
                                         "subjectaccessreviews", false,
                                         &k8s_subject_access_review_type },
    [K8S_KIND_STATUS] = { "v1", "Status", NULL, false, &k8s_status_type },
};

const struct k8s_kind *k8s_kind_find(const char *api_version, const char *kind)
{
    for (size_t i = 0; i < K8S_KIND_NR; i++)
        if (str_eq(k8s_kinds[i].kind, kind) && str_eq(k8s_kinds[i].api_version, api_version))
            return &k8s_kinds[i];
    return NULL;
}

const struct k8s_kind *k8s_kind_of_type(const struct json_type *type)
{
    for (size_t i = 0; i < K8S_KIND_NR; i++)
        if (k8s_kinds[i].type == type)
            return &k8s_kinds[i];
    return NULL;
}
