/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/token_request.h"

JSON_TYPE(k8s_bound_object_reference, K8S_BOUND_OBJECT_REFERENCE_FIELDS);
JSON_TYPE(k8s_token_request_spec, K8S_TOKEN_REQUEST_SPEC_FIELDS);
JSON_TYPE(k8s_token_request_status, K8S_TOKEN_REQUEST_STATUS_FIELDS);
JSON_TYPE(k8s_token_request, K8S_TOKEN_REQUEST_FIELDS);
