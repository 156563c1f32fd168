/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/lease.h"

JSON_TYPE(k8s_lease_spec, K8S_LEASE_SPEC_FIELDS);
JSON_TYPE(k8s_lease, K8S_LEASE_FIELDS);
