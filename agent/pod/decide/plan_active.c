/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pod that is wanted. A container, by its situation:
 *
 *   no run yet   created      running    ended, again   ended for good   in a lost sandbox
 *   make         start        –          make, after    –                stop or remove
 *                                        the back-off
 *   make: image known? → pulled? → sandbox and volumes there? → create
 *
 * The main containers come in the order of the spec: one is created when those before it are being created, and started
 * when they have been. Whoever has failed, or waits to be tried again, holds up nobody. Images are fetched side by side.
 */
#include "base/str.h"
#include "decide/backoff.h"
#include "planner.h"

/* One pull is enough for the containers of a pod that have one image; the others look again when it
 * has ended. */
static bool is_being_pulled(const struct planner *p, const struct container_ref *c)
{
    for (size_t i = 0; i < containers_len(p->pod); i++) {
        struct container_ref other = containers_at(p->pod, i);
        const struct container_record *rec = record_of(p->r, i, other.spec->name);
        if (rec && rec->live.in_flight == ACT_IMAGE_PULL &&
            str_eq(other.spec->image, c->spec->image))
            return true;
    }
    for (size_t i = 0; i < p->plan->len; i++) {
        struct container_ref other;
        if (p->plan->actions[i].act == ACT_IMAGE_PULL &&
            containers_find(p->pod, p->plan->actions[i].container, &other) &&
            str_eq(other.spec->image, c->spec->image))
            return true;
    }
    return false;
}

static bool image_ready(struct planner *p, const struct container_ref *c,
                        const struct container_record *rec)
{
    if (rec->live.image == IMAGE_PRESENT)
        return true;
    if (!planner_may_try(p, &rec->live.pull))
        return false;
    bool always = str_eq(c->spec->image_pull_policy, "Always");
    bool absent = rec->live.image == IMAGE_ABSENT;
    if (absent && !always && is_being_pulled(p, c))
        return false;
    planner_add(p, (struct pod_action){ .act = always || absent ? ACT_IMAGE_PULL : ACT_IMAGE_CHECK,
                                        .container = rec->name });
    return false;
}

static void step_make(struct planner *p, const struct container_ref *c,
                      const struct container_record *rec)
{
    p->wants_sandbox = true;
    if (rec->current.state == INSTANCE_EXITED) {
        int64_t due_boot_ns = restart_due_boot_ns(rec, p->policy);
        if (!rec->live.backoff_counted && due_boot_ns > p->now->boot_ns) {
            planner_wake_at(p, due_boot_ns);
            return;
        }
    }
    if (!image_ready(p, c, rec) || !p->sandbox || !p->r->live.volumes_ready || p->before == PROGRESS_NONE ||
        !planner_may_try(p, &rec->live.create))
        return;
    planner_add(p, (struct pod_action){ .act = ACT_CONTAINER_CREATE,
                                        .container = rec->name,
                                        .attempt = rec->next_attempt });
}

static void step_start(struct planner *p, const struct container_ref *c,
                       const struct container_record *rec)
{
    (void)c;
    p->wants_sandbox = true;
    if (p->before != PROGRESS_PAST)
        return;
    planner_add(p, (struct pod_action){
                       .act = ACT_CONTAINER_START, .container = rec->name, .id = rec->current.id });
}

static void step_keep(struct planner *p, const struct container_ref *c,
                      const struct container_record *rec)
{
    (void)p, (void)c, (void)rec;
}

static const struct seen_container *seen_current(const struct planner *p,
                                                 const struct container_record *rec)
{
    for (size_t i = 0; i < p->seen->containers_len; i++)
        if (p->seen->containers[i].attempt == rec->current.attempt &&
            str_eq(p->seen->containers[i].name, rec->name))
            return &p->seen->containers[i];
    return NULL;
}

static void step_leave(struct planner *p, const struct container_ref *c,
                       const struct container_record *rec)
{
    enum { DEFAULT_GRACE_MS = 30000 };
    (void)c;
    const struct seen_container *seen = seen_current(p, rec);
    p->wants_sandbox = true;
    if (!seen)
        return;
    if (seen->state != INSTANCE_RUNNING) {
        plan_remove_container(p, seen);
        return;
    }
    struct opt_i64 grace_s = p->pod->spec.termination_grace_period_seconds;
    plan_stop_container(p, rec, seen, grace_s.has ? grace_s.value * 1000 : DEFAULT_GRACE_MS);
}

enum situation {
    SITUATION_NONE,
    SITUATION_CREATED,
    SITUATION_RUNNING,
    SITUATION_AGAIN,
    SITUATION_DONE,
    SITUATION_LOST, /* alive, but not in the sandbox in use, made from another image, or without its
                       supervisor */
    SITUATION_NR,
};

static bool is_unsupervised(const struct planner *p, const struct container_record *rec)
{
    const struct seen_container *seen = seen_current(p, rec);
    return seen && seen->unsupervised;
}

static enum situation situation_of(const struct planner *p, const struct container_ref *c,
                                   const struct container_record *rec)
{
    switch (rec->current.state) {
    case INSTANCE_CREATED:
    case INSTANCE_RUNNING:
        if (!p->sandbox || !str_eq(p->sandbox->id, rec->current.sandbox_id))
            return SITUATION_LOST;
        if (rec->spec_image && !str_eq(rec->spec_image, c->spec->image))
            return SITUATION_LOST;
        if (is_unsupervised(p, rec))
            return SITUATION_LOST;
        return rec->current.state == INSTANCE_CREATED ? SITUATION_CREATED : SITUATION_RUNNING;
    case INSTANCE_EXITED:
        return container_is_done(p->pod, c, rec) ? SITUATION_DONE : SITUATION_AGAIN;
    default:
        return SITUATION_NONE;
    }
}

/* The containers behind an init container wait until it has ended well, those behind a sidecar
 * until it is started. */
static bool lets_next_go(const struct container_ref *c, const struct container_record *rec)
{
    if (!container_traits(c->kind)->blocks_next)
        return true;
    return c->kind == CONTAINER_INIT ? rec->ready : rec->started;
}

static bool is_being_created(const struct planner *p, const struct container_record *rec)
{
    const struct pod_action *last = p->plan->len ? &p->plan->actions[p->plan->len - 1] : NULL;
    return rec->live.in_flight == ACT_CONTAINER_CREATE ||
           (last && last->act == ACT_CONTAINER_CREATE && str_eq(last->container, rec->name));
}

/* After its step. */
static enum progress progress_of(const struct planner *p, const struct container_record *rec, enum situation s)
{
    bool failed = rec->live.pull.reason || rec->live.create.reason;
    bool waits = s == SITUATION_AGAIN && !rec->live.backoff_counted &&
                 restart_due_boot_ns(rec, p->policy) > p->now->boot_ns;
    if (failed || waits || s == SITUATION_RUNNING || s == SITUATION_DONE || s == SITUATION_LOST)
        return PROGRESS_PAST;
    return s == SITUATION_CREATED || is_being_created(p, rec) ? PROGRESS_BEING_MADE : PROGRESS_NONE;
}

typedef void (*step_fn)(struct planner *p, const struct container_ref *c,
                        const struct container_record *rec);

static void plan_containers(struct planner *p)
{
    static const step_fn steps[SITUATION_NR] = {
        [SITUATION_NONE] = step_make,    [SITUATION_CREATED] = step_start,
        [SITUATION_RUNNING] = step_keep, [SITUATION_AGAIN] = step_make,
        [SITUATION_DONE] = step_keep,    [SITUATION_LOST] = step_leave,
    };
    enum progress before = PROGRESS_PAST;
    for (size_t i = 0; i < containers_len(p->pod); i++) {
        struct container_ref c = containers_at(p->pod, i);
        const struct container_record *rec = record_of(p->r, i, c.spec->name);
        if (!rec)
            return; /* not folded in yet */
        enum situation s = situation_of(p, &c, rec);
        bool in_turn = container_traits(c.kind)->in_turn;
        p->before = in_turn ? before : PROGRESS_PAST;
        if (rec->live.in_flight == ACT_NONE || s == SITUATION_LOST)
            steps[s](p, &c, rec);
        else
            p->wants_sandbox = true;
        enum progress reached = progress_of(p, rec, s);
        if (in_turn && reached < before)
            before = reached;
        if (!lets_next_go(&c, rec))
            break;
    }
}

/* Keeps the run before the current one, for its log and its state; the log of older ones goes with
 * them. */
static void discard_old_runs(struct planner *p)
{
    for (size_t i = 0; i < p->seen->containers_len; i++) {
        const struct seen_container *seen = &p->seen->containers[i];
        const struct container_record *c = pod_record_container(p->r, seen->name);
        bool known =
            c && (seen->attempt == c->current.attempt ||
                  (c->previous.state != INSTANCE_NONE && seen->attempt == c->previous.attempt));
        bool in_use = p->sandbox && str_eq(p->sandbox->id, seen->sandbox_id);
        bool again = c && seen->attempt == c->current.attempt && seen->state != INSTANCE_EXITED;
        if (seen->state == INSTANCE_NONE) { /* creating it again takes care of its remains */
            known = c && seen->attempt == c->next_attempt;
            again = false;
        }
        if (c && !again && !(known && in_use))
            plan_remove_container(p, seen);
    }
}

void plan_active(struct planner *p)
{
    const struct pod_live *live = &p->r->live;
    p->sandbox = sandbox_usable(p->pod, p->seen);
    plan_containers(p);
    discard_old_runs(p);
    if (!live->volumes_ready && live->on_disk && live->volumes_in_flight == ACT_NONE &&
        planner_may_try(p, &live->volumes))
        planner_add(p, (struct pod_action){ .act = ACT_VOLUMES_PREPARE });
    plan_discard_sandboxes(p, p->sandbox);
    bool network_ready = p->pod->spec.host_network || p->seen->network_ready;
    if (!p->sandbox && p->wants_sandbox && !p->seen->sandboxes_len && network_ready &&
        live->sandbox_in_flight == ACT_NONE && planner_may_try(p, &live->sandbox))
        planner_add(p, (struct pod_action){ .act = ACT_SANDBOX_CREATE,
                                            .attempt = p->r->next_sandbox_attempt });
}
