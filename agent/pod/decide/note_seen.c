/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folding what is there into what is known.
 *
 * The runtime lists runs of containers; the record keeps, for each container, the newest run and the one before.
 * A run that the runtime no longer lists has ended if it ran (nobody will ever tell its exit code: 137,
 * ContainerStatusUnknown), and never was if it did not: so a reboot, a lost run directory and a removed
 * container need no path of their own.
 */
#include "decide/note.h"

#include "base/mem.h"
#include "base/str.h"
#include "decide/backoff.h"
#include "situation.h"

#define EXIT_CODE_KILLED 137
#define EXIT_CODE_START_ERROR 128
#define DEFAULT_GRACE_S 30

static void instance_fill(struct pod_instance *i, const struct seen_container *seen)
{
    i->state = seen->state;
    i->attempt = seen->attempt;
    record_string(&i->id, seen->id);
    record_string(&i->sandbox_id, seen->sandbox_id);
    if (!str_empty(seen->image_id))
        record_string(&i->image_id, seen->image_id);
    if (seen->reason) /* what is known of an end is not forgotten */
        record_string(&i->reason, seen->reason);
    if (seen->message)
        record_string(&i->message, seen->message);
    if (seen->stop_signal)
        record_string(&i->stop_signal, seen->stop_signal);
    container_user_set(&i->user, &seen->user);
    i->created_wall_ns = seen->created_wall_ns;
    i->started_wall_ns = seen->started_wall_ns;
    i->finished_wall_ns = seen->finished_wall_ns;
    i->exit_code = seen->exit_code;
}

static void end_unseen(struct pod_instance *i, enum word word, int exit_code, const struct now *now)
{
    i->state = INSTANCE_EXITED;
    i->exit_code = exit_code;
    i->finished_wall_ns = now->wall_ns;
    record_string(&i->reason, word_reason(word));
    if (!i->message)
        record_string(&i->message, word_text(word)->format);
}

/* A newer run than the one known: that one becomes the previous. */
static void next_instance(struct container_record *c)
{
    if (c->current.state == INSTANCE_EXITED) {
        pod_instance_done(&c->previous);
        c->previous = TAKE(c->current, ((struct pod_instance){ .state = INSTANCE_NONE }));
    } else {
        pod_instance_done(&c->current);
    }
    c->live.start_failed = c->live.told_backoff = c->live.told_killing = false;
    c->live.backoff_counted = false;
    c->live.exit_seen_boot_ns = c->live.exit_passed_ns = 0;
    c->started = c->ready = false;
}

static void see_container(struct pod_record *r, const struct k8s_pod *pod,
                          const struct seen_container *seen)
{
    struct container_record *c = pod_record_container(r, seen->name);
    if (!c) {
        struct container_ref ref = { .kind = CONTAINER_MAIN };
        if (pod)
            (void)containers_find(pod, seen->name, &ref);
        c = pod_record_add_container(r, seen->name, ref.kind);
    }
    if (seen->state == INSTANCE_NONE)
        return;
    if (seen->attempt >= c->next_attempt)
        c->next_attempt = seen->attempt + 1;
    bool known = c->current.state != INSTANCE_NONE;
    bool is_older = known ? seen->attempt < c->current.attempt
                          : c->previous.state != INSTANCE_NONE && seen->attempt <= c->previous.attempt;
    if (is_older) {
        if (seen->state == INSTANCE_EXITED &&
            (c->previous.state == INSTANCE_NONE || seen->attempt >= c->previous.attempt))
            instance_fill(&c->previous, seen);
        return;
    }
    if (!known || seen->attempt > c->current.attempt) {
        next_instance(c);
        record_string(&c->current.image_ref, c->live.image_ref);
        c->live.image = IMAGE_UNKNOWN; /* the next run asks again */
    }
    instance_fill(&c->current, seen);
    record_string(&c->spec_image, seen->spec_image);
}

static bool is_listed(const struct pod_observed *seen, const struct container_record *c)
{
    for (size_t i = 0; i < seen->containers_len; i++)
        if (seen->containers[i].state != INSTANCE_NONE &&
            seen->containers[i].attempt == c->current.attempt &&
            str_eq(seen->containers[i].name, c->name))
            return true;
    return false;
}

static void settle_container(struct container_record *c, const struct pod_observed *seen,
                             const struct now *now)
{
    struct pod_instance *i = &c->current;
    bool alive = i->state == INSTANCE_RUNNING || i->state == INSTANCE_CREATED;
    if (alive && seen->listed && !is_listed(seen, c)) {
        if (i->state == INSTANCE_RUNNING) {
            end_unseen(i, WORD_STATUS_UNKNOWN, EXIT_CODE_KILLED, now);
        } else {
            c->next_attempt = i->attempt;
            pod_instance_done(i);
        }
    }
    if (i->state == INSTANCE_CREATED && c->live.start_failed) {
        record_string(&i->message, c->live.create.message);
        end_unseen(i, WORD_START_ERROR, EXIT_CODE_START_ERROR, now);
    }
    if (i->state == INSTANCE_EXITED && !c->live.exit_seen_boot_ns) {
        c->live.exit_seen_boot_ns = now->boot_ns;
        int64_t passed_ns = now->wall_ns - i->finished_wall_ns;
        c->live.exit_passed_ns = passed_ns > 0 ? passed_ns : 0;
    }
    if (i->state == INSTANCE_EXITED && !i->reason)
        record_string(&i->reason, word_reason(i->exit_code ? WORD_ERROR : WORD_COMPLETED));
    bool runs = i->state == INSTANCE_RUNNING;
    c->started = runs;
    c->ready = c->kind == CONTAINER_INIT ? i->state == INSTANCE_EXITED && i->exit_code == 0 : runs;
}

static void see_sandboxes(struct pod_record *r, const struct k8s_pod *pod,
                          const struct pod_observed *seen)
{
    for (size_t i = 0; i < seen->sandboxes_len; i++)
        if (seen->sandboxes[i].attempt >= r->next_sandbox_attempt)
            r->next_sandbox_attempt = seen->sandboxes[i].attempt + 1;
    const struct seen_sandbox *s = sandbox_usable(pod, seen);
    if (!s)
        return;
    r->had_sandbox = true;
    if (s->ips_len == 0)
        return;
    bool same = strv_len(r->pod_ips) == s->ips_len;
    for (size_t i = 0; same && i < s->ips_len; i++)
        same = str_eq(r->pod_ips[i], s->ips[i]);
    if (same)
        return;
    strv_free(r->pod_ips);
    r->pod_ips = strv_new();
    for (size_t i = 0; i < s->ips_len; i++)
        strv_push(&r->pod_ips, s->ips[i]);
}

/* The first reason wins; the time to live only ever gets shorter. */
static void stop(struct pod_record *r, enum stop_why why, int64_t grace_ms, const struct now *now)
{
    if (r->stop == STOP_NONE) {
        r->stop = why;
        r->stop_wall_ns = now->wall_ns;
        r->stop_grace_ms = grace_ms;
        return;
    }
    int64_t end_ms = (now->wall_ns - r->stop_wall_ns) / NS_PER_MS + grace_ms;
    if (end_ms < r->stop_grace_ms)
        r->stop_grace_ms = end_ms;
}

static int64_t spec_grace_ms(const struct k8s_pod *pod)
{
    int64_t s = DEFAULT_GRACE_S;
    if (pod && pod->spec.termination_grace_period_seconds.has)
        s = pod->spec.termination_grace_period_seconds.value;
    return s > 0 ? s * 1000 : 0;
}

static int64_t deletion_grace_ms(const struct k8s_pod *pod)
{
    if (!pod || !pod->metadata.deletion_grace_period_seconds.has)
        return spec_grace_ms(pod);
    int64_t s = pod->metadata.deletion_grace_period_seconds.value;
    return s > 0 ? s * 1000 : 0;
}

static void see_reasons_to_stop(struct pod_record *r, const struct k8s_pod *pod,
                                const struct pod_observed *seen, const struct now *now,
                                struct pod_events *events)
{
    if (pod && !phase_is_terminal(r->phase) && r->stop == STOP_NONE &&
        pod->spec.active_deadline_seconds.has && r->start_wall_ns &&
        now->wall_ns - r->start_wall_ns >= pod->spec.active_deadline_seconds.value * NS_PER_S &&
        !containers_complete(pod, r)) {
        stop(r, STOP_DEADLINE, spec_grace_ms(pod), now);
        pod_events_add(events, NULL, NULL, WORD_DEADLINE_EVENT);
    }
    if (pod && pod->metadata.deletion_timestamp.has)
        stop(r, STOP_DELETED, deletion_grace_ms(pod), now);
    if (seen->sources_ready && !seen->in_source)
        stop(r, STOP_REMOVED, deletion_grace_ms(pod), now);
}

/* ---- what was told the API, and is not in the record ---- */

static const char *id_of(const char *display_id)
{
    const char *at = display_id ? strstr(display_id, "://") : NULL;
    return at ? at + 3 : NULL;
}

static void instance_from_end(struct pod_instance *i, const struct k8s_container_state_terminated *t,
                              uint32_t attempt)
{
    i->state = INSTANCE_EXITED;
    i->attempt = attempt;
    record_string(&i->id, id_of(t->container_id));
    record_string(&i->reason, t->reason);
    record_string(&i->message, t->message);
    i->started_wall_ns = t->started_at.unix_ns;
    i->finished_wall_ns = t->finished_at.unix_ns;
    i->exit_code = t->exit_code;
}

static void adopt_user(struct pod_instance *i, const struct k8s_linux_container_user *told)
{
    if (told)
        container_user_set(&i->user, &(struct container_user){ .known = true, .uid = told->uid, .gid = told->gid,
                                                               .groups = (int64_t *)told->supplemental_groups.items,
                                                               .groups_len = told->supplemental_groups.len });
}

/* The end of the run that the status is about; it may wait for the next one already. */
static const struct k8s_container_state_terminated *told_end(const struct k8s_container_status *told)
{
    if (told->state.terminated)
        return told->state.terminated;
    const struct k8s_container_state_terminated *last = told->last_state.terminated;
    bool same = last && told->state.waiting && str_eq(last->container_id, told->container_id);
    return same ? last : NULL;
}

/*
 * An agent that dies between telling and saving leaves a record that is older than the object's status, and one
 * whose disk was lost leaves none. In all other cases the status is the younger of the two in nothing.
 */
static void adopt_status(struct pod_record *r, const struct k8s_container_status *told)
{
    struct container_record *c = pod_record_container(r, str_or(told->name, ""));
    uint32_t attempt = told->restart_count > 0 ? (uint32_t)told->restart_count : 0;
    const struct k8s_container_state_terminated *end = told_end(told);
    if (!c)
        return;
    if (!told->container_id || (!end && !told->state.running)) {
        if (attempt > c->next_attempt) /* the next run has been counted already */
            c->next_attempt = attempt;
        return;
    }
    bool newer = attempt >= c->next_attempt;
    bool ended = end && c->current.attempt == attempt &&
                 (c->current.state == INSTANCE_RUNNING || c->current.state == INSTANCE_CREATED);
    if (!newer && !ended)
        return;
    if (newer) {
        next_instance(c);
        c->next_attempt = attempt + 1;
        if (told->last_state.terminated && told->last_state.terminated != end && attempt)
            instance_from_end(&c->previous, told->last_state.terminated, attempt - 1);
    }
    record_string(&c->current.image_ref, told->image_id);
    record_string(&c->current.id, id_of(told->container_id));
    record_string(&c->current.stop_signal, told->stop_signal);
    adopt_user(&c->current, told->user ? told->user->linux : NULL);
    c->current.attempt = attempt;
    if (end) {
        instance_from_end(&c->current, end, attempt);
    } else {
        c->current.state = INSTANCE_RUNNING;
        c->current.started_wall_ns = told->state.running->started_at.unix_ns;
    }
}

static void adopt_told(struct pod_record *r, const struct k8s_pod_status *told)
{
    for (size_t i = 0; i < told->init_container_statuses.len; i++)
        adopt_status(r, &told->init_container_statuses.items[i]);
    for (size_t i = 0; i < told->container_statuses.len; i++)
        adopt_status(r, &told->container_statuses.items[i]);
    for (size_t i = 0; i < told->ephemeral_container_statuses.len; i++)
        adopt_status(r, &told->ephemeral_container_statuses.items[i]);
}

static void see_object(struct pod_record *r, const struct k8s_pod *pod, const struct now *now)
{
    for (size_t i = 0; i < containers_len(pod); i++) {
        struct container_ref c = containers_at(pod, i);
        (void)pod_record_add_container(r, c.spec->name, c.kind);
    }
    if (!r->start_wall_ns)
        r->start_wall_ns =
            pod->status.start_time.has ? pod->status.start_time.unix_ns : now->wall_ns;
    enum pod_phase told = phase_from_name(pod->status.phase);
    if (phase_is_terminal(told) && !phase_is_terminal(r->phase)) {
        r->phase = told;
        record_string(&r->reason, pod->status.reason);
        record_string(&r->message, pod->status.message);
    }
    adopt_told(r, &pod->status);
    if (r->pod_ips || pod->spec.host_network || !pod->status.pod_ips.len)
        return;
    r->pod_ips = strv_new();
    for (size_t i = 0; i < pod->status.pod_ips.len; i++)
        strv_push(&r->pod_ips, str_or(pod->status.pod_ips.items[i].ip, ""));
}

/* ---- what is said because time has passed, once each ---- */

static void tell_container(const struct k8s_pod *pod, const struct container_ref *ref,
                           struct container_record *c, const struct pod_policy *policy,
                           const struct now *now, struct pod_events *events)
{
    const char *list = container_traits(ref->kind)->list;
    if (c->current.state == INSTANCE_EXITED && !c->live.told_backoff && !c->live.backoff_counted &&
        !container_is_done(pod, ref, c) && restart_due_boot_ns(c, policy) > now->boot_ns) {
        char name[640];
        pod_events_add(events, c->name, list, WORD_BACKOFF_EVENT, c->name,
                       pod_display_name(pod, name, sizeof(name)));
        c->live.told_backoff = true;
    }
    int64_t shown_boot_ns = pull_backoff_shown_boot_ns(c);
    if (shown_boot_ns && shown_boot_ns <= now->boot_ns && !c->live.told_pull_backoff &&
        c->live.in_flight == ACT_NONE && !backoff_due(&c->live.pull, now)) {
        pod_events_add(events, c->name, list, WORD_PULL_BACKOFF_EVENT,
                       str_or(ref->spec->image, ""));
        pod_events_add(events, c->name, list, WORD_FAILED, word_reason(WORD_PULL_BACKOFF));
        c->live.told_pull_backoff = true;
    }
}

static void tell(struct pod_record *r, const struct k8s_pod *pod, const struct pod_observed *seen,
                 const struct pod_policy *policy, const struct now *now, struct pod_events *events)
{
    if (r->stop != STOP_NONE || phase_is_terminal(r->phase) || r->verdict != VERDICT_ADMITTED)
        return;
    for (size_t i = 0; i < containers_len(pod); i++) {
        struct container_ref ref = containers_at(pod, i);
        struct container_record *c = record_of(r, i, ref.spec->name);
        if (c)
            tell_container(pod, &ref, c, policy, now, events);
    }
    if (r->live.unsupported && !r->live.told_unsupported) {
        pod_events_add(events, NULL, NULL, WORD_UNSUPPORTED_EVENT, r->live.unsupported);
        r->live.told_unsupported = true;
    }
    if (!seen->network_ready && !pod->spec.host_network && !r->live.told_network &&
        !sandbox_usable(pod, seen)) {
        pod_events_add(events, NULL, NULL, WORD_NETWORK_NOT_READY, str_or(seen->network_message, ""));
        r->live.told_network = true;
    }
}

void note_seen(struct pod_record *r, const struct k8s_pod *pod, const struct pod_observed *seen,
               const struct pod_policy *policy, const struct now *now, struct pod_events *events)
{
    if (pod)
        see_object(r, pod, now);
    if (!seen->listed)
        return;
    for (size_t i = seen->containers_len; i-- > 0;) /* oldest first */
        see_container(r, pod, &seen->containers[i]);
    for (size_t i = 0; i < r->containers_len; i++)
        settle_container(&r->containers[i], seen, now);
    see_sandboxes(r, pod, seen);
    see_reasons_to_stop(r, pod, seen, now, events);
    if (seen->network_ready)
        r->live.told_network = false;
    if (pod)
        tell(r, pod, seen, policy, now, events);
}
