/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan of one pod.
 *
 *   stage (derived)      what is planned
 *   ACTIVE               sandbox, volumes and each container by its situation (plan_active.c); images need no sandbox
 *   STOPPING             stop what runs: main containers together, then sidecars in reverse order
 *   CLEANING             sandbox stopped, containers removed, volumes torn down, sandbox removed, folders removed
 *   REPORTING            once the end has been reported, the object is deleted
 *   OVER                 the record is forgotten
 *
 * Nothing is made in folders before the record is on disk (live.on_disk), and nothing is removed from the runtime
 * before what it told is (live.saved), unless the pod is to go and the disk takes nothing (live.save_failed).
 */
#include "decide/plan.h"

#include "base/mem.h"
#include "decide/backoff.h"
#include "planner.h"

const char *stage_name(enum pod_stage stage)
{
    static const char *const names[STAGE_NR] = {
        [STAGE_UNKNOWN] = "unknown",   [STAGE_WAITING] = "waiting",
        [STAGE_ACTIVE] = "active",     [STAGE_STOPPING] = "stopping",
        [STAGE_CLEANING] = "cleaning", [STAGE_REPORTING] = "reporting",
        [STAGE_OVER] = "over",         [STAGE_FINISHED] = "finished",
    };
    return names[stage];
}

static bool is_wanted(const struct pod_observed *seen)
{
    return seen->in_source || !seen->sources_ready;
}

static bool something_is_left(const struct pod_record *r, const struct pod_observed *seen)
{
    return seen->sandboxes_len || seen->containers_len || r->volumes_made || r->remains_made ||
           lane_is_busy(r);
}

enum pod_stage pod_stage(const struct k8s_pod *pod, const struct pod_record *r,
                         const struct pod_observed *seen)
{
    if (!seen->listed || (!pod && !seen->sources_ready))
        return STAGE_UNKNOWN;
    bool ends = !pod || r->stop != STOP_NONE || r->verdict == VERDICT_REJECTED ||
                phase_is_terminal(r->phase) || containers_complete(pod, r);
    if (ends) {
        if (pod_is_alive(r, seen))
            return STAGE_STOPPING;
        if (something_is_left(r, seen))
            return STAGE_CLEANING;
        if (!is_wanted(seen))
            return STAGE_OVER;
        return pod && pod->metadata.deletion_timestamp.has && seen->has_api ? STAGE_REPORTING
                                                                           : STAGE_FINISHED;
    }
    if (r->verdict == VERDICT_NONE)
        return STAGE_UNKNOWN;
    return r->live.unsupported ? STAGE_WAITING : STAGE_ACTIVE;
}

/* ---- building a plan ---- */

void planner_wake_at(struct planner *p, int64_t boot_ns)
{
    if (boot_ns > p->now->boot_ns && (!p->plan->wake_boot_ns || boot_ns < p->plan->wake_boot_ns))
        p->plan->wake_boot_ns = boot_ns;
}

void planner_add(struct planner *p, struct pod_action action)
{
    struct pod_plan *plan = p->plan;
    plan->actions = xgrow(plan->actions, &plan->cap, plan->len + 1, sizeof(*plan->actions));
    plan->actions[plan->len++] = action;
}

bool planner_may_try(struct planner *p, const struct retry *retry)
{
    if (backoff_due(retry, p->now))
        return true;
    planner_wake_at(p, retry->not_before_boot_ns);
    return false;
}

void pod_plan_done(struct pod_plan *p)
{
    free(p->actions);
    *p = (struct pod_plan){ .actions = NULL };
}

/* When a promise about time falls due that no event announces. */
static void plan_wakes(struct planner *p)
{
    const struct k8s_pod *pod = p->pod;
    if (!pod || p->r->stop != STOP_NONE || phase_is_terminal(p->r->phase))
        return;
    if (pod->spec.active_deadline_seconds.has && p->r->start_wall_ns) {
        int64_t left_ns = p->r->start_wall_ns +
                          pod->spec.active_deadline_seconds.value * NS_PER_S - p->now->wall_ns;
        if (left_ns > 0) /* else note_seen() has seen it, or will when everything is listed */
            planner_wake_at(p, p->now->boot_ns + left_ns);
    }
    for (size_t i = 0; i < p->r->containers_len; i++)
        planner_wake_at(p, pull_backoff_shown_boot_ns(&p->r->containers[i]));
}

typedef void (*plan_fn)(struct planner *p);

void pod_plan(const struct k8s_pod *pod, const struct pod_record *r, const struct pod_observed *seen,
              const struct pod_policy *policy, const struct now *now, struct pod_plan *ret_plan)
{
    static const plan_fn plans[STAGE_NR] = {
        [STAGE_ACTIVE] = plan_active,       [STAGE_STOPPING] = plan_stopping,
        [STAGE_CLEANING] = plan_cleaning,   [STAGE_REPORTING] = plan_reporting,
        [STAGE_OVER] = plan_over,
    };
    *ret_plan = (struct pod_plan){ .actions = NULL };
    struct planner p = {
        .pod = pod, .r = r, .seen = seen, .policy = policy, .now = now, .plan = ret_plan
    };
    plan_fn fn = plans[pod_stage(pod, r, seen)];
    if (fn)
        fn(&p);
    plan_wakes(&p);
}
