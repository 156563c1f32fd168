/* SPDX-License-Identifier: Apache-2.0 */
/*
 * note.h - the only functions that change a record. Pure but for the record they are given.
 *
 * They fold into it, in the order in which things happen: what is seen, that an action begins, how it ended,
 * which status was computed. Events are appended to events; NULL where a caller wants none.
 */
#pragma once

#include "decide/observed.h"

/* Folds in what is there and where the pod stands. pod: NULL when no object is known (an orphan). To be called
 * before pod_plan() and pod_status(), each time. */
void note_seen(struct pod_record *r, const struct k8s_pod *pod, const struct pod_observed *seen,
               const struct pod_policy *policy, const struct now *now, struct pod_events *events);

/* The action is going to be started. */
void note_begin(struct pod_record *r, const struct k8s_pod *pod, const struct pod_action *a,
                const struct pod_policy *policy, const struct now *now, struct pod_events *events);

/* It has ended; result strings are borrowed. */
void note_end(struct pod_record *r, const struct k8s_pod *pod, const struct pod_result *result,
              const struct pod_policy *policy, const struct now *now, struct pod_events *events);

/* The verdict of admission; reason NULL: admitted. Once only. */
void note_verdict(struct pod_record *r, const char *reason, const char *message);

/* What the pod asks for and does not get (unsupported.h); NULL: nothing. */
void note_unsupported(struct pod_record *r, const char *message);

/* The node wants the pod gone: phase Failed with this reason. grace_ms as the eviction allows. */
void note_eviction(struct pod_record *r, const char *reason, const char *message, int64_t grace_ms,
                   const struct now *now);

/* status was computed (and is going to be reported): phase, addresses, conditions with their times. */
void note_status(struct pod_record *r, const struct k8s_pod_status *status);
