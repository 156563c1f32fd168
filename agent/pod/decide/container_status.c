/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The status of one container: what it does, and if it waits, the first reason that holds:
 *
 *   something the pod asks for is not supported   CreateContainerConfigError
 *   it could not be created or started            CreateContainerError, RunContainerError …
 *   the image could not be pulled                 ErrImagePull, then ImagePullBackOff …
 *   it ended and waits to be restarted            CrashLoopBackOff
 *   nothing has gone wrong                        ContainerCreating, or PodInitializing before the main containers
 */
#include "container_status.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/str.h"
#include "decide/backoff.h"

#define EXIT_CODE_KILLED 137

struct waiting {
    const char *reason, *message;
};

static struct waiting wait_for_word(const struct container_status_in *in, enum word word,
                                    const char *text)
{
    return (struct waiting){ word_reason(word), arena_strdup(in->arena, text) };
}

static bool waits_for_support(const struct container_status_in *in, const struct container_ref *c,
                              const struct container_record *rec, struct waiting *ret)
{
    (void)c, (void)rec;
    if (!in->r->live.unsupported)
        return false;
    *ret = wait_for_word(in, WORD_CONFIG_ERROR, in->r->live.unsupported);
    return true;
}

static bool waits_for_creation(const struct container_status_in *in, const struct container_ref *c,
                               const struct container_record *rec, struct waiting *ret)
{
    (void)c;
    const struct retry *create = &rec->live.create;
    if (!create->reason)
        return false;
    ret->reason = arena_strdup(in->arena, create->reason);
    ret->message = arena_strdup(in->arena, create->message);
    return true;
}

static bool waits_for_image(const struct container_status_in *in, const struct container_ref *c,
                            const struct container_record *rec, struct waiting *ret)
{
    const struct retry *pull = &rec->live.pull;
    if (!pull->reason)
        return false;
    int64_t shown_boot_ns = pull_backoff_shown_boot_ns(rec);
    if (shown_boot_ns && shown_boot_ns <= in->now->boot_ns) {
        ret->reason = word_reason(WORD_PULL_BACKOFF);
        ret->message = word_message(WORD_PULL_BACKOFF, in->arena, str_or(c->spec->image, ""),
                                    pull->reason, str_or(pull->message, ""));
        return true;
    }
    static const enum word told_with_image[] = { WORD_ERR_NEVER_PULL, WORD_INVALID_IMAGE, WORD_IMAGE_INSPECT };
    *ret = (struct waiting){ arena_strdup(in->arena, pull->reason), arena_strdup(in->arena, pull->message) };
    for (size_t i = 0; i < ARRAY_LEN(told_with_image); i++)
        if (str_eq(pull->reason, word_reason(told_with_image[i])))
            ret->message = word_message(told_with_image[i], in->arena, str_or(c->spec->image, ""),
                                        str_or(pull->message, ""));
    return true;
}

static bool waits_for_restart(const struct container_status_in *in, const struct container_ref *c,
                              const struct container_record *rec, struct waiting *ret)
{
    if (rec->current.state != INSTANCE_EXITED || container_is_done(in->pod, c, rec) ||
        rec->live.backoff_counted || restart_due_boot_ns(rec, in->policy) <= in->now->boot_ns)
        return false;
    char delay[32], name[640];
    ret->reason = word_reason(WORD_CRASH_LOOP);
    ret->message =
        word_message(WORD_CRASH_LOOP, in->arena,
                     duration_print(restart_wait_ms(rec, in->policy) * NS_PER_MS, delay), rec->name,
                     pod_display_name(in->pod, name, sizeof(name)));
    return true;
}

typedef bool (*waits_fn)(const struct container_status_in *in, const struct container_ref *c,
                         const struct container_record *rec, struct waiting *ret);

static const waits_fn reasons_to_wait[] = { waits_for_support, waits_for_creation, waits_for_image,
                                            waits_for_restart };

static bool find_wait(const struct container_status_in *in, const struct container_ref *c,
                      const struct container_record *rec, struct waiting *ret)
{
    for (size_t i = 0; i < sizeof(reasons_to_wait) / sizeof(reasons_to_wait[0]); i++)
        if (reasons_to_wait[i](in, c, rec, ret))
            return true;
    return false;
}

static const char *display_id(const struct container_status_in *in, const char *id)
{
    return id ? arena_printf(in->arena, "%s://%s", in->policy->runtime_name, id) : NULL;
}

static struct k8s_time time_or_none(int64_t wall_ns)
{
    return wall_ns ? k8s_time_at(wall_ns) : (struct k8s_time){ .has = false };
}

static const struct k8s_container_state_terminated *terminated(const struct container_status_in *in,
                                                               const struct pod_instance *i)
{
    struct k8s_container_state_terminated *t =
        ARENA_NEW(in->arena, struct k8s_container_state_terminated);
    if (!t)
        return NULL;
    t->exit_code = i->exit_code;
    t->reason = arena_strdup(in->arena, i->reason);
    t->message = arena_strdup(in->arena, i->message);
    t->started_at = time_or_none(i->started_wall_ns);
    t->finished_at = time_or_none(i->finished_wall_ns);
    t->container_id = display_id(in, i->id);
    return t;
}

/* A container of a pod that is over and that nobody saw end. */
static const struct k8s_container_state_terminated *lost(const struct container_status_in *in)
{
    struct k8s_container_state_terminated *t =
        ARENA_NEW(in->arena, struct k8s_container_state_terminated);
    if (!t)
        return NULL;
    t->exit_code = EXIT_CODE_KILLED;
    t->reason = word_reason(WORD_STATUS_UNKNOWN);
    t->message = word_text(WORD_STATUS_UNKNOWN)->format;
    return t;
}

static void state_waiting(const struct container_status_in *in, struct waiting w,
                          struct k8s_container_state *state)
{
    struct k8s_container_state_waiting *waiting =
        ARENA_NEW(in->arena, struct k8s_container_state_waiting);
    if (waiting)
        *waiting = (struct k8s_container_state_waiting){ w.reason, w.message };
    state->waiting = waiting;
}

static void state_of(const struct container_status_in *in, const struct container_ref *c,
                     const struct container_record *rec, struct k8s_container_status *s)
{
    const struct pod_instance *i = &rec->current, *last = &rec->previous;
    struct waiting w = { NULL, NULL };
    if (i->state == INSTANCE_RUNNING) {
        struct k8s_container_state_running *running =
            ARENA_NEW(in->arena, struct k8s_container_state_running);
        if (running)
            running->started_at = time_or_none(i->started_wall_ns);
        s->state.running = running;
    } else if (i->state == INSTANCE_EXITED && !in->over && !container_is_done(in->pod, c, rec) &&
               in->r->stop == STOP_NONE && find_wait(in, c, rec, &w)) {
        last = i;
        state_waiting(in, w, &s->state);
    } else if (i->state == INSTANCE_EXITED) {
        s->state.terminated = terminated(in, i);
    } else if (in->over && c->kind == CONTAINER_MAIN && in->r->verdict != VERDICT_REJECTED &&
               last->state != INSTANCE_EXITED) {
        s->state.terminated = lost(in);
    } else if (in->over && last->state == INSTANCE_EXITED) {
        s->state.terminated = terminated(in, last);
        last = NULL;
    } else if (find_wait(in, c, rec, &w)) {
        state_waiting(in, w, &s->state);
    } else {
        bool init = in->pod->spec.init_containers.len > 0;
        state_waiting(
            in, wait_for_word(in, init ? WORD_POD_INITIALIZING : WORD_CONTAINER_CREATING, NULL),
            &s->state);
    }
    if (last && last->state == INSTANCE_EXITED)
        s->last_state.terminated = terminated(in, last);
}

static bool add_mounts(const struct container_status_in *in, const struct container_ref *c,
                       struct k8s_container_status *s)
{
    size_t len = c->spec->volume_mounts.len;
    struct k8s_volume_mount_status *mounts = arena_alloc(in->arena, (len + 1) * sizeof(*mounts));
    if (!mounts)
        return false;
    for (size_t i = 0; i < len; i++) {
        const struct k8s_volume_mount *m = &c->spec->volume_mounts.items[i];
        mounts[i] = (struct k8s_volume_mount_status){
            .name = m->name,
            .mount_path = m->mount_path,
            .read_only = m->read_only,
            .recursive_read_only = m->read_only ? "Disabled" : NULL,
        };
    }
    s->volume_mounts.items = mounts;
    s->volume_mounts.len = len;
    return true;
}

static bool add_user(const struct container_status_in *in, const struct pod_instance *i,
                     struct k8s_container_status *s)
{
    const struct container_user *u = &i->user;
    if (!u->known)
        return true;
    struct k8s_container_user *user = ARENA_NEW(in->arena, struct k8s_container_user);
    struct k8s_linux_container_user *ids = ARENA_NEW(in->arena, struct k8s_linux_container_user);
    int64_t *groups = arena_alloc(in->arena, (u->groups_len + 1) * sizeof(*groups));
    if (!user || !ids || !groups)
        return false;
    for (size_t g = 0; g < u->groups_len; g++)
        groups[g] = u->groups[g];
    *ids = (struct k8s_linux_container_user){ u->uid, u->gid, { groups, u->groups_len } };
    user->linux = ids;
    s->user = user;
    return true;
}

static bool fill(const struct container_status_in *in, const struct container_ref *c,
                 const struct container_record *rec, struct k8s_container_status *s)
{
    const struct pod_instance *i = &rec->current;
    uint32_t count = i->state == INSTANCE_NONE ? rec->next_attempt : i->attempt;
    *s = (struct k8s_container_status){
        .name = c->spec->name,
        .image = str_or(c->spec->image, ""),
        .image_id = str_or(arena_strdup(in->arena, str_or(i->image_ref, i->image_id)), ""),
        .container_id = display_id(in, i->id),
        .restart_count = (int32_t)count,
        .ready = rec->ready,
        .started = { .has = c->kind != CONTAINER_EPHEMERAL, .value = rec->started },
        .stop_signal = arena_strdup(in->arena, i->stop_signal),
    };
    state_of(in, c, rec, s);
    if (i->id) {
        s->allocated_resources = c->spec->resources.requests;
        s->resources = &c->spec->resources;
    }
    return add_user(in, i, s) && add_mounts(in, c, s);
}

static int by_name(const void *a, const void *b)
{
    const struct k8s_container_status *x = a, *y = b;
    return strcmp(x->name, y->name);
}

bool container_statuses(const struct container_status_in *in, struct k8s_pod_status *status)
{
    const struct k8s_pod_spec *spec = &in->pod->spec;
    size_t all = containers_len(in->pod);
    struct k8s_container_status *s = arena_alloc(in->arena, (all + 1) * sizeof(*s));
    if (!s)
        return false;
    for (size_t i = 0; i < all; i++) {
        struct container_ref c = containers_at(in->pod, i);
        const struct container_record *rec = record_of(in->r, i, c.spec->name);
        static const struct container_record none;
        if (!fill(in, &c, rec ? rec : &none, &s[i]))
            return false;
    }
    if (in->r->verdict == VERDICT_REJECTED)
        return true; /* a refused pod has no container statuses */
    /* Init containers in their order, all others by name: as everybody is used to. */
    qsort(s + spec->init_containers.len, spec->containers.len, sizeof(*s), by_name);
    qsort(s + spec->init_containers.len + spec->containers.len, spec->ephemeral_containers.len,
          sizeof(*s), by_name);
    status->init_container_statuses.items = s;
    status->init_container_statuses.len = spec->init_containers.len;
    status->container_statuses.items = s + spec->init_containers.len;
    status->container_statuses.len = spec->containers.len;
    status->ephemeral_container_statuses.items =
        s + spec->init_containers.len + spec->containers.len;
    status->ephemeral_container_statuses.len = spec->ephemeral_containers.len;
    return true;
}
