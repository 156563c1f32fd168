/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conditions of a pod. Each of ours is computed by one function of the containers' statuses; transition
 * times come from the record and change only when the status word changes; conditions of others stay as the
 * object has them.
 */
#include "conditions.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

#define TRUE_ "True"
#define FALSE_ "False"

struct verdict_of_condition {
    bool ok;
    enum word word;      /* when not ok, or when has_word */
    bool has_word;
    const char *message; /* NULL: the word's own, or none */
};

static struct verdict_of_condition yes(void)
{
    return (struct verdict_of_condition){ .ok = true };
}

static struct verdict_of_condition no(enum word word, const char *message)
{
    return (struct verdict_of_condition){ .word = word, .has_word = true, .message = message };
}

/* Names of the containers for which bad() holds, as "[a b]"; NULL: none. */
static const char *list_names(const struct conditions_in *in,
                              bool (*bad)(const struct container_ref *c,
                                          const struct container_record *rec))
{
    struct buf names = BUF_INIT(LIMIT_POD_CONTAINERS * 256);
    for (size_t i = 0; i < containers_len(in->pod); i++) {
        struct container_ref c = containers_at(in->pod, i);
        if (bad(&c, record_of(in->r, i, c.spec->name)))
            (void)buf_printf(&names, "%s%s", names.len ? " " : "", c.spec->name);
    }
    const char *list = names.len ? arena_printf(in->arena, "[%s]", buf_str(&names)) : NULL;
    buf_done(&names);
    return list;
}

static bool is_unready(const struct container_ref *c, const struct container_record *rec)
{
    return container_traits(c->kind)->counts_for_ready && !(rec && rec->ready);
}

static bool is_uninitialized(const struct container_ref *c, const struct container_record *rec)
{
    if (c->kind == CONTAINER_INIT)
        return !(rec && rec->ready);
    return c->kind == CONTAINER_SIDECAR && !(rec && rec->started);
}

static struct verdict_of_condition scheduled(const struct conditions_in *in)
{
    (void)in;
    return yes();
}

static struct verdict_of_condition ready_to_start(const struct conditions_in *in)
{
    if (sandbox_usable(in->pod, in->seen))
        return yes();
    if (in->seen->sandboxes_len == 0)
        return no(WORD_NO_SANDBOX, NULL);
    return no(in->seen->sandboxes[0].ready ? WORD_SANDBOX_NO_ADDRESS : WORD_SANDBOX_NOT_READY, NULL);
}

static bool a_main_has_run(const struct conditions_in *in)
{
    for (size_t i = 0; i < containers_len(in->pod); i++) {
        struct container_ref c = containers_at(in->pod, i);
        const struct container_record *rec = record_of(in->r, i, c.spec->name);
        if (c.kind == CONTAINER_MAIN && rec &&
            (rec->current.started_wall_ns || rec->previous.started_wall_ns))
            return true;
    }
    return false;
}

static struct verdict_of_condition initialized(const struct conditions_in *in)
{
    if (in->phase == PHASE_SUCCEEDED)
        return (struct verdict_of_condition){
            .ok = true, .word = WORD_POD_COMPLETED, .has_word = true
        };
    const char *names = list_names(in, is_uninitialized);
    if (!names || a_main_has_run(in))
        return yes();
    return no(WORD_NOT_INITIALIZED, word_message(WORD_NOT_INITIALIZED, in->arena, names));
}

static struct verdict_of_condition containers_ready(const struct conditions_in *in)
{
    if (in->phase == PHASE_SUCCEEDED)
        return no(WORD_POD_COMPLETED, NULL);
    if (in->phase == PHASE_FAILED)
        return no(WORD_POD_FAILED, NULL);
    const char *names = list_names(in, is_unready);
    return names ? no(WORD_NOT_READY, word_message(WORD_NOT_READY, in->arena, names)) : yes();
}

static const char *foreign_status(const struct k8s_pod *pod, const char *type)
{
    for (size_t i = 0; i < pod->status.conditions.len; i++)
        if (str_eq(pod->status.conditions.items[i].type, type))
            return str_or(pod->status.conditions.items[i].status, "");
    return NULL;
}

static struct verdict_of_condition ready(const struct conditions_in *in)
{
    struct verdict_of_condition containers = containers_ready(in);
    if (!containers.ok)
        return containers;
    const char *message = NULL;
    for (size_t i = 0; i < in->pod->spec.readiness_gates.len; i++) {
        const char *type = in->pod->spec.readiness_gates.items[i].condition_type;
        const char *status = foreign_status(in->pod, type);
        const char *fault = NULL;
        if (!status)
            fault = arena_printf(
                in->arena, "corresponding condition of pod readiness gate \"%s\" does not exist.",
                type);
        else if (!str_eq(status, TRUE_))
            fault = arena_printf(
                in->arena, "the status of pod readiness gate \"%s\" is not \"True\", but %s", type,
                status);
        if (fault)
            message = message ? arena_printf(in->arena, "%s, %s", message, fault) : fault;
    }
    return message ? no(WORD_GATES_NOT_READY, message) : yes();
}

static const struct {
    const char *type;
    struct verdict_of_condition (*compute)(const struct conditions_in *in);
} ours[] = {
    { "PodReadyToStartContainers", ready_to_start },
    { "Initialized", initialized },
    { "Ready", ready },
    { "ContainersReady", containers_ready },
    { "PodScheduled", scheduled },
};

static const char disruption_target[] = "DisruptionTarget";

bool condition_is_ours(const char *type)
{
    for (size_t i = 0; i < ARRAY_LEN(ours); i++)
        if (str_eq(ours[i].type, type))
            return true;
    return str_eq(type, disruption_target);
}

static const struct k8s_pod_condition *told_by_api(const struct k8s_pod *pod, const char *type)
{
    for (size_t i = 0; i < pod->status.conditions.len; i++)
        if (str_eq(pod->status.conditions.items[i].type, type))
            return &pod->status.conditions.items[i];
    return NULL;
}

/*
 * Since when a condition has had its status. The record knows best, to the nanosecond; but after a crash it may be older
 * than what was told last, so that the object knows better: whichever changed later counts.
 */
static int64_t transition_wall_ns(const struct conditions_in *in, const char *type,
                                  const char *status)
{
    const struct condition_record *known = pod_record_condition(in->r, type);
    const struct k8s_pod_condition *told = told_by_api(in->pod, type);
    int64_t told_ns = told && told->last_transition_time.has ? told->last_transition_time.unix_ns : 0;
    bool told_later = told_ns && (!known || told_ns / NS_PER_S > known->transition_wall_ns / NS_PER_S);
    if (told_later)
        return str_eq(told->status, status) ? told_ns : in->now->wall_ns;
    return known && str_eq(known->status, status) ? known->transition_wall_ns : in->now->wall_ns;
}

static struct k8s_pod_condition condition(const struct conditions_in *in, const char *type,
                                          struct verdict_of_condition v)
{
    const char *status = v.ok ? TRUE_ : FALSE_;
    const char *message = v.message;
    if (!message && v.has_word)
        message = word_text(v.word)->format;
    return (struct k8s_pod_condition){
        .type = type,
        .status = status,
        .reason = v.has_word ? word_reason(v.word) : NULL,
        .message = str_empty(message) ? NULL : message,
        .last_transition_time = k8s_time_at(transition_wall_ns(in, type, status)),
        .observed_generation = in->pod->metadata.generation,
    };
}

static struct k8s_pod_condition disruption(const struct conditions_in *in)
{
    return (struct k8s_pod_condition){
        .type = disruption_target,
        .status = TRUE_,
        .reason = "TerminationByKubelet",
        .message = in->r->verdict_message,
        .last_transition_time = k8s_time_at(transition_wall_ns(in, disruption_target, TRUE_)),
        .observed_generation = in->pod->metadata.generation,
    };
}

bool conditions_compute(const struct conditions_in *in, struct k8s_pod_status *status)
{
    const size_t foreign = in->pod->status.conditions.len;
    struct k8s_pod_condition *list =
        arena_alloc(in->arena, (foreign + ARRAY_LEN(ours) + 1) * sizeof(*list));
    if (!list)
        return false;
    size_t len = 0;
    for (size_t i = 0; i < foreign; i++) {
        const struct k8s_pod_condition *c = &in->pod->status.conditions.items[i];
        bool keep = !condition_is_ours(c->type) ||
                    (str_eq(c->type, disruption_target) && in->r->stop != STOP_EVICTED);
        if (keep)
            list[len++] = *c;
    }
    for (size_t i = 0; i < ARRAY_LEN(ours); i++)
        list[len++] = condition(in, ours[i].type, ours[i].compute(in));
    if (in->r->stop == STOP_EVICTED && phase_is_terminal(in->phase))
        list[len++] = disruption(in);
    status->conditions.items = list;
    status->conditions.len = len;
    return true;
}
