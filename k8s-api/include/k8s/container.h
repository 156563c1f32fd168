/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container.h - a container of a pod: its process, environment, probes, hooks, resources and
 * rights.
 */
#pragma once

#include "k8s/int_or_string.h"
#include "k8s/quantity.h"

#define K8S_CONTAINER_PORT_FIELDS(F)                                                               \
    F(value, const char *, name, "name", 0)                                                        \
    F(value, int32_t, host_port, "hostPort", 0)                                                    \
    F(value, int32_t, container_port, "containerPort", JSON_ALWAYS)                                \
    F(value, const char *, protocol, "protocol", 0)                                                \
    F(value, const char *, host_ip, "hostIP", 0)
JSON_STRUCT(k8s_container_port, K8S_CONTAINER_PORT_FIELDS);

#define K8S_CONFIG_MAP_ENV_SOURCE_FIELDS(F)                                                        \
    F(value, const char *, name, "name", 0)                                                        \
    F(value, struct opt_bool, optional, "optional", 0)
JSON_STRUCT(k8s_config_map_env_source, K8S_CONFIG_MAP_ENV_SOURCE_FIELDS);

#define K8S_SECRET_ENV_SOURCE_FIELDS(F)                                                            \
    F(value, const char *, name, "name", 0)                                                        \
    F(value, struct opt_bool, optional, "optional", 0)
JSON_STRUCT(k8s_secret_env_source, K8S_SECRET_ENV_SOURCE_FIELDS);

#define K8S_ENV_FROM_SOURCE_FIELDS(F)                                                              \
    F(value, const char *, prefix, "prefix", 0)                                                    \
    F(object, k8s_config_map_env_source, config_map_ref, "configMapRef", 0)                        \
    F(object, k8s_secret_env_source, secret_ref, "secretRef", 0)
JSON_STRUCT(k8s_env_from_source, K8S_ENV_FROM_SOURCE_FIELDS);

#define K8S_OBJECT_FIELD_SELECTOR_FIELDS(F)                                                        \
    F(value, const char *, api_version, "apiVersion", 0)                                           \
    F(value, const char *, field_path, "fieldPath", JSON_ALWAYS)
JSON_STRUCT(k8s_object_field_selector, K8S_OBJECT_FIELD_SELECTOR_FIELDS);

#define K8S_RESOURCE_FIELD_SELECTOR_FIELDS(F)                                                      \
    F(value, const char *, container_name, "containerName", 0)                                     \
    F(value, const char *, resource, "resource", JSON_ALWAYS)                                      \
    F(embed, k8s_quantity, divisor, "divisor", 0)
JSON_STRUCT(k8s_resource_field_selector, K8S_RESOURCE_FIELD_SELECTOR_FIELDS);

#define K8S_CONFIG_MAP_KEY_SELECTOR_FIELDS(F)                                                      \
    F(value, const char *, name, "name", 0)                                                        \
    F(value, const char *, key, "key", JSON_ALWAYS)                                                \
    F(value, struct opt_bool, optional, "optional", 0)
JSON_STRUCT(k8s_config_map_key_selector, K8S_CONFIG_MAP_KEY_SELECTOR_FIELDS);

#define K8S_SECRET_KEY_SELECTOR_FIELDS(F)                                                          \
    F(value, const char *, name, "name", 0)                                                        \
    F(value, const char *, key, "key", JSON_ALWAYS)                                                \
    F(value, struct opt_bool, optional, "optional", 0)
JSON_STRUCT(k8s_secret_key_selector, K8S_SECRET_KEY_SELECTOR_FIELDS);

#define K8S_FILE_KEY_SELECTOR_FIELDS(F)                                                            \
    F(value, const char *, volume_name, "volumeName", JSON_ALWAYS)                                 \
    F(value, const char *, path, "path", JSON_ALWAYS)                                              \
    F(value, const char *, key, "key", JSON_ALWAYS)                                                \
    F(value, struct opt_bool, optional, "optional", 0)
JSON_STRUCT(k8s_file_key_selector, K8S_FILE_KEY_SELECTOR_FIELDS);

#define K8S_ENV_VAR_SOURCE_FIELDS(F)                                                               \
    F(object, k8s_object_field_selector, field_ref, "fieldRef", 0)                                 \
    F(object, k8s_resource_field_selector, resource_field_ref, "resourceFieldRef", 0)              \
    F(object, k8s_config_map_key_selector, config_map_key_ref, "configMapKeyRef", 0)               \
    F(object, k8s_secret_key_selector, secret_key_ref, "secretKeyRef", 0)                          \
    F(object, k8s_file_key_selector, file_key_ref, "fileKeyRef", 0)
JSON_STRUCT(k8s_env_var_source, K8S_ENV_VAR_SOURCE_FIELDS);

#define K8S_ENV_VAR_FIELDS(F)                                                                      \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(value, const char *, value, "value", 0)                                                      \
    F(object, k8s_env_var_source, value_from, "valueFrom", 0)
JSON_STRUCT(k8s_env_var, K8S_ENV_VAR_FIELDS);

#define K8S_RESOURCE_CLAIM_FIELDS(F)                                                               \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(value, const char *, request, "request", 0)
JSON_STRUCT(k8s_resource_claim, K8S_RESOURCE_CLAIM_FIELDS);

#define K8S_RESOURCE_REQUIREMENTS_FIELDS(F)                                                        \
    F(embed, k8s_resource_list, limits, "limits", 0)                                               \
    F(embed, k8s_resource_list, requests, "requests", 0)                                           \
    F(objects, k8s_resource_claim, claims, "claims", 0)
JSON_STRUCT(k8s_resource_requirements, K8S_RESOURCE_REQUIREMENTS_FIELDS);

#define K8S_CONTAINER_RESIZE_POLICY_FIELDS(F)                                                      \
    F(value, const char *, resource_name, "resourceName", JSON_ALWAYS)                             \
    F(value, const char *, restart_policy, "restartPolicy", JSON_ALWAYS)
JSON_STRUCT(k8s_container_resize_policy, K8S_CONTAINER_RESIZE_POLICY_FIELDS);

#define K8S_CONTAINER_RESTART_RULE_ON_EXIT_CODES_FIELDS(F)                                         \
    F(value, const char *, operator, "operator", 0)                                                \
    F(values, int32_t, values, "values", 0)
JSON_STRUCT(k8s_container_restart_rule_on_exit_codes,
            K8S_CONTAINER_RESTART_RULE_ON_EXIT_CODES_FIELDS);

#define K8S_CONTAINER_RESTART_RULE_FIELDS(F)                                                       \
    F(value, const char *, action, "action", 0)                                                    \
    F(object, k8s_container_restart_rule_on_exit_codes, exit_codes, "exitCodes", 0)
JSON_STRUCT(k8s_container_restart_rule, K8S_CONTAINER_RESTART_RULE_FIELDS);

#define K8S_VOLUME_MOUNT_FIELDS(F)                                                                 \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(value, bool, read_only, "readOnly", 0)                                                       \
    F(value, const char *, recursive_read_only, "recursiveReadOnly", 0)                            \
    F(value, const char *, mount_path, "mountPath", JSON_ALWAYS)                                   \
    F(value, const char *, sub_path, "subPath", 0)                                                 \
    F(value, const char *, mount_propagation, "mountPropagation", 0)                               \
    F(value, const char *, sub_path_expr, "subPathExpr", 0)                                        \
    F(values, const char *, bind_mount_options, "bindMountOptions", 0)
JSON_STRUCT(k8s_volume_mount, K8S_VOLUME_MOUNT_FIELDS);

#define K8S_VOLUME_DEVICE_FIELDS(F)                                                                \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(value, const char *, device_path, "devicePath", JSON_ALWAYS)
JSON_STRUCT(k8s_volume_device, K8S_VOLUME_DEVICE_FIELDS);

#define K8S_EXEC_ACTION_FIELDS(F) F(values, const char *, command, "command", 0)
JSON_STRUCT(k8s_exec_action, K8S_EXEC_ACTION_FIELDS);

#define K8S_HTTP_HEADER_FIELDS(F)                                                                  \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(value, const char *, value, "value", JSON_ALWAYS)
JSON_STRUCT(k8s_http_header, K8S_HTTP_HEADER_FIELDS);

#define K8S_HTTP_GET_ACTION_FIELDS(F)                                                              \
    F(value, const char *, path, "path", 0)                                                        \
    F(embed, k8s_int_or_string, port, "port", JSON_ALWAYS)                                         \
    F(value, const char *, host, "host", 0)                                                        \
    F(value, const char *, scheme, "scheme", 0)                                                    \
    F(objects, k8s_http_header, http_headers, "httpHeaders", 0)                                    \
    F(value, const char *, protocol, "protocol", 0)
JSON_STRUCT(k8s_http_get_action, K8S_HTTP_GET_ACTION_FIELDS);

#define K8S_TCP_SOCKET_ACTION_FIELDS(F)                                                            \
    F(embed, k8s_int_or_string, port, "port", JSON_ALWAYS)                                         \
    F(value, const char *, host, "host", 0)
JSON_STRUCT(k8s_tcp_socket_action, K8S_TCP_SOCKET_ACTION_FIELDS);

#define K8S_GRPC_ACTION_FIELDS(F)                                                                  \
    F(value, int32_t, port, "port", JSON_ALWAYS)                                                   \
    F(value, const char *, service, "service", JSON_ALWAYS)                                        \
    F(value, const char *, mode, "mode", 0)
JSON_STRUCT(k8s_grpc_action, K8S_GRPC_ACTION_FIELDS);

#define K8S_PROBE_FIELDS(F)                                                                        \
    F(object, k8s_exec_action, exec, "exec", 0)                                                    \
    F(object, k8s_http_get_action, http_get, "httpGet", 0)                                         \
    F(object, k8s_tcp_socket_action, tcp_socket, "tcpSocket", 0)                                   \
    F(object, k8s_grpc_action, grpc, "grpc", 0)                                                    \
    F(value, int32_t, initial_delay_seconds, "initialDelaySeconds", 0)                             \
    F(value, int32_t, timeout_seconds, "timeoutSeconds", 0)                                        \
    F(value, int32_t, period_seconds, "periodSeconds", 0)                                          \
    F(value, int32_t, success_threshold, "successThreshold", 0)                                    \
    F(value, int32_t, failure_threshold, "failureThreshold", 0)                                    \
    F(value, struct opt_i64, termination_grace_period_seconds, "terminationGracePeriodSeconds", 0)
JSON_STRUCT(k8s_probe, K8S_PROBE_FIELDS);

#define K8S_SLEEP_ACTION_FIELDS(F) F(value, int64_t, seconds, "seconds", JSON_ALWAYS)
JSON_STRUCT(k8s_sleep_action, K8S_SLEEP_ACTION_FIELDS);

#define K8S_LIFECYCLE_HANDLER_FIELDS(F)                                                            \
    F(object, k8s_exec_action, exec, "exec", 0)                                                    \
    F(object, k8s_http_get_action, http_get, "httpGet", 0)                                         \
    F(object, k8s_tcp_socket_action, tcp_socket, "tcpSocket", 0)                                   \
    F(object, k8s_sleep_action, sleep, "sleep", 0)
JSON_STRUCT(k8s_lifecycle_handler, K8S_LIFECYCLE_HANDLER_FIELDS);

#define K8S_LIFECYCLE_FIELDS(F)                                                                    \
    F(object, k8s_lifecycle_handler, post_start, "postStart", 0)                                   \
    F(object, k8s_lifecycle_handler, pre_stop, "preStop", 0)                                       \
    F(value, const char *, stop_signal, "stopSignal", 0)
JSON_STRUCT(k8s_lifecycle, K8S_LIFECYCLE_FIELDS);

#define K8S_CAPABILITIES_FIELDS(F)                                                                 \
    F(values, const char *, add, "add", 0)                                                         \
    F(values, const char *, drop, "drop", 0)
JSON_STRUCT(k8s_capabilities, K8S_CAPABILITIES_FIELDS);

#define K8S_SE_LINUX_OPTIONS_FIELDS(F)                                                             \
    F(value, const char *, user, "user", 0)                                                        \
    F(value, const char *, role, "role", 0)                                                        \
    F(value, const char *, type, "type", 0)                                                        \
    F(value, const char *, level, "level", 0)
JSON_STRUCT(k8s_se_linux_options, K8S_SE_LINUX_OPTIONS_FIELDS);

#define K8S_WINDOWS_SECURITY_CONTEXT_OPTIONS_FIELDS(F)                                             \
    F(value, const char *, gmsa_credential_spec_name, "gmsaCredentialSpecName", 0)                 \
    F(value, const char *, gmsa_credential_spec, "gmsaCredentialSpec", 0)                          \
    F(value, const char *, run_as_user_name, "runAsUserName", 0)                                   \
    F(value, struct opt_bool, host_process, "hostProcess", 0)
JSON_STRUCT(k8s_windows_security_context_options, K8S_WINDOWS_SECURITY_CONTEXT_OPTIONS_FIELDS);

#define K8S_SECCOMP_PROFILE_FIELDS(F)                                                              \
    F(value, const char *, type, "type", JSON_ALWAYS)                                              \
    F(value, const char *, localhost_profile, "localhostProfile", 0)
JSON_STRUCT(k8s_seccomp_profile, K8S_SECCOMP_PROFILE_FIELDS);

#define K8S_APP_ARMOR_PROFILE_FIELDS(F)                                                            \
    F(value, const char *, type, "type", JSON_ALWAYS)                                              \
    F(value, const char *, localhost_profile, "localhostProfile", 0)
JSON_STRUCT(k8s_app_armor_profile, K8S_APP_ARMOR_PROFILE_FIELDS);

#define K8S_SECURITY_CONTEXT_FIELDS(F)                                                             \
    F(object, k8s_capabilities, capabilities, "capabilities", 0)                                   \
    F(value, struct opt_bool, privileged, "privileged", 0)                                         \
    F(object, k8s_se_linux_options, se_linux_options, "seLinuxOptions", 0)                         \
    F(object, k8s_windows_security_context_options, windows_options, "windowsOptions", 0)          \
    F(value, struct opt_i64, run_as_user, "runAsUser", 0)                                          \
    F(value, struct opt_i64, run_as_group, "runAsGroup", 0)                                        \
    F(value, struct opt_bool, run_as_non_root, "runAsNonRoot", 0)                                  \
    F(value, struct opt_bool, read_only_root_filesystem, "readOnlyRootFilesystem", 0)              \
    F(value, struct opt_bool, allow_privilege_escalation, "allowPrivilegeEscalation", 0)           \
    F(value, const char *, proc_mount, "procMount", 0)                                             \
    F(object, k8s_seccomp_profile, seccomp_profile, "seccompProfile", 0)                           \
    F(object, k8s_app_armor_profile, app_armor_profile, "appArmorProfile", 0)
JSON_STRUCT(k8s_security_context, K8S_SECURITY_CONTEXT_FIELDS);

#define K8S_CONTAINER_FIELDS(F)                                                                    \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(value, const char *, image, "image", 0)                                                      \
    F(values, const char *, command, "command", 0)                                                 \
    F(values, const char *, args, "args", 0)                                                       \
    F(value, const char *, working_dir, "workingDir", 0)                                           \
    F(objects, k8s_container_port, ports, "ports", 0)                                              \
    F(objects, k8s_env_from_source, env_from, "envFrom", 0)                                        \
    F(objects, k8s_env_var, env, "env", 0)                                                         \
    F(embed, k8s_resource_requirements, resources, "resources", 0)                                 \
    F(objects, k8s_container_resize_policy, resize_policy, "resizePolicy", 0)                      \
    F(value, const char *, restart_policy, "restartPolicy", 0)                                     \
    F(objects, k8s_container_restart_rule, restart_policy_rules, "restartPolicyRules", 0)          \
    F(objects, k8s_volume_mount, volume_mounts, "volumeMounts", 0)                                 \
    F(objects, k8s_volume_device, volume_devices, "volumeDevices", 0)                              \
    F(object, k8s_probe, liveness_probe, "livenessProbe", 0)                                       \
    F(object, k8s_probe, readiness_probe, "readinessProbe", 0)                                     \
    F(object, k8s_probe, startup_probe, "startupProbe", 0)                                         \
    F(object, k8s_lifecycle, lifecycle, "lifecycle", 0)                                            \
    F(value, const char *, termination_message_path, "terminationMessagePath", 0)                  \
    F(value, const char *, termination_message_policy, "terminationMessagePolicy", 0)              \
    F(value, const char *, image_pull_policy, "imagePullPolicy", 0)                                \
    F(object, k8s_security_context, security_context, "securityContext", 0)                        \
    F(value, bool, stdin, "stdin", 0)                                                              \
    F(value, bool, stdin_once, "stdinOnce", 0)                                                     \
    F(value, bool, tty, "tty", 0)
JSON_STRUCT(k8s_container, K8S_CONTAINER_FIELDS);

#define K8S_EPHEMERAL_CONTAINER_FIELDS(F)                                                          \
    F(inline, k8s_container, container, "", 0)                                                     \
    F(value, const char *, target_container_name, "targetContainerName", 0)
JSON_STRUCT(k8s_ephemeral_container, K8S_EPHEMERAL_CONTAINER_FIELDS);
