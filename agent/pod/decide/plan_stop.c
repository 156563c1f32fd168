/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a pod: what runs is stopped, what is there is removed, the end is reported, the record
 * goes. */
#include "base/str.h"
#include "planner.h"

/* ---- stopping ---- */

static int64_t grace_left_ms(const struct planner *p)
{
    enum { MIN_GRACE_MS = 2000 }; /* never less between the stop signal and SIGKILL */
    int64_t left_ms = p->r->stop_grace_ms - (p->now->wall_ns - p->r->stop_wall_ns) / NS_PER_MS;
    if (left_ms > p->r->stop_grace_ms) /* the clock was set back */
        left_ms = p->r->stop_grace_ms;
    return left_ms > MIN_GRACE_MS ? left_ms : MIN_GRACE_MS;
}

void plan_stop_container(struct planner *p, const struct container_record *c,
                         const struct seen_container *seen, int64_t grace_ms)
{
    const struct container_live *live = &c->live;
    bool stopping = live->in_flight == ACT_CONTAINER_STOP;
    if (live->in_flight != ACT_NONE && !stopping)
        return;
    if (stopping) {
        /* Told again only when the end has come nearer than the one already promised. */
        int64_t promised_ms =
            live->in_flight_stop_ms - (p->now->boot_ns - live->began_boot_ns) / NS_PER_MS;
        if (grace_ms + 500 >= promised_ms)
            return;
    } else if (!planner_may_try(p, &live->stop)) {
        return;
    }
    planner_add(p, (struct pod_action){ .act = ACT_CONTAINER_STOP,
                                        .container = c->name,
                                        .id = seen->id,
                                        .grace_ms = grace_ms });
}

static bool runs(const struct planner *p, const char *name)
{
    for (size_t i = 0; i < p->seen->containers_len; i++)
        if (p->seen->containers[i].state == INSTANCE_RUNNING &&
            str_eq(p->seen->containers[i].name, name))
            return true;
    return false;
}

/* Sidecars outlive the main containers, and each other in reverse order. */
static bool may_stop(const struct planner *p, const struct container_record *c)
{
    if (!p->pod || !container_traits(c->kind)->stops_last)
        return true;
    bool behind = false; /* past c in the order of starting */
    for (size_t i = 0; i < containers_len(p->pod); i++) {
        struct container_ref other = containers_at(p->pod, i);
        bool self = str_eq(other.spec->name, c->name);
        bool before = !behind && !self;
        if (!self && !(before && container_traits(other.kind)->stops_last) &&
            runs(p, other.spec->name))
            return false;
        behind = behind || self;
    }
    return true;
}

void plan_stopping(struct planner *p)
{
    for (size_t i = 0; i < p->seen->containers_len; i++) {
        const struct seen_container *seen = &p->seen->containers[i];
        const struct container_record *c = pod_record_container(p->r, seen->name);
        if (c && seen->state == INSTANCE_RUNNING && may_stop(p, c))
            plan_stop_container(p, c, seen, grace_left_ms(p));
    }
    if (p->r->stop == STOP_NONE)
        return;
    for (size_t i = 0; i < p->r->containers_len; i++)
        if (p->r->containers[i].live.in_flight == ACT_CONTAINER_STOP)
            planner_wake_at(p, p->now->boot_ns + grace_left_ms(p) * NS_PER_MS);
}

/* ---- removing ---- */

/* What a run told is not lost with it. A disk that takes nothing any more does not keep a pod that is to go: what its
 * containers have written is what fills it. */
static bool may_forget(const struct planner *p)
{
    const struct pod_live *live = &p->r->live;
    return live->saved || (live->save_failed && p->r->stop != STOP_NONE);
}

void plan_remove_container(struct planner *p, const struct seen_container *seen)
{
    const struct container_record *c = pod_record_container(p->r, seen->name);
    if (!c || c->live.in_flight != ACT_NONE || seen->state == INSTANCE_RUNNING ||
        !may_forget(p) || !planner_may_try(p, &c->live.stop))
        return;
    for (size_t i = 0; i < p->plan->len; i++)
        if (str_eq(p->plan->actions[i].container, seen->name))
            return; /* one action a lane */
    planner_add(p, (struct pod_action){
                       .act = ACT_CONTAINER_REMOVE, .container = c->name, .id = seen->id });
}

static bool sandbox_has_containers(const struct planner *p, const struct seen_sandbox *s)
{
    for (size_t i = 0; i < p->seen->containers_len; i++)
        if (str_eq(p->seen->containers[i].sandbox_id, s->id))
            return true;
    return false;
}

static bool sandbox_runs_containers(const struct planner *p, const struct seen_sandbox *s)
{
    for (size_t i = 0; i < p->seen->containers_len; i++)
        if (p->seen->containers[i].state == INSTANCE_RUNNING &&
            str_eq(p->seen->containers[i].sandbox_id, s->id))
            return true;
    return false;
}

/* Whatever is not the sandbox in use goes, once nothing runs in it. */
void plan_discard_sandboxes(struct planner *p, const struct seen_sandbox *keep)
{
    for (size_t i = 0; i < p->seen->sandboxes_len; i++) {
        const struct seen_sandbox *s = &p->seen->sandboxes[i];
        if (s == keep || sandbox_runs_containers(p, s))
            continue;
        bool empty = !sandbox_has_containers(p, s);
        if (p->r->live.sandbox_in_flight != ACT_NONE || !planner_may_try(p, &p->r->live.sandbox))
            continue;
        if (s->ready)
            planner_add(p, (struct pod_action){ .act = ACT_SANDBOX_STOP, .id = s->id });
        else if (empty)
            planner_add(p, (struct pod_action){ .act = ACT_SANDBOX_REMOVE, .id = s->id });
        else
            continue;
        return; /* one action a lane */
    }
}

void plan_cleaning(struct planner *p)
{
    const struct pod_live *live = &p->r->live;
    for (size_t i = 0; i < p->seen->containers_len; i++)
        plan_remove_container(p, &p->seen->containers[i]);
    plan_discard_sandboxes(p, NULL);
    if (p->r->volumes_made && live->volumes_in_flight == ACT_NONE &&
        planner_may_try(p, &live->volumes))
        planner_add(p, (struct pod_action){ .act = ACT_VOLUMES_TEARDOWN });
    bool last = !p->seen->sandboxes_len && !p->seen->containers_len && !p->r->volumes_made &&
                !lane_is_busy(p->r);
    if (last && p->r->remains_made && planner_may_try(p, &live->remains))
        planner_add(p, (struct pod_action){ .act = ACT_REMAINS_REMOVE });
}

void plan_reporting(struct planner *p)
{
    const struct pod_live *live = &p->r->live;
    if (phase_is_terminal(p->r->phase) && live->status_delivered && !live->api_deleted &&
        live->api_in_flight == ACT_NONE && planner_may_try(p, &live->api))
        planner_add(p, (struct pod_action){ .act = ACT_API_DELETE });
}

void plan_over(struct planner *p)
{
    if (p->r->live.api_in_flight == ACT_NONE)
        planner_add(p, (struct pod_action){ .act = ACT_FORGET });
}
