/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.h - what to do next for one pod.
 *
 * Nothing is remembered between two looks but the record: the plan is a function of what is wanted, what is
 * known and what is there. Calling it again without doing anything gives the same plan; doing what it says,
 * in any order and with any of it failing, leads to a pod that runs, or that is gone.
 */
#pragma once

#include "decide/observed.h"

/* Where a pod stands: derived, never stored. */
enum pod_stage {
    STAGE_UNKNOWN,  /* the runtime or a source has not told everything yet: nothing may be concluded */
    STAGE_WAITING,  /* it asks for something that is not supported: says so and waits */
    STAGE_ACTIVE,   /* containers are to be started, restarted, kept */
    STAGE_STOPPING, /* containers still run that must not */
    STAGE_CLEANING, /* nothing runs, nothing will: sandbox, volumes, containers go */
    STAGE_REPORTING,/* all is gone; the end is reported and the object deleted */
    STAGE_OVER,     /* the object is gone as well: the record goes */
    STAGE_FINISHED, /* all is gone; the object stays until somebody deletes it */
    STAGE_NR,
};
const char *stage_name(enum pod_stage stage);
enum pod_stage pod_stage(const struct k8s_pod *pod, const struct pod_record *r, const struct pod_observed *seen);

struct pod_plan {
    struct pod_action *actions; /* heap; strings borrowed from the arguments */
    size_t len, cap;
    int64_t wake_boot_ns; /* look again then even if nothing happens; 0: no need */
};
void pod_plan_done(struct pod_plan *p);
DEFINE_CLEANUP_DONE(struct pod_plan, pod_plan_done)

/*
 * pod: NULL for an orphan, whose object is unknown. ret_plan: filled, the caller ends it. Pure.
 */
void pod_plan(const struct k8s_pod *pod, const struct pod_record *r, const struct pod_observed *seen,
              const struct pod_policy *policy, const struct now *now, struct pod_plan *ret_plan);
