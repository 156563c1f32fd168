/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kubeconfig_fields.h - the kubeconfig file as tables.
 * Spec: kubernetes.io, "kubeconfig (v1)". Fields of category "value" with struct json_raw are known in order to be refused.
 */
#pragma once

#include "base/json.h"

#define KUBECONFIG_CLUSTER_FIELDS(F)                                             \
    F(value, const char *, server, "server", 0)                                  \
    F(value, const char *, tls_server_name, "tls-server-name", 0)                \
    F(value, bool, insecure, "insecure-skip-tls-verify", 0)                      \
    F(value, const char *, ca_file, "certificate-authority", 0)                  \
    F(value, struct json_bytes, ca_data, "certificate-authority-data", 0)        \
    F(value, const char *, proxy_url, "proxy-url", 0)                            \
    F(value, bool, disable_compression, "disable-compression", 0)                \
    F(ignored, json_any, extensions, "extensions", 0)
JSON_STRUCT(kubeconfig_cluster, KUBECONFIG_CLUSTER_FIELDS);

#define KUBECONFIG_NAMED_CLUSTER_FIELDS(F)      \
    F(value, const char *, name, "name", 0)     \
    F(embed, kubeconfig_cluster, cluster, "cluster", 0)
JSON_STRUCT(kubeconfig_named_cluster, KUBECONFIG_NAMED_CLUSTER_FIELDS);

#define KUBECONFIG_USER_FIELDS(F)                                              \
    F(value, const char *, cert_file, "client-certificate", 0)                 \
    F(value, struct json_bytes, cert_data, "client-certificate-data", 0)       \
    F(value, const char *, key_file, "client-key", 0)                          \
    F(value, struct json_bytes, key_data, "client-key-data", 0)                \
    F(value, const char *, token, "token", 0)                                  \
    F(value, const char *, token_file, "tokenFile", 0)                         \
    F(value, struct json_raw, as, "as", 0)                                     \
    F(value, struct json_raw, as_uid, "as-uid", 0)                             \
    F(value, struct json_raw, as_groups, "as-groups", 0)                       \
    F(value, struct json_raw, as_user_extra, "as-user-extra", 0)               \
    F(value, struct json_raw, username, "username", 0)                         \
    F(value, struct json_raw, password, "password", 0)                         \
    F(value, struct json_raw, auth_provider, "auth-provider", 0)               \
    F(value, struct json_raw, exec, "exec", 0)                                 \
    F(ignored, json_any, extensions, "extensions", 0)
JSON_STRUCT(kubeconfig_user, KUBECONFIG_USER_FIELDS);

#define KUBECONFIG_NAMED_USER_FIELDS(F)         \
    F(value, const char *, name, "name", 0)     \
    F(embed, kubeconfig_user, user, "user", 0)
JSON_STRUCT(kubeconfig_named_user, KUBECONFIG_NAMED_USER_FIELDS);

#define KUBECONFIG_CONTEXT_FIELDS(F)                      \
    F(value, const char *, cluster, "cluster", 0)         \
    F(value, const char *, user, "user", 0)               \
    F(value, const char *, namespace, "namespace", 0)     \
    F(ignored, json_any, extensions, "extensions", 0)
JSON_STRUCT(kubeconfig_context, KUBECONFIG_CONTEXT_FIELDS);

#define KUBECONFIG_NAMED_CONTEXT_FIELDS(F)      \
    F(value, const char *, name, "name", 0)     \
    F(embed, kubeconfig_context, context, "context", 0)
JSON_STRUCT(kubeconfig_named_context, KUBECONFIG_NAMED_CONTEXT_FIELDS);

#define KUBECONFIG_FIELDS(F)                                      \
    F(value, const char *, api_version, "apiVersion", 0)          \
    F(value, const char *, kind, "kind", 0)                       \
    F(value, const char *, current_context, "current-context", 0) \
    F(objects, kubeconfig_named_cluster, clusters, "clusters", 0) \
    F(objects, kubeconfig_named_user, users, "users", 0)          \
    F(objects, kubeconfig_named_context, contexts, "contexts", 0) \
    F(ignored, json_any, preferences, "preferences", 0)           \
    F(ignored, json_any, extensions, "extensions", 0)
JSON_STRUCT(kubeconfig, KUBECONFIG_FIELDS);
