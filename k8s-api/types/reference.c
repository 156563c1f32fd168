/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/reference.h"

JSON_TYPE(k8s_object_reference, K8S_OBJECT_REFERENCE_FIELDS);
JSON_TYPE(k8s_local_object_reference, K8S_LOCAL_OBJECT_REFERENCE_FIELDS);
JSON_TYPE(k8s_typed_local_object_reference, K8S_TYPED_LOCAL_OBJECT_REFERENCE_FIELDS);
JSON_TYPE(k8s_typed_object_reference, K8S_TYPED_OBJECT_REFERENCE_FIELDS);
