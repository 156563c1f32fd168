/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/certificate_signing_request.h"

JSON_TYPE(k8s_certificate_signing_request_spec, K8S_CERTIFICATE_SIGNING_REQUEST_SPEC_FIELDS);
JSON_TYPE(k8s_certificate_signing_request_condition,
          K8S_CERTIFICATE_SIGNING_REQUEST_CONDITION_FIELDS);
JSON_TYPE(k8s_certificate_signing_request_status, K8S_CERTIFICATE_SIGNING_REQUEST_STATUS_FIELDS);
JSON_TYPE(k8s_certificate_signing_request, K8S_CERTIFICATE_SIGNING_REQUEST_FIELDS);
