/* SPDX-License-Identifier: Apache-2.0 */
/* planner.h - what the parts of the plan share. Private to decide/. */
#pragma once

#include "decide/plan.h"
#include "situation.h"

/* How far a container is that others come behind. */
enum progress { PROGRESS_NONE, PROGRESS_BEING_MADE, PROGRESS_PAST /* started, or it was tried and failed */ };

struct planner {
    const struct k8s_pod *pod;
    const struct pod_record *r;
    const struct pod_observed *seen;
    const struct pod_policy *policy;
    const struct now *now;
    const struct seen_sandbox *sandbox; /* where containers are started; NULL: none */
    bool wants_sandbox;
    enum progress before; /* the least of the containers that the one at hand comes behind */
    struct pod_plan *plan;
};
void planner_wake_at(struct planner *p, int64_t boot_ns);
void planner_add(struct planner *p, struct pod_action action);
/* Whether a thing that failed before may be tried now; if not, it wakes when it may. */
bool planner_may_try(struct planner *p, const struct retry *retry);

/* plan_stop.c */
void plan_stopping(struct planner *p);
void plan_cleaning(struct planner *p);
void plan_reporting(struct planner *p);
void plan_over(struct planner *p);
void plan_stop_container(struct planner *p, const struct container_record *c,
                         const struct seen_container *seen, int64_t grace_ms);
void plan_remove_container(struct planner *p,
                           const struct seen_container *seen); /* once the record is saved */
void plan_discard_sandboxes(struct planner *p, const struct seen_sandbox *keep);

/* plan_active.c */
void plan_active(struct planner *p);
