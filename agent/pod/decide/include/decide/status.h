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
/* PodScheduled, Initialized, Ready …: those that the agent sets. */
bool condition_is_ours(const char *type);
/* s without what others write into a pod's status: their conditions, claims, nominations. A patch is made of the
 * difference of two of these, so that it never touches what is not ours. Shallow, in the arena; NULL: it is full. */
const struct k8s_pod_status *pod_status_ours(const struct k8s_pod_status *s, struct arena *arena);
/* Whether the object still says what was told: phase and our conditions. */
bool pod_status_agrees(const struct k8s_pod_status *told, const struct k8s_pod_status *object);
/* Does b tell something that somebody waits for and a does not? Else it may wait for what comes next. */
bool pod_status_is_news(const struct k8s_pod_status *a, const struct k8s_pod_status *b);
bool pod_status_equal(const struct k8s_pod_status *a, const struct k8s_pod_status *b);
