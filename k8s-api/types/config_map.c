/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/config_map.h"

JSON_TYPE(k8s_config_map, K8S_CONFIG_MAP_FIELDS);
