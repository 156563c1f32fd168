/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subject_access_review.h - SubjectAccessReview, authorization.k8s.io/v1: may this user do that?
 */
#pragma once

#include "k8s/meta.h"

#define K8S_FIELD_SELECTOR_ATTRIBUTES_FIELDS(F)                                                    \
    F(value, const char *, raw_selector, "rawSelector", 0)                                         \
    F(objects, k8s_field_selector_requirement, requirements, "requirements", 0)
JSON_STRUCT(k8s_field_selector_attributes, K8S_FIELD_SELECTOR_ATTRIBUTES_FIELDS);

#define K8S_LABEL_SELECTOR_ATTRIBUTES_FIELDS(F)                                                    \
    F(value, const char *, raw_selector, "rawSelector", 0)                                         \
    F(objects, k8s_label_selector_requirement, requirements, "requirements", 0)
JSON_STRUCT(k8s_label_selector_attributes, K8S_LABEL_SELECTOR_ATTRIBUTES_FIELDS);

#define K8S_RESOURCE_ATTRIBUTES_FIELDS(F)                                                          \
    F(value, const char *, namespace, "namespace", 0)                                              \
    F(value, const char *, verb, "verb", 0)                                                        \
    F(value, const char *, group, "group", 0)                                                      \
    F(value, const char *, version, "version", 0)                                                  \
    F(value, const char *, resource, "resource", 0)                                                \
    F(value, const char *, subresource, "subresource", 0)                                          \
    F(value, const char *, name, "name", 0)                                                        \
    F(object, k8s_field_selector_attributes, field_selector, "fieldSelector", 0)                   \
    F(object, k8s_label_selector_attributes, label_selector, "labelSelector", 0)
JSON_STRUCT(k8s_resource_attributes, K8S_RESOURCE_ATTRIBUTES_FIELDS);

#define K8S_NON_RESOURCE_ATTRIBUTES_FIELDS(F)                                                      \
    F(value, const char *, path, "path", 0)                                                        \
    F(value, const char *, verb, "verb", 0)
JSON_STRUCT(k8s_non_resource_attributes, K8S_NON_RESOURCE_ATTRIBUTES_FIELDS);

#define K8S_SUBJECT_ACCESS_REVIEW_SPEC_FIELDS(F)                                                   \
    F(object, k8s_resource_attributes, resource_attributes, "resourceAttributes", 0)               \
    F(object, k8s_non_resource_attributes, non_resource_attributes, "nonResourceAttributes", 0)    \
    F(value, const char *, user, "user", 0)                                                        \
    F(values, const char *, groups, "groups", 0)                                                   \
    F(value, struct json_multimap, extra, "extra", 0)                                              \
    F(value, const char *, uid, "uid", 0)
JSON_STRUCT(k8s_subject_access_review_spec, K8S_SUBJECT_ACCESS_REVIEW_SPEC_FIELDS);

#define K8S_SUBJECT_ACCESS_REVIEW_STATUS_FIELDS(F)                                                 \
    F(value, bool, allowed, "allowed", JSON_ALWAYS)                                                \
    F(value, bool, denied, "denied", 0)                                                            \
    F(value, const char *, reason, "reason", 0)                                                    \
    F(value, const char *, evaluation_error, "evaluationError", 0)
JSON_STRUCT(k8s_subject_access_review_status, K8S_SUBJECT_ACCESS_REVIEW_STATUS_FIELDS);

#define K8S_SUBJECT_ACCESS_REVIEW_FIELDS(F)                                                        \
    F(value, const char *, kind, "kind", 0)                                                        \
    F(value, const char *, api_version, "apiVersion", 0)                                           \
    F(embed, k8s_object_meta, metadata, "metadata", 0)                                             \
    F(embed, k8s_subject_access_review_spec, spec, "spec", JSON_ALWAYS)                            \
    F(embed, k8s_subject_access_review_status, status, "status", 0)
JSON_STRUCT(k8s_subject_access_review, K8S_SUBJECT_ACCESS_REVIEW_FIELDS);
