/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.h - what the cluster is told about one pod. Pure.
 */
#pragma once

#include "decide/observed.h"

/* The phase that follows from the containers alone (kubernetes.io, "Pod phase"); the record's terminal phase and
 * the reasons for stopping win in pod_status(). */
enum pod_phase pod_phase_derive(const struct k8s_pod *pod, const struct pod_record *r, bool will_not_restart);

/* The whole status, in the arena; the record must be fresh (note_seen). Conditions of others are kept as the
 * object has them. NULL when the arena is full. */
struct k8s_pod_status *pod_status(const struct k8s_pod *pod, const struct pod_record *r,
                                  const struct pod_observed *seen, const struct pod_policy *policy,
                                  const struct now *now, struct arena *arena);
bool pod_status_equal(const struct k8s_pod_status *a, const struct k8s_pod_status *b);
