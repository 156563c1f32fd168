/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The status of a pod, computed afresh each time.
 *
 * A terminal phase is told only when nothing of the pod runs any more: others take the pod's end as leave to use what
 * it used. A reason to stop (deadline, eviction, refusal) decides the phase then; else the containers do.
 */
#include "decide/status.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "conditions.h"
#include "decide/resources.h"
#include "container_status.h"

struct ending { /* why a pod is over, when its containers alone do not say it */
    enum pod_phase phase;
    const char *reason, *message;
};

static bool ending_of(const struct pod_record *r, struct arena *arena, struct ending *ret)
{
    struct ending e = { .phase = PHASE_FAILED,
                        .reason = r->verdict_reason,
                        .message = r->verdict_message };
    if (r->verdict == VERDICT_REJECTED)
        e.message = word_message(WORD_REJECTED, arena, str_or(r->verdict_message, ""));
    if (r->verdict != VERDICT_REJECTED && r->stop != STOP_EVICTED) {
        if (r->stop != STOP_DEADLINE)
            return false;
        e.reason = word_reason(WORD_DEADLINE);
        e.message = word_text(WORD_DEADLINE)->format;
    }
    *ret = e;
    return true;
}

static struct ending phase_of(const struct k8s_pod *pod, const struct pod_record *r,
                              const struct pod_observed *seen, struct arena *arena)
{
    struct ending kept = { .phase = r->phase, .reason = r->reason, .message = r->message };
    if (phase_is_terminal(r->phase))
        return kept;
    bool stopping = r->stop != STOP_NONE;
    bool alive = pod_is_alive(r, seen) || !seen->listed;
    struct ending e;
    if (!alive && ending_of(r, arena, &e))
        return e;
    struct ending derived = { .phase = pod_phase_derive(pod, r, stopping && !alive) };
    if (stopping && !alive && !phase_is_terminal(derived.phase))
        derived.phase = PHASE_FAILED; /* it never came to run */
    if (alive && phase_is_terminal(derived.phase))
        derived.phase = r->phase != PHASE_NONE ? r->phase : PHASE_PENDING;
    return derived;
}

static bool add_addresses(const struct k8s_pod *pod, const struct pod_record *r,
                          const struct pod_policy *policy, struct arena *arena,
                          struct k8s_pod_status *s)
{
    struct k8s_host_ip *hosts = arena_alloc(arena, (policy->host_ips_len + 1) * sizeof(*hosts));
    const char *const *ips =
        pod->spec.host_network ? policy->host_ips : (const char *const *)r->pod_ips;
    size_t len = pod->spec.host_network ? policy->host_ips_len : strv_len(r->pod_ips);
    struct k8s_pod_ip *pods = arena_alloc(arena, (len + 1) * sizeof(*pods));
    if (!hosts || !pods)
        return false;
    for (size_t i = 0; i < policy->host_ips_len; i++)
        hosts[i].ip = arena_strdup(arena, policy->host_ips[i]);
    for (size_t i = 0; i < len; i++)
        pods[i].ip = arena_strdup(arena, ips[i]);
    s->host_ips.items = hosts;
    s->host_ips.len = policy->host_ips_len;
    s->host_ip = policy->host_ips_len ? hosts[0].ip : NULL;
    s->pod_ips.items = pods;
    s->pod_ips.len = len;
    s->pod_ip = len ? pods[0].ip : NULL;
    return true;
}

struct k8s_pod_status *pod_status(const struct k8s_pod *pod, const struct pod_record *r,
                                  const struct pod_observed *seen, const struct pod_policy *policy,
                                  const struct now *now, struct arena *arena)
{
    struct k8s_pod_status *s = ARENA_NEW(arena, struct k8s_pod_status);
    if (!s)
        return NULL;
    struct ending e = phase_of(pod, r, seen, arena);
    s->phase = phase_name(e.phase);
    s->reason = arena_strdup(arena, e.reason);
    s->message = arena_strdup(arena, e.message);
    s->observed_generation = pod->metadata.generation;
    s->qos_class = qos_name(pod_qos(pod));
    if (r->start_wall_ns)
        s->start_time = k8s_time_at(r->start_wall_ns);
    struct container_status_in containers = { .pod = pod,
                                              .r = r,
                                              .seen = seen,
                                              .policy = policy,
                                              .now = now,
                                              .over = phase_is_terminal(e.phase),
                                              .arena = arena };
    struct conditions_in conditions = {
        .pod = pod, .r = r, .seen = seen, .now = now, .phase = e.phase, .arena = arena
    };
    if (!add_addresses(pod, r, policy, arena, s) || !container_statuses(&containers, s) ||
        !conditions_compute(&conditions, s))
        return NULL;
    return s;
}

const struct k8s_pod_status *pod_status_ours(const struct k8s_pod_status *s, struct arena *arena)
{
    struct k8s_pod_status *ours = ARENA_NEW(arena, struct k8s_pod_status);
    struct k8s_pod_condition *conditions =
        arena_alloc(arena, (s->conditions.len + 1) * sizeof(*conditions));
    size_t len = 0;
    if (!ours || !conditions)
        return NULL;
    for (size_t i = 0; i < s->conditions.len; i++)
        if (condition_is_ours(s->conditions.items[i].type))
            conditions[len++] = s->conditions.items[i];
    *ours = (struct k8s_pod_status){
        .observed_generation = s->observed_generation,
        .phase = s->phase,
        .conditions = { conditions, len },
        .message = s->message,
        .reason = s->reason,
        .host_ip = s->host_ip,
        .pod_ip = s->pod_ip,
        .start_time = s->start_time,
        .qos_class = s->qos_class,
    };
    memcpy(&ours->host_ips, &s->host_ips, sizeof(s->host_ips));
    memcpy(&ours->pod_ips, &s->pod_ips, sizeof(s->pod_ips));
    memcpy(&ours->init_container_statuses, &s->init_container_statuses,
           sizeof(s->init_container_statuses));
    memcpy(&ours->container_statuses, &s->container_statuses, sizeof(s->container_statuses));
    memcpy(&ours->ephemeral_container_statuses, &s->ephemeral_container_statuses,
           sizeof(s->ephemeral_container_statuses));
    return ours;
}

static const struct k8s_pod_condition *find_condition(const struct k8s_pod_status *s, const char *type)
{
    for (size_t i = 0; i < s->conditions.len; i++)
        if (str_eq(s->conditions.items[i].type, type))
            return &s->conditions.items[i];
    return NULL;
}

bool pod_status_agrees(const struct k8s_pod_status *told, const struct k8s_pod_status *object)
{
    if (!str_eq(told->phase, object->phase))
        return false;
    for (size_t i = 0; i < told->conditions.len; i++) {
        const struct k8s_pod_condition *a = &told->conditions.items[i];
        const struct k8s_pod_condition *b = find_condition(object, a->type);
        if (condition_is_ours(a->type) && (!b || !str_eq(a->status, b->status)))
            return false;
    }
    return true;
}

bool pod_status_equal(const struct k8s_pod_status *a, const struct k8s_pod_status *b)
{
    if (!a || !b)
        return a == b;
    AUTO(buf_done) struct buf x = BUF_INIT(LIMIT_K8S_OBJECT_BYTES);
    AUTO(buf_done) struct buf y = BUF_INIT(LIMIT_K8S_OBJECT_BYTES);
    if (json_encode(&k8s_pod_status_type, a, &x) < 0 || json_encode(&k8s_pod_status_type, b, &y) < 0)
        return false;
    return x.len == y.len && memcmp(x.data, y.data, x.len) == 0;
}
