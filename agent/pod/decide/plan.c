/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan of one pod.
 *
 *   stage (derived)      what is planned
 *   ACTIVE               sandbox, volumes and each container by the table below; images need no sandbox
 *   STOPPING             stop what runs: main containers together, then sidecars in reverse order
 *   CLEANING             sandbox stopped, containers removed, volumes torn down, sandbox removed, folders removed
 *   REPORTING            once the end has been reported, the object is deleted
 *   OVER                 the record is forgotten
 *
 * A container in stage ACTIVE:
 *
 *   situation  no run yet   created      running    ended, again   ended for good   in a lost sandbox
 *   step       make         start        –          make, after    –                stop or remove
 *                                                   the back-off
 *   make: image known? → pulled? → sandbox and volumes there? → create
 *
 * Nothing is made in folders before the record is on disk (live.on_disk), and nothing is removed from the runtime
 * before what it told is (live.saved).
 */
#include "decide/plan.h"

#include "base/mem.h"
#include "base/str.h"
#include "decide/backoff.h"
#include "situation.h"

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

struct planner {
    const struct k8s_pod *pod;
    const struct pod_record *r;
    const struct pod_observed *seen;
    const struct pod_policy *policy;
    const struct now *now;
    const struct seen_sandbox *sandbox; /* where containers are started; NULL: none */
    bool wants_sandbox;
    struct pod_plan *plan;
};

static void wake_at(struct planner *p, int64_t boot_ns)
{
    if (boot_ns > p->now->boot_ns && (!p->plan->wake_boot_ns || boot_ns < p->plan->wake_boot_ns))
        p->plan->wake_boot_ns = boot_ns;
}

static void act(struct planner *p, struct pod_action action)
{
    struct pod_plan *plan = p->plan;
    plan->actions = xgrow(plan->actions, &plan->cap, plan->len + 1, sizeof(*plan->actions));
    plan->actions[plan->len++] = action;
}

/* Whether a thing that failed before may be tried now; if not, when. */
static bool may_try(struct planner *p, const struct retry *retry)
{
    if (backoff_due(retry, p->now))
        return true;
    wake_at(p, retry->not_before_boot_ns);
    return false;
}

void pod_plan_done(struct pod_plan *p)
{
    free(p->actions);
    *p = (struct pod_plan){ .actions = NULL };
}

/* ---- stopping ---- */

static int64_t grace_left_ms(const struct planner *p)
{
    enum { MIN_GRACE_MS = 2000 }; /* never less between the stop signal and SIGKILL */
    int64_t left_ms =
        p->r->stop_grace_ms - (p->now->wall_ns - p->r->stop_wall_ns) / NS_PER_MS;
    if (left_ms > p->r->stop_grace_ms) /* the clock was set back */
        left_ms = p->r->stop_grace_ms;
    return left_ms > MIN_GRACE_MS ? left_ms : MIN_GRACE_MS;
}

static void stop_container(struct planner *p, const struct container_record *c,
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
    } else if (!may_try(p, &live->stop)) {
        return;
    }
    act(p, (struct pod_action){ .act = ACT_CONTAINER_STOP,
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

static void plan_stopping(struct planner *p)
{
    for (size_t i = 0; i < p->seen->containers_len; i++) {
        const struct seen_container *seen = &p->seen->containers[i];
        const struct container_record *c = pod_record_container(p->r, seen->name);
        if (c && seen->state == INSTANCE_RUNNING && may_stop(p, c))
            stop_container(p, c, seen, grace_left_ms(p));
    }
    if (p->r->stop == STOP_NONE)
        return;
    for (size_t i = 0; i < p->r->containers_len; i++)
        if (p->r->containers[i].live.in_flight == ACT_CONTAINER_STOP)
            wake_at(p, p->now->boot_ns + grace_left_ms(p) * NS_PER_MS);
}

/* ---- removing ---- */

static void remove_container(struct planner *p, const struct seen_container *seen)
{
    const struct container_record *c = pod_record_container(p->r, seen->name);
    if (!c || c->live.in_flight != ACT_NONE || seen->state == INSTANCE_RUNNING ||
        !p->r->live.saved || !may_try(p, &c->live.stop))
        return;
    for (size_t i = 0; i < p->plan->len; i++)
        if (str_eq(p->plan->actions[i].container, seen->name))
            return; /* one action a lane */
    act(p, (struct pod_action){
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
static void discard_sandboxes(struct planner *p, const struct seen_sandbox *keep)
{
    for (size_t i = 0; i < p->seen->sandboxes_len; i++) {
        const struct seen_sandbox *s = &p->seen->sandboxes[i];
        if (s == keep || sandbox_runs_containers(p, s))
            continue;
        bool empty = !sandbox_has_containers(p, s);
        if (p->r->live.sandbox_in_flight != ACT_NONE || !may_try(p, &p->r->live.sandbox))
            continue;
        if (s->ready)
            act(p, (struct pod_action){ .act = ACT_SANDBOX_STOP, .id = s->id });
        else if (empty)
            act(p, (struct pod_action){ .act = ACT_SANDBOX_REMOVE, .id = s->id });
        else
            continue;
        return; /* one action a lane */
    }
}

static void plan_cleaning(struct planner *p)
{
    const struct pod_live *live = &p->r->live;
    for (size_t i = 0; i < p->seen->containers_len; i++)
        remove_container(p, &p->seen->containers[i]);
    discard_sandboxes(p, NULL);
    if (p->r->volumes_made && live->volumes_in_flight == ACT_NONE && may_try(p, &live->volumes))
        act(p, (struct pod_action){ .act = ACT_VOLUMES_TEARDOWN });
    bool last = !p->seen->sandboxes_len && !p->seen->containers_len && !p->r->volumes_made &&
                !lane_is_busy(p->r);
    if (last && p->r->remains_made && may_try(p, &live->remains))
        act(p, (struct pod_action){ .act = ACT_REMAINS_REMOVE });
}

static void plan_reporting(struct planner *p)
{
    const struct pod_live *live = &p->r->live;
    if (phase_is_terminal(p->r->phase) && live->status_delivered && !live->api_deleted &&
        live->api_in_flight == ACT_NONE && may_try(p, &live->api))
        act(p, (struct pod_action){ .act = ACT_API_DELETE });
}

static void plan_over(struct planner *p)
{
    if (p->r->live.api_in_flight == ACT_NONE)
        act(p, (struct pod_action){ .act = ACT_FORGET });
}

/* ---- running ---- */

/* One pull is enough for the containers of a pod that have one image; the others look again when it has ended. */
static bool is_being_pulled(const struct planner *p, const struct container_ref *c)
{
    for (size_t i = 0; i < containers_len(p->pod); i++) {
        struct container_ref other = containers_at(p->pod, i);
        const struct container_record *rec = record_of(p->r, i, other.spec->name);
        if (rec && rec->live.in_flight == ACT_IMAGE_PULL && str_eq(other.spec->image, c->spec->image))
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
    if (!may_try(p, &rec->live.pull))
        return false;
    bool always = str_eq(c->spec->image_pull_policy, "Always");
    bool absent = rec->live.image == IMAGE_ABSENT;
    if (absent && !always && is_being_pulled(p, c))
        return false;
    act(p, (struct pod_action){ .act = always || absent ? ACT_IMAGE_PULL : ACT_IMAGE_CHECK,
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
            wake_at(p, due_boot_ns);
            return;
        }
    }
    if (!image_ready(p, c, rec) || !p->sandbox || !p->r->live.volumes_ready ||
        !may_try(p, &rec->live.create))
        return;
    act(p, (struct pod_action){
               .act = ACT_CONTAINER_CREATE, .container = rec->name, .attempt = rec->next_attempt });
}

static void step_start(struct planner *p, const struct container_ref *c,
                       const struct container_record *rec)
{
    (void)c;
    p->wants_sandbox = true;
    act(p, (struct pod_action){
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
        remove_container(p, seen);
        return;
    }
    struct opt_i64 grace_s = p->pod->spec.termination_grace_period_seconds;
    stop_container(p, rec, seen, grace_s.has ? grace_s.value * 1000 : DEFAULT_GRACE_MS);
}

enum situation {
    SITUATION_NONE,
    SITUATION_CREATED,
    SITUATION_RUNNING,
    SITUATION_AGAIN,
    SITUATION_DONE,
    SITUATION_LOST, /* alive, but not in the sandbox in use, made from another image, or without its supervisor */
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

/* The containers behind an init container wait until it has ended well, those behind a sidecar until it is started. */
static bool lets_next_go(const struct container_ref *c, const struct container_record *rec)
{
    if (!container_traits(c->kind)->blocks_next)
        return true;
    return c->kind == CONTAINER_INIT ? rec->ready : rec->started;
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
    for (size_t i = 0; i < containers_len(p->pod); i++) {
        struct container_ref c = containers_at(p->pod, i);
        const struct container_record *rec = record_of(p->r, i, c.spec->name);
        if (!rec)
            return; /* not folded in yet */
        enum situation s = situation_of(p, &c, rec);
        if (rec->live.in_flight == ACT_NONE || s == SITUATION_LOST)
            steps[s](p, &c, rec);
        else
            p->wants_sandbox = true;
        if (!lets_next_go(&c, rec))
            break;
    }
}

/* Keeps the run before the current one, for its log and its state; the log of older ones goes with them. */
static void discard_old_runs(struct planner *p)
{
    for (size_t i = 0; i < p->seen->containers_len; i++) {
        const struct seen_container *seen = &p->seen->containers[i];
        const struct container_record *c = pod_record_container(p->r, seen->name);
        bool known = c && (seen->attempt == c->current.attempt ||
                           (c->previous.state != INSTANCE_NONE &&
                            seen->attempt == c->previous.attempt));
        bool in_use = p->sandbox && str_eq(p->sandbox->id, seen->sandbox_id);
        bool again = c && seen->attempt == c->current.attempt && seen->state != INSTANCE_EXITED;
        if (seen->state == INSTANCE_NONE) { /* creating it again takes care of its remains */
            known = c && seen->attempt == c->next_attempt;
            again = false;
        }
        if (c && !again && !(known && in_use))
            remove_container(p, seen);
    }
}

static void plan_active(struct planner *p)
{
    const struct pod_live *live = &p->r->live;
    p->sandbox = sandbox_usable(p->pod, p->seen);
    plan_containers(p);
    discard_old_runs(p);
    if (!live->volumes_ready && live->on_disk && live->volumes_in_flight == ACT_NONE &&
        may_try(p, &live->volumes))
        act(p, (struct pod_action){ .act = ACT_VOLUMES_PREPARE });
    discard_sandboxes(p, p->sandbox);
    bool network_ready = p->pod->spec.host_network || p->seen->network_ready;
    if (!p->sandbox && p->wants_sandbox && !p->seen->sandboxes_len && network_ready &&
        live->sandbox_in_flight == ACT_NONE && may_try(p, &live->sandbox))
        act(p, (struct pod_action){ .act = ACT_SANDBOX_CREATE,
                                    .attempt = p->r->next_sandbox_attempt });
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
        wake_at(p, p->now->boot_ns + (left_ns > 0 ? left_ns : 1));
    }
    for (size_t i = 0; i < p->r->containers_len; i++)
        wake_at(p, pull_backoff_shown_boot_ns(&p->r->containers[i]));
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
