/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pod.h - Pod, core/v1 as of Kubernetes 1.37, every field.
 */
#pragma once

#include "k8s/pod_spec.h"
#include "k8s/pod_status.h"

#define K8S_POD_FIELDS(F)                                                                          \
    F(value, const char *, kind, "kind", 0)                                                        \
    F(value, const char *, api_version, "apiVersion", 0)                                           \
    F(embed, k8s_object_meta, metadata, "metadata", 0)                                             \
    F(embed, k8s_pod_spec, spec, "spec", 0)                                                        \
    F(embed, k8s_pod_status, status, "status", 0)
JSON_STRUCT(k8s_pod, K8S_POD_FIELDS);
