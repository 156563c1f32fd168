/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/runtime_class.h"

JSON_TYPE(k8s_runtime_class_overhead, K8S_RUNTIME_CLASS_OVERHEAD_FIELDS);
JSON_TYPE(k8s_runtime_class_scheduling, K8S_RUNTIME_CLASS_SCHEDULING_FIELDS);
JSON_TYPE(k8s_runtime_class, K8S_RUNTIME_CLASS_FIELDS);
