/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resources.h - the arithmetic of requests and limits.
 * Spec: kubernetes.io, "Resource Management for Pods and Containers", "Pod Quality of Service Classes",
 * "Sidecar Containers" (effective requests). Pure.
 */
#pragma once

#include <stdint.h>

#include "decide/containers.h"

enum qos { QOS_GUARANTEED, QOS_BURSTABLE, QOS_BEST_EFFORT, QOS_NR };
enum qos pod_qos(const struct k8s_pod *pod);
const char *qos_name(enum qos q); /* "BestEffort" */

/* Resources of one container or of the whole pod's cgroup, ready for the kernel. */
struct compute {
    uint64_t cpu_shares;
    int64_t cpu_quota_us; /* -1: unlimited */
    uint64_t cpu_period_us;
    int64_t memory_bytes; /* -1: unlimited */
    int oom_score_adj;
};
struct compute_facts {
    int64_t memory_capacity_bytes; /* of the node */
    int64_t cpu_period_us;         /* 0: 100 ms */
    bool no_cpu_quota;             /* cpuCFSQuota is off */
};
struct compute container_compute(const struct k8s_pod *pod, const struct container_ref *c,
                                 const struct compute_facts *facts);
/* A limit holds for the pod only if every container has one. */
struct compute pod_compute(const struct k8s_pod *pod, const struct compute_facts *facts);

/* What the pod takes of a resource: the larger of what its init containers need one after the other, beside the
 * sidecars before them, and what sidecars and main containers need together; plus the overhead. CPU in
 * thousandths, all else in whole units. */
int64_t pod_request(const struct k8s_pod *pod, const char *resource);
/* One container's; a missing request is its limit. */
int64_t container_request(const struct k8s_container *c, const char *resource);
int64_t container_limit(const struct k8s_container *c, const char *resource); /* 0: none */

uint64_t cpu_shares_from_milli(int64_t milli);
int64_t cpu_quota_from_milli(int64_t milli, int64_t period_us); /* -1 for 0 */
