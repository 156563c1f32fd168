/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certificate_signing_request.h - CertificateSigningRequest, certificates.k8s.io/v1.
 */
#pragma once

#include "k8s/meta.h"

#define K8S_CERTIFICATE_SIGNING_REQUEST_SPEC_FIELDS(F)                                             \
    F(value, struct json_bytes, request, "request", JSON_ALWAYS)                                   \
    F(value, const char *, signer_name, "signerName", JSON_ALWAYS)                                 \
    F(value, struct opt_i32, expiration_seconds, "expirationSeconds", 0)                           \
    F(values, const char *, usages, "usages", 0)                                                   \
    F(value, const char *, username, "username", 0)                                                \
    F(value, const char *, uid, "uid", 0)                                                          \
    F(values, const char *, groups, "groups", 0)                                                   \
    F(value, struct json_multimap, extra, "extra", 0)
JSON_STRUCT(k8s_certificate_signing_request_spec, K8S_CERTIFICATE_SIGNING_REQUEST_SPEC_FIELDS);

#define K8S_CERTIFICATE_SIGNING_REQUEST_CONDITION_FIELDS(F)                                        \
    F(value, const char *, type, "type", JSON_ALWAYS)                                              \
    F(value, const char *, status, "status", JSON_ALWAYS)                                          \
    F(value, const char *, reason, "reason", 0)                                                    \
    F(value, const char *, message, "message", 0)                                                  \
    F(embed, k8s_time, last_update_time, "lastUpdateTime", 0)                                      \
    F(embed, k8s_time, last_transition_time, "lastTransitionTime", 0)
JSON_STRUCT(k8s_certificate_signing_request_condition,
            K8S_CERTIFICATE_SIGNING_REQUEST_CONDITION_FIELDS);

#define K8S_CERTIFICATE_SIGNING_REQUEST_STATUS_FIELDS(F)                                           \
    F(objects, k8s_certificate_signing_request_condition, conditions, "conditions", 0)             \
    F(value, struct json_bytes, certificate, "certificate", 0)
JSON_STRUCT(k8s_certificate_signing_request_status, K8S_CERTIFICATE_SIGNING_REQUEST_STATUS_FIELDS);

#define K8S_CERTIFICATE_SIGNING_REQUEST_FIELDS(F)                                                  \
    F(value, const char *, kind, "kind", 0)                                                        \
    F(value, const char *, api_version, "apiVersion", 0)                                           \
    F(embed, k8s_object_meta, metadata, "metadata", 0)                                             \
    F(embed, k8s_certificate_signing_request_spec, spec, "spec", JSON_ALWAYS)                      \
    F(embed, k8s_certificate_signing_request_status, status, "status", 0)
JSON_STRUCT(k8s_certificate_signing_request, K8S_CERTIFICATE_SIGNING_REQUEST_FIELDS);
