/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token_request.h - TokenRequest, authentication.k8s.io/v1: a token for a service account of a pod.
 */
#pragma once

#include "k8s/meta.h"

#define K8S_BOUND_OBJECT_REFERENCE_FIELDS(F)                                                       \
    F(value, const char *, kind, "kind", 0)                                                        \
    F(value, const char *, api_version, "apiVersion", 0)                                           \
    F(value, const char *, name, "name", 0)                                                        \
    F(value, const char *, uid, "uid", 0)
JSON_STRUCT(k8s_bound_object_reference, K8S_BOUND_OBJECT_REFERENCE_FIELDS);

#define K8S_TOKEN_REQUEST_SPEC_FIELDS(F)                                                           \
    F(values, const char *, audiences, "audiences", JSON_ALWAYS)                                   \
    F(value, struct opt_i64, expiration_seconds, "expirationSeconds", JSON_ALWAYS)                 \
    F(object, k8s_bound_object_reference, bound_object_ref, "boundObjectRef", JSON_ALWAYS)         \
    F(value, struct json_multimap, attestations, "attestations", 0)
JSON_STRUCT(k8s_token_request_spec, K8S_TOKEN_REQUEST_SPEC_FIELDS);

#define K8S_TOKEN_REQUEST_STATUS_FIELDS(F)                                                         \
    F(value, const char *, token, "token", JSON_ALWAYS)                                            \
    F(embed, k8s_time, expiration_timestamp, "expirationTimestamp", JSON_ALWAYS)
JSON_STRUCT(k8s_token_request_status, K8S_TOKEN_REQUEST_STATUS_FIELDS);

#define K8S_TOKEN_REQUEST_FIELDS(F)                                                                \
    F(value, const char *, kind, "kind", 0)                                                        \
    F(value, const char *, api_version, "apiVersion", 0)                                           \
    F(embed, k8s_object_meta, metadata, "metadata", 0)                                             \
    F(embed, k8s_token_request_spec, spec, "spec", JSON_ALWAYS)                                    \
    F(embed, k8s_token_request_status, status, "status", 0)
JSON_STRUCT(k8s_token_request, K8S_TOKEN_REQUEST_FIELDS);
