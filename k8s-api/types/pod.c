/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/pod.h"

JSON_TYPE(k8s_pod, K8S_POD_FIELDS);
