/* SPDX-License-Identifier: Apache-2.0 */
/*
 * field.h - the downward API: fields of a pod and its containers' resources as text. Pure.
 * Spec: kubernetes.io, "Downward API".
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "k8s/pod.h"

/* What a pod's object does not say. Borrowed. */
struct pod_facts {
    const char *node_name;
    const char *const *host_ips;
    size_t host_ips_len;
    const char *const *pod_ips;
    size_t pod_ips_len;
    const struct k8s_resource_list *node_allocatable; /* limits of containers that set none */
};

/* fieldPath: "metadata.labels['app']", "status.podIP", …; with in_volume also "metadata.labels" and
 * "metadata.annotations" as lines of key="value". The text lies in the arena.
 * -EINVAL: `unsupported fieldPath: x`. */
int field_value(const struct k8s_pod *pod, const struct pod_facts *facts, const char *path, bool in_volume,
                struct arena *arena, const char **ret, struct err *err);

/* limits.cpu, requests.memory, … divided by the divisor, rounded up. container: the one that asks; a
 * selector with a containerName means that one. */
int resource_value(const struct k8s_pod *pod, const struct k8s_container *container, const struct pod_facts *facts,
                   const struct k8s_resource_field_selector *selector, struct arena *arena, const char **ret,
                   struct err *err);
