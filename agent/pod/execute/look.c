/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One look at one pod: what is there is folded into what is known, the next actions are decided and begun, the
 * status is told if it has changed, the record is saved if it has.
 */
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "decide/unsupported.h"
#include "worker.h"

/* ---- admission ---- */

static bool holds_resources(const struct pod_worker *w)
{
    return w->record->verdict == VERDICT_ADMITTED && !phase_is_terminal(w->record->phase) &&
           w->object;
}

static bool is_refused(const struct pod_worker *w, struct arena *arena, struct refusal *ret)
{
    const struct pods *p = w->all;
    struct admission_pod *others = arena_alloc(arena, (map_len(&p->workers) + 1) * sizeof(*others));
    size_t len = 0;
    const char *uid;
    void *value;
    for (size_t n = 0; others && map_next(&p->workers, &n, &uid, &value);)
        if (value != w && holds_resources(value))
            others[len++] = (struct admission_pod){ .pod = worker_pod(value) };
    return admission_refuses(worker_pod(w), &p->settings->node, others, len, arena, ret);
}

/* A pod that has run here before is not asked again: its containers are the proof. */
static void admit(struct pod_worker *w, struct arena *arena)
{
    struct pod_record *r = w->record;
    const struct k8s_pod *pod = worker_pod(w);
    if (r->verdict != VERDICT_NONE || !w->in_source)
        return;
    enum pod_phase told = phase_from_name(pod->status.phase);
    struct refusal refusal;
    bool proven = w->containers_len || phase_is_terminal(told) || told == PHASE_RUNNING ||
                  pod->metadata.deletion_timestamp.has;
    if (proven || !is_refused(w, arena, &refusal)) {
        note_verdict(r, NULL, NULL);
        return;
    }
    note_verdict(r, refusal.reason, refusal.message);
    struct pod_cluster *cluster = w->all->ports->cluster;
    cluster->ops->refused(cluster, pod, refusal.reason, refusal.message);
    log_warn("pod", "refused", "pod=%s/%s reason=%s error=" LOG_Q, r->namespace_, r->name,
             refusal.reason, LOG_QUOTE(refusal.message));
}

static void check_support(struct pod_worker *w, struct arena *arena)
{
    if (w->checked)
        return;
    w->checked = true;
    struct pod_volumes *volumes = w->all->ports->volumes;
    const char *volume = volumes->ops->unsupported ? volumes->ops->unsupported(volumes, worker_pod(w))
                                                   : NULL;
    note_unsupported(w->record, unsupported_message(worker_pod(w), k8s_object_unknown(w->object),
                                                    volume, arena));
}

/* ---- the look ---- */

static void perform(struct pod_worker *w, const struct pod_plan *plan, const struct now *now,
                    struct pod_events *events)
{
    for (size_t i = 0; i < plan->len; i++)
        note_begin(w->record, worker_pod(w), &plan->actions[i], &w->all->settings->policy, now, events);
    for (size_t i = 0; i < plan->len; i++)
        act_start(w, &plan->actions[i]);
}

static void arm(struct pod_worker *w, const struct pod_plan *plan, const struct now *now)
{
    int64_t due_ns = plan->wake_boot_ns;
    int64_t report_ns = w->report_retry.not_before_boot_ns;
    if (report_ns <= now->boot_ns)
        report_ns = report_held_until(w);
    if (report_ns > now->boot_ns && (!due_ns || report_ns < due_ns))
        due_ns = report_ns;
    if (due_ns)
        loop_timer_start(&w->wake, (due_ns - now->boot_ns + NS_PER_MS - 1) / NS_PER_MS);
    else
        loop_timer_stop(&w->wake);
}

static void acquire(struct pod_worker *w)
{
    struct pod_refs *refs = w->all->ports->refs;
    if (w->acquired || w->record->verdict != VERDICT_ADMITTED || !refs->ops->acquire)
        return;
    w->acquired = true;
    refs->ops->acquire(refs, w->object);
}

void look_at(struct pod_worker *w)
{
    if (w->forgotten)
        return;
    AUTO(arena_unref) struct arena *arena = arena_new(16 * MIB);
    AUTO(pod_plan_done) struct pod_plan plan = { .actions = NULL };
    struct pod_events events = { .arena = arena };
    struct now now = clock_now();
    struct pod_observed seen = cache_observe(w, arena);
    const struct pod_policy *policy = &w->all->settings->policy;

    if (w->object && seen.listed) {
        admit(w, arena);
        check_support(w, arena);
        acquire(w);
    }
    note_seen(w->record, worker_pod(w), &seen, policy, &now, &events);
    enum pod_stage stage = pod_stage(worker_pod(w), w->record, &seen);
    log_debug("pod", "look", "pod=%s/%s stage=%s", w->record->namespace_, w->record->name,
              stage_name(stage));
    if (stage != STAGE_ACTIVE && stage != STAGE_UNKNOWN)
        act_cancel_starts(w);
    report_save(w);
    pod_plan(worker_pod(w), w->record, &seen, policy, &now, &plan);
    perform(w, &plan, &now, &events);
    if (!w->forgotten) {
        report_compute(w, &seen, &now);
        report_save(w);
        report_send(w, &now);
        arm(w, &plan, &now);
    }
    report_events(w, &events);
    pod_events_done(&events);
}
