/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret.h - Secret, core/v1.
 */
#pragma once

#include "k8s/meta.h"

#define K8S_SECRET_FIELDS(F)                                                                       \
    F(value, const char *, kind, "kind", 0)                                                        \
    F(value, const char *, api_version, "apiVersion", 0)                                           \
    F(embed, k8s_object_meta, metadata, "metadata", 0)                                             \
    F(value, struct opt_bool, immutable, "immutable", 0)                                           \
    F(value, struct json_bytes_map, data, "data", 0)                                               \
    F(value, struct json_map, string_data, "stringData", 0)                                        \
    F(value, const char *, type, "type", 0)
JSON_STRUCT(k8s_secret, K8S_SECRET_FIELDS);
