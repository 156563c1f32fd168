/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token_review.h - TokenReview, authentication.k8s.io/v1: who sent this token?
 */
#pragma once

#include "k8s/meta.h"

#define K8S_TOKEN_REVIEW_SPEC_FIELDS(F)                                                            \
    F(value, const char *, token, "token", 0)                                                      \
    F(values, const char *, audiences, "audiences", 0)
JSON_STRUCT(k8s_token_review_spec, K8S_TOKEN_REVIEW_SPEC_FIELDS);

#define K8S_USER_INFO_FIELDS(F)                                                                    \
    F(value, const char *, username, "username", 0)                                                \
    F(value, const char *, uid, "uid", 0)                                                          \
    F(values, const char *, groups, "groups", 0)                                                   \
    F(value, struct json_multimap, extra, "extra", 0)
JSON_STRUCT(k8s_user_info, K8S_USER_INFO_FIELDS);

#define K8S_TOKEN_REVIEW_STATUS_FIELDS(F)                                                          \
    F(value, bool, authenticated, "authenticated", 0)                                              \
    F(embed, k8s_user_info, user, "user", 0)                                                       \
    F(values, const char *, audiences, "audiences", 0)                                             \
    F(value, const char *, error, "error", 0)
JSON_STRUCT(k8s_token_review_status, K8S_TOKEN_REVIEW_STATUS_FIELDS);

#define K8S_TOKEN_REVIEW_FIELDS(F)                                                                 \
    F(value, const char *, kind, "kind", 0)                                                        \
    F(value, const char *, api_version, "apiVersion", 0)                                           \
    F(embed, k8s_object_meta, metadata, "metadata", 0)                                             \
    F(embed, k8s_token_review_spec, spec, "spec", JSON_ALWAYS)                                     \
    F(embed, k8s_token_review_status, status, "status", 0)
JSON_STRUCT(k8s_token_review, K8S_TOKEN_REVIEW_FIELDS);
