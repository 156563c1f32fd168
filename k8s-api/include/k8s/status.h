/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.h - the API server's answer when there is no object: success or a typed failure.
 */
#pragma once

#include "k8s/meta.h"

#define K8S_STATUS_CAUSE_FIELDS(F)                                                                 \
    F(value, const char *, reason, "reason", 0)                                                    \
    F(value, const char *, message, "message", 0)                                                  \
    F(value, const char *, field, "field", 0)
JSON_STRUCT(k8s_status_cause, K8S_STATUS_CAUSE_FIELDS);

#define K8S_STATUS_DETAILS_FIELDS(F)                                                               \
    F(value, const char *, name, "name", 0)                                                        \
    F(value, const char *, group, "group", 0)                                                      \
    F(value, const char *, kind, "kind", 0)                                                        \
    F(value, const char *, uid, "uid", 0)                                                          \
    F(objects, k8s_status_cause, causes, "causes", 0)                                              \
    F(value, int32_t, retry_after_seconds, "retryAfterSeconds", 0)
JSON_STRUCT(k8s_status_details, K8S_STATUS_DETAILS_FIELDS);

#define K8S_STATUS_FIELDS(F)                                                                       \
    F(value, const char *, kind, "kind", 0)                                                        \
    F(value, const char *, api_version, "apiVersion", 0)                                           \
    F(embed, k8s_list_meta, metadata, "metadata", 0)                                               \
    F(value, const char *, status, "status", 0)                                                    \
    F(value, const char *, message, "message", 0)                                                  \
    F(value, const char *, reason, "reason", 0)                                                    \
    F(object, k8s_status_details, details, "details", 0)                                           \
    F(value, int32_t, code, "code", 0)
JSON_STRUCT(k8s_status, K8S_STATUS_FIELDS);
