/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/secret.h"

JSON_TYPE(k8s_secret, K8S_SECRET_FIELDS);
