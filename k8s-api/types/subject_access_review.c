/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/subject_access_review.h"

JSON_TYPE(k8s_field_selector_attributes, K8S_FIELD_SELECTOR_ATTRIBUTES_FIELDS);
JSON_TYPE(k8s_label_selector_attributes, K8S_LABEL_SELECTOR_ATTRIBUTES_FIELDS);
JSON_TYPE(k8s_resource_attributes, K8S_RESOURCE_ATTRIBUTES_FIELDS);
JSON_TYPE(k8s_non_resource_attributes, K8S_NON_RESOURCE_ATTRIBUTES_FIELDS);
JSON_TYPE(k8s_subject_access_review_spec, K8S_SUBJECT_ACCESS_REVIEW_SPEC_FIELDS);
JSON_TYPE(k8s_subject_access_review_status, K8S_SUBJECT_ACCESS_REVIEW_STATUS_FIELDS);
JSON_TYPE(k8s_subject_access_review, K8S_SUBJECT_ACCESS_REVIEW_FIELDS);
