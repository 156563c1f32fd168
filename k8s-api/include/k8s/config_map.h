/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_map.h - ConfigMap, core/v1.
 */
#pragma once

#include "k8s/meta.h"

#define K8S_CONFIG_MAP_FIELDS(F)                                                                   \
    F(value, const char *, kind, "kind", 0)                                                        \
    F(value, const char *, api_version, "apiVersion", 0)                                           \
    F(embed, k8s_object_meta, metadata, "metadata", 0)                                             \
    F(value, struct opt_bool, immutable, "immutable", 0)                                           \
    F(value, struct json_map, data, "data", 0)                                                     \
    F(value, struct json_bytes_map, binary_data, "binaryData", 0)
JSON_STRUCT(k8s_config_map, K8S_CONFIG_MAP_FIELDS);
