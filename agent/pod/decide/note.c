/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What beginning and ending an action changes in the record, and what is said about it.
 */
#include "decide/note.h"

#include <errno.h>

#include "base/mem.h"
#include "base/str.h"
#include "decide/backoff.h"
#include "decide/status.h"
#include "situation.h"

static const char *or_unknown(const char *message)
{
    return str_or(message, "unknown error");
}

struct noted { /* what every row needs */
    struct pod_record *r;
    const struct k8s_pod *pod;
    struct container_record *c; /* NULL: the lane is not a container's */
    struct container_ref ref;   /* ref.spec NULL: not in the spec */
    const struct pod_policy *policy;
    const struct now *now;
    struct pod_events *events;
};

static struct noted noted(struct pod_record *r, const struct k8s_pod *pod, const char *container,
                          const struct pod_policy *policy, const struct now *now,
                          struct pod_events *events)
{
    struct noted n = { .r = r, .pod = pod, .policy = policy, .now = now, .events = events };
    if (container) {
        n.c = pod_record_container(r, container);
        if (!pod || !containers_find(pod, container, &n.ref))
            n.ref = (struct container_ref){ .kind = n.c ? n.c->kind : CONTAINER_MAIN };
    }
    return n;
}

#define SAY(n, ...) pod_events_add((n)->events, (n)->c->name, container_traits((n)->ref.kind)->list, __VA_ARGS__)
#define SAY_POD(n, ...) pod_events_add((n)->events, NULL, NULL, __VA_ARGS__)

static const char *image_of(const struct noted *n)
{
    return n->ref.spec ? str_or(n->ref.spec->image, "") : "";
}

/* ---- lanes ---- */

static enum pod_act *lane_of(struct pod_record *r, struct container_record *c, enum pod_act act)
{
    if (c)
        return &c->live.in_flight;
    switch (act) {
    case ACT_SANDBOX_CREATE:
    case ACT_SANDBOX_STOP:
    case ACT_SANDBOX_REMOVE:
        return &r->live.sandbox_in_flight;
    case ACT_VOLUMES_PREPARE:
    case ACT_VOLUMES_TEARDOWN:
        return &r->live.volumes_in_flight;
    case ACT_REMAINS_REMOVE:
        return &r->live.remains_in_flight;
    default:
        return &r->live.api_in_flight;
    }
}

/* ---- beginnings ---- */

static bool is_changed(const struct noted *n)
{
    return n->r->stop == STOP_NONE && n->ref.spec && n->c->spec_image &&
           !str_eq(n->c->spec_image, n->ref.spec->image);
}

void note_begin(struct pod_record *r, const struct k8s_pod *pod, const struct pod_action *a,
                const struct pod_policy *policy, const struct now *now, struct pod_events *events)
{
    struct noted n = noted(r, pod, a->container, policy, now, events);
    *lane_of(r, n.c, a->act) = a->act;
    if (n.c)
        n.c->live.began_boot_ns = now->boot_ns;
    switch (a->act) {
    case ACT_IMAGE_PULL:
        SAY(&n, WORD_PULLING, image_of(&n));
        break;
    case ACT_CONTAINER_CREATE:
        if (n.c->current.state == INSTANCE_EXITED && !n.c->live.backoff_counted) {
            restart_grow(n.c, policy, now);
            n.c->live.backoff_counted = true;
        }
        break;
    case ACT_CONTAINER_STOP:
        n.c->live.in_flight_stop_ms = a->grace_ms;
        if (!n.c->live.told_killing)
            SAY(&n, is_changed(&n) ? WORD_KILLING_CHANGED : WORD_KILLING, n.c->name);
        n.c->live.told_killing = true;
        break;
    case ACT_SANDBOX_CREATE:
        if (r->had_sandbox)
            SAY_POD(&n, WORD_SANDBOX_CHANGED);
        r->had_sandbox = false;
        break;
    default:
        break;
    }
}

/* ---- ends ---- */

static void image_is_here(const struct noted *n, const struct pod_result *result)
{
    n->c->live.image = IMAGE_PRESENT;
    record_string(&n->c->live.image_id, result->image_id);
    record_string(&n->c->live.image_ref, str_or(result->image_ref, result->image_id));
    retry_clear(&n->c->live.pull);
    n->c->live.told_pull_backoff = false;
}

/* Tries again after a while; the container waits with this reason. */
static void image_fails(const struct noted *n, enum word word, const char *message)
{
    backoff_fail(&n->c->live.pull, BACKOFF_PULL, n->policy, n->now, word_reason(word), message);
    n->c->live.image = IMAGE_UNKNOWN;
    n->c->live.told_pull_backoff = false;
    SAY(n, WORD_FAILED, word_reason(word));
}

static bool image_name_is_invalid(const struct noted *n, const struct pod_result *result)
{
    if (result->code >= 0 || !str_eq(result->reason, word_reason(WORD_INVALID_IMAGE)))
        return false;
    SAY(n, WORD_INVALID_IMAGE_EVENT, image_of(n), or_unknown(result->message));
    image_fails(n, WORD_INVALID_IMAGE, or_unknown(result->message));
    return true;
}

static void end_image_check(const struct noted *n, const struct pod_result *result)
{
    bool never = n->ref.spec && str_eq(n->ref.spec->image_pull_policy, "Never");
    if (image_name_is_invalid(n, result))
        return;
    if (result->code < 0) {
        SAY(n, WORD_IMAGE_INSPECT_EVENT, image_of(n), or_unknown(result->message));
        image_fails(n, WORD_IMAGE_INSPECT, result->message);
    } else if (result->image_id) {
        SAY(n, WORD_PRESENT, image_of(n));
        image_is_here(n, result);
    } else if (never) {
        SAY(n, WORD_NEVER_PULL_EVENT, image_of(n));
        image_fails(n, WORD_ERR_NEVER_PULL, NULL);
    } else {
        n->c->live.image = IMAGE_ABSENT;
    }
}

/* The reasons that a failed pull may give; anything else is ErrImagePull. */
static const char *pull_reason(const char *given)
{
    static const char *const known[] = { "RegistryUnavailable", "SignatureValidationFailed",
                                         "ImageInspectError" };
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_eq(known[i], given))
            return known[i];
    return word_reason(WORD_ERR_IMAGE_PULL);
}

static void end_image_pull(const struct noted *n, const struct pod_result *result)
{
    if (result->code == 0) {
        char took[32];
        duration_print(n->now->boot_ns - n->c->live.began_boot_ns, took);
        SAY(n, WORD_PULLED, image_of(n), took, took, (unsigned long long)result->image_bytes);
        image_is_here(n, result);
        for (size_t i = 0; i < n->r->containers_len; i++) /* the others look again */
            if (n->r->containers[i].live.image == IMAGE_ABSENT)
                n->r->containers[i].live.image = IMAGE_UNKNOWN;
        return;
    }
    if (image_name_is_invalid(n, result))
        return;
    const char *reason = pull_reason(result->reason);
    SAY(n, WORD_PULL_FAILED, image_of(n), or_unknown(result->message));
    SAY(n, WORD_FAILED, reason);
    backoff_fail(&n->c->live.pull, BACKOFF_PULL, n->policy, n->now, reason,
                 or_unknown(result->message));
    n->c->live.image = IMAGE_UNKNOWN;
    n->c->live.told_pull_backoff = false;
}

static void end_create(const struct noted *n, const struct pod_result *result)
{
    if (result->code == 0) {
        SAY(n, WORD_CREATED);
        retry_clear(&n->c->live.create);
        return;
    }
    const char *reason = str_or(result->reason, word_reason(WORD_CREATE_ERROR));
    if (!str_eq(n->c->live.create.message, result->message) ||
        !str_eq(n->c->live.create.reason, reason))
        SAY(n, WORD_FAILED, or_unknown(result->message));
    backoff_fail(&n->c->live.create, BACKOFF_STEP, n->policy, n->now, reason,
                 or_unknown(result->message));
}

static void end_start(const struct noted *n, const struct pod_result *result)
{
    if (result->code == 0) {
        SAY(n, WORD_STARTED);
        retry_clear(&n->c->live.create);
        return;
    }
    SAY(n, WORD_FAILED, or_unknown(result->message));
    n->c->live.start_failed = true;
    backoff_fail(&n->c->live.create, BACKOFF_STEP, n->policy, n->now, word_reason(WORD_RUN_ERROR),
                 or_unknown(result->message));
}

static void end_stop(const struct noted *n, const struct pod_result *result)
{
    if (result->code == 0) {
        retry_clear(&n->c->live.stop);
        return;
    }
    SAY_POD(n, WORD_FAILED_KILL, or_unknown(result->message));
    backoff_fail(&n->c->live.stop, BACKOFF_STEP, n->policy, n->now, result->reason,
                 result->message);
}

static void end_sandbox(const struct noted *n, const struct pod_result *result)
{
    if (result->code == 0) {
        retry_clear(&n->r->live.sandbox);
        return;
    }
    if (result->act == ACT_SANDBOX_CREATE)
        SAY_POD(n, WORD_SANDBOX_FAILED, or_unknown(result->message));
    else
        SAY_POD(n, WORD_FAILED_KILL, or_unknown(result->message));
    backoff_fail(&n->r->live.sandbox, BACKOFF_STEP, n->policy, n->now, result->reason,
                 result->message);
}

static void end_volumes(const struct noted *n, const struct pod_result *result)
{
    n->r->live.volumes_ready = result->act == ACT_VOLUMES_PREPARE && result->code == 0;
    if (result->code == 0) {
        n->r->volumes_made = result->act == ACT_VOLUMES_PREPARE;
        retry_clear(&n->r->live.volumes);
        return;
    }
    if (result->act == ACT_VOLUMES_PREPARE && result->code != -ECANCELED)
        SAY_POD(n, WORD_MOUNT_FAILED, or_unknown(result->message));
    backoff_fail(&n->r->live.volumes, BACKOFF_STEP, n->policy, n->now, result->reason,
                 result->message);
}

static void end_remains(const struct noted *n, const struct pod_result *result)
{
    if (result->code == 0) {
        n->r->remains_made = false;
        retry_clear(&n->r->live.remains);
        return;
    }
    backoff_fail(&n->r->live.remains, BACKOFF_STEP, n->policy, n->now, result->reason,
                 result->message);
}

static void end_api_delete(const struct noted *n, const struct pod_result *result)
{
    if (result->code == 0)
        n->r->live.api_deleted = true;
    else
        backoff_fail(&n->r->live.api, BACKOFF_STEP, n->policy, n->now, result->reason,
                     result->message);
}

static void end_quietly(const struct noted *n, const struct pod_result *result)
{
    if (result->code < 0 && n->c)
        backoff_fail(&n->c->live.stop, BACKOFF_STEP, n->policy, n->now, result->reason,
                     result->message);
}

typedef void (*end_fn)(const struct noted *n, const struct pod_result *result);

void note_end(struct pod_record *r, const struct k8s_pod *pod, const struct pod_result *result,
              const struct pod_policy *policy, const struct now *now, struct pod_events *events)
{
    static const end_fn ends[ACT_NR] = {
        [ACT_IMAGE_CHECK] = end_image_check,
        [ACT_IMAGE_PULL] = end_image_pull,
        [ACT_CONTAINER_CREATE] = end_create,
        [ACT_CONTAINER_START] = end_start,
        [ACT_CONTAINER_STOP] = end_stop,
        [ACT_CONTAINER_REMOVE] = end_quietly,
        [ACT_SANDBOX_CREATE] = end_sandbox,
        [ACT_SANDBOX_STOP] = end_sandbox,
        [ACT_SANDBOX_REMOVE] = end_sandbox,
        [ACT_VOLUMES_PREPARE] = end_volumes,
        [ACT_VOLUMES_TEARDOWN] = end_volumes,
        [ACT_REMAINS_REMOVE] = end_remains,
        [ACT_API_DELETE] = end_api_delete,
    };
    struct noted n = noted(r, pod, result->container, policy, now, events);
    if (result->container && !n.c)
        return; /* the container left the record meanwhile */
    enum pod_act *lane = lane_of(r, n.c, result->act);
    if (*lane == result->act)
        *lane = ACT_NONE;
    bool cancelled_pull = result->act == ACT_IMAGE_PULL && result->code == -ECANCELED;
    if (ends[result->act] && !cancelled_pull)
        ends[result->act](&n, result);
}

/* ---- facts from elsewhere ---- */

void note_verdict(struct pod_record *r, const char *reason, const char *message)
{
    if (r->verdict != VERDICT_NONE)
        return;
    r->verdict = reason ? VERDICT_REJECTED : VERDICT_ADMITTED;
    r->volumes_made = r->remains_made = !reason; /* recorded before they are made */
    record_string(&r->verdict_reason, reason);
    record_string(&r->verdict_message, message);
}

void note_unsupported(struct pod_record *r, const char *message)
{
    if (!str_eq(r->live.unsupported, message))
        r->live.told_unsupported = false;
    record_string(&r->live.unsupported, message);
}

void note_eviction(struct pod_record *r, const char *reason, const char *message, int64_t grace_ms,
                   const struct now *now)
{
    if (r->stop != STOP_NONE)
        return;
    r->stop = STOP_EVICTED;
    r->stop_wall_ns = now->wall_ns;
    r->stop_grace_ms = grace_ms;
    record_string(&r->verdict_reason, reason);
    record_string(&r->verdict_message, message);
}

static void note_condition(struct pod_record *r, const struct k8s_pod_condition *told)
{
    struct condition_record *c = pod_record_add_condition(r, told->type);
    record_string(&c->status, told->status);
    record_string(&c->reason, told->reason);
    record_string(&c->message, told->message);
    c->transition_wall_ns = told->last_transition_time.unix_ns;
    c->observed_generation = told->observed_generation;
}

void note_status(struct pod_record *r, const struct k8s_pod_status *status)
{
    r->phase = phase_from_name(status->phase);
    record_string(&r->reason, status->reason);
    record_string(&r->message, status->message);
    for (size_t i = 0; i < status->conditions.len; i++)
        if (condition_is_ours(status->conditions.items[i].type))
            note_condition(r, &status->conditions.items[i]);
}
