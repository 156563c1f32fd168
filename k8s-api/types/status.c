/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/status.h"

JSON_TYPE(k8s_status_cause, K8S_STATUS_CAUSE_FIELDS);
JSON_TYPE(k8s_status_details, K8S_STATUS_DETAILS_FIELDS);
JSON_TYPE(k8s_status, K8S_STATUS_FIELDS);
