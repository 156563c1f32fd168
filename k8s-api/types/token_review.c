/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/token_review.h"

JSON_TYPE(k8s_token_review_spec, K8S_TOKEN_REVIEW_SPEC_FIELDS);
JSON_TYPE(k8s_user_info, K8S_USER_INFO_FIELDS);
JSON_TYPE(k8s_token_review_status, K8S_TOKEN_REVIEW_STATUS_FIELDS);
JSON_TYPE(k8s_token_review, K8S_TOKEN_REVIEW_FIELDS);
