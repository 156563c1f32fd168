/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file has tables of its own, apart from the struct it fills: the struct may change with the code, the file must
 * stay readable by what comes after.
 */
#include "record/codec.h"

#include <errno.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

#define RECORD_USER_FIELDS(F)                            \
    F(value, int64_t, uid, "uid", JSON_ALWAYS)           \
    F(value, int64_t, gid, "gid", JSON_ALWAYS)           \
    F(values, int64_t, groups, "groups", 0)
JSON_STRUCT(record_user, RECORD_USER_FIELDS);

#define RECORD_INSTANCE_FIELDS(F)                        \
    F(value, const char *, state, "state", 0)            \
    F(value, int64_t, attempt, "attempt", 0)             \
    F(value, const char *, id, "id", 0)                  \
    F(value, const char *, sandbox_id, "sandboxId", 0)   \
    F(value, const char *, image_id, "imageId", 0)       \
    F(value, const char *, image_ref, "imageRef", 0)     \
    F(value, const char *, reason, "reason", 0)          \
    F(value, const char *, message, "message", 0)        \
    F(value, int64_t, created, "created", 0)             \
    F(value, int64_t, started, "started", 0)             \
    F(value, int64_t, finished, "finished", 0)           \
    F(value, int64_t, exit_code, "exitCode", 0)          \
    F(object, record_user, user, "user", 0)              \
    F(value, const char *, stop_signal, "stopSignal", 0)
JSON_STRUCT(record_instance, RECORD_INSTANCE_FIELDS);

#define RECORD_CONTAINER_FIELDS(F)                         \
    F(value, const char *, name, "name", JSON_REQUIRED)    \
    F(value, const char *, kind, "kind", 0)                \
    F(embed, record_instance, current, "current", 0)       \
    F(embed, record_instance, previous, "previous", 0)     \
    F(value, int64_t, next_attempt, "nextAttempt", 0)      \
    F(value, int64_t, backoff_ms, "backoffMs", 0)          \
    F(value, int64_t, backoff_wall_ns, "backoffSince", 0)  \
    F(value, const char *, spec_image, "image", 0)
JSON_STRUCT(record_container, RECORD_CONTAINER_FIELDS);

#define RECORD_CONDITION_FIELDS(F)                           \
    F(value, const char *, type, "type", JSON_REQUIRED)      \
    F(value, const char *, status, "status", 0)              \
    F(value, const char *, reason, "reason", 0)              \
    F(value, const char *, message, "message", 0)            \
    F(value, int64_t, transition, "transition", 0)           \
    F(value, int64_t, observed_generation, "generation", 0)
JSON_STRUCT(record_condition, RECORD_CONDITION_FIELDS);

#define RECORD_FILE_FIELDS(F)                                      \
    F(value, int64_t, version, "version", JSON_REQUIRED)           \
    F(value, const char *, uid, "uid", JSON_REQUIRED)              \
    F(value, const char *, namespace_, "namespace", 0)             \
    F(value, const char *, name, "name", 0)                        \
    F(value, const char *, verdict, "verdict", 0)                  \
    F(value, const char *, verdict_reason, "verdictReason", 0)     \
    F(value, const char *, verdict_message, "verdictMessage", 0)   \
    F(value, int64_t, start_wall_ns, "start", 0)                   \
    F(value, int64_t, next_sandbox_attempt, "nextSandboxAttempt", 0) \
    F(value, bool, had_sandbox, "hadSandbox", 0)                   \
    F(value, bool, volumes_made, "volumesMade", 0)                 \
    F(value, bool, remains_made, "remainsMade", 0)                 \
    F(value, const char *, stop, "stop", 0)                        \
    F(value, int64_t, stop_wall_ns, "stopSince", 0)                \
    F(value, int64_t, stop_grace_ms, "stopGraceMs", 0)             \
    F(value, const char *, phase, "phase", 0)                      \
    F(value, const char *, reason, "reason", 0)                    \
    F(value, const char *, message, "message", 0)                  \
    F(values, const char *, pod_ips, "podIPs", 0)                  \
    F(objects, record_condition, conditions, "conditions", 0)      \
    F(objects, record_container, containers, "containers", 0)
JSON_STRUCT(record_file, RECORD_FILE_FIELDS);

JSON_TYPE(record_user, RECORD_USER_FIELDS);
JSON_TYPE(record_instance, RECORD_INSTANCE_FIELDS);
JSON_TYPE(record_container, RECORD_CONTAINER_FIELDS);
JSON_TYPE(record_condition, RECORD_CONDITION_FIELDS);
JSON_TYPE(record_file, RECORD_FILE_FIELDS);

/* ---- words for enums; the first is what is left out ---- */

static const char *const instance_words[INSTANCE_NR] = { NULL, "created", "running", "exited" };
static const char *const kind_words[CONTAINER_KIND_NR] = { "init", "sidecar", "main", "ephemeral" };
static const char *const verdict_words[VERDICT_NR] = { NULL, "admitted", "rejected" };
static const char *const stop_words[STOP_NR] = { NULL, "deleted", "removed", "deadline", "evicted" };

static int word_index(const char *const *words, size_t len, const char *word)
{
    for (size_t i = 0; i < len; i++)
        if (str_eq(words[i], word))
            return (int)i;
    return 0;
}
#define WORD_INDEX(words, word) word_index(words, ARRAY_LEN(words), word)

/* ---- writing ---- */

/* user: where the table's part of that name is put. */
static struct record_instance instance_to_file(const struct pod_instance *i, struct record_user *user)
{
    const struct container_user *u = &i->user;
    *user = (struct record_user){ u->uid, u->gid, { u->groups, u->groups_len } };
    return (struct record_instance){
        .state = instance_words[i->state],
        .attempt = i->attempt,
        .id = i->id,
        .sandbox_id = i->sandbox_id,
        .image_id = i->image_id,
        .image_ref = i->image_ref,
        .reason = i->reason,
        .message = i->message,
        .created = i->created_wall_ns,
        .started = i->started_wall_ns,
        .finished = i->finished_wall_ns,
        .exit_code = i->exit_code,
        .user = u->known ? user : NULL,
        .stop_signal = i->stop_signal,
    };
}

static struct record_container container_to_file(const struct container_record *c, struct record_user users[2])
{
    return (struct record_container){
        .name = c->name,
        .kind = kind_words[c->kind],
        .current = instance_to_file(&c->current, &users[0]),
        .previous = instance_to_file(&c->previous, &users[1]),
        .next_attempt = c->next_attempt,
        .backoff_ms = c->backoff_ms,
        .backoff_wall_ns = c->backoff_wall_ns,
        .spec_image = c->spec_image,
    };
}

static struct record_condition condition_to_file(const struct condition_record *c)
{
    return (struct record_condition){
        .type = c->type,
        .status = c->status,
        .reason = c->reason,
        .message = c->message,
        .transition = c->transition_wall_ns,
        .observed_generation = c->observed_generation,
    };
}

int pod_record_encode(const struct pod_record *r, struct buf *out)
{
    AUTO(free) struct record_container *containers =
        xcalloc(r->containers_len + 1, sizeof(*containers));
    AUTO(free) struct record_user *users = xcalloc(2 * r->containers_len + 1, sizeof(*users));
    AUTO(free) struct record_condition *conditions =
        xcalloc(r->conditions_len + 1, sizeof(*conditions));
    for (size_t i = 0; i < r->containers_len; i++)
        containers[i] = container_to_file(&r->containers[i], &users[2 * i]);
    for (size_t i = 0; i < r->conditions_len; i++)
        conditions[i] = condition_to_file(&r->conditions[i]);
    struct record_file file = {
        .version = POD_RECORD_VERSION,
        .uid = r->uid,
        .namespace_ = r->namespace_,
        .name = r->name,
        .verdict = verdict_words[r->verdict],
        .verdict_reason = r->verdict_reason,
        .verdict_message = r->verdict_message,
        .start_wall_ns = r->start_wall_ns,
        .next_sandbox_attempt = r->next_sandbox_attempt,
        .had_sandbox = r->had_sandbox,
        .volumes_made = r->volumes_made,
        .remains_made = r->remains_made,
        .stop = stop_words[r->stop],
        .stop_wall_ns = r->stop_wall_ns,
        .stop_grace_ms = r->stop_grace_ms,
        .phase = phase_name(r->phase),
        .reason = r->reason,
        .message = r->message,
        .pod_ips = { (const char *const *)r->pod_ips, strv_len(r->pod_ips) },
        .conditions = { conditions, r->conditions_len },
        .containers = { containers, r->containers_len },
    };
    return json_encode(&record_file_type, &file, out);
}

/* ---- reading ---- */

static void user_from_file(struct container_user *u, const struct record_user *file)
{
    if (file)
        container_user_set(u, &(struct container_user){ .known = true, .uid = file->uid, .gid = file->gid,
                                                        .groups = (int64_t *)file->groups.items,
                                                        .groups_len = file->groups.len });
}

static void instance_from_file(struct pod_instance *i, const struct record_instance *file)
{
    i->state = (enum instance_state)WORD_INDEX(instance_words, file->state);
    i->attempt = (uint32_t)file->attempt;
    i->id = xstrdup(file->id);
    i->sandbox_id = xstrdup(file->sandbox_id);
    i->image_id = xstrdup(file->image_id);
    i->image_ref = xstrdup(file->image_ref);
    i->reason = xstrdup(file->reason);
    i->message = xstrdup(file->message);
    i->created_wall_ns = file->created;
    i->started_wall_ns = file->started;
    i->finished_wall_ns = file->finished;
    i->exit_code = (int)file->exit_code;
    user_from_file(&i->user, file->user);
    i->stop_signal = xstrdup(file->stop_signal);
}

static void containers_from_file(struct pod_record *r, const struct record_file *file)
{
    for (size_t i = 0; i < file->containers.len; i++) {
        const struct record_container *from = &file->containers.items[i];
        struct container_record *c = pod_record_add_container(
            r, from->name, (enum container_kind)WORD_INDEX(kind_words, from->kind));
        instance_from_file(&c->current, &from->current);
        instance_from_file(&c->previous, &from->previous);
        c->next_attempt = (uint32_t)from->next_attempt;
        c->backoff_ms = from->backoff_ms;
        c->backoff_wall_ns = from->backoff_wall_ns;
        c->spec_image = xstrdup(from->spec_image);
    }
}

static void conditions_from_file(struct pod_record *r, const struct record_file *file)
{
    for (size_t i = 0; i < file->conditions.len; i++) {
        const struct record_condition *from = &file->conditions.items[i];
        struct condition_record *c = pod_record_add_condition(r, from->type);
        c->status = xstrdup(from->status);
        c->reason = xstrdup(from->reason);
        c->message = xstrdup(from->message);
        c->transition_wall_ns = from->transition;
        c->observed_generation = from->observed_generation;
    }
}

static void record_from_file(struct pod_record *r, const struct record_file *file)
{
    r->verdict = (enum pod_verdict)WORD_INDEX(verdict_words, file->verdict);
    r->verdict_reason = xstrdup(file->verdict_reason);
    r->verdict_message = xstrdup(file->verdict_message);
    r->start_wall_ns = file->start_wall_ns;
    r->next_sandbox_attempt = (uint32_t)file->next_sandbox_attempt;
    r->had_sandbox = file->had_sandbox;
    r->volumes_made = file->volumes_made;
    r->remains_made = file->remains_made;
    r->stop = (enum stop_why)WORD_INDEX(stop_words, file->stop);
    r->stop_wall_ns = file->stop_wall_ns;
    r->stop_grace_ms = file->stop_grace_ms;
    r->phase = phase_from_name(file->phase);
    r->reason = xstrdup(file->reason);
    r->message = xstrdup(file->message);
    if (file->pod_ips.len)
        r->pod_ips = strv_new();
    for (size_t i = 0; i < file->pod_ips.len; i++)
        strv_push(&r->pod_ips, file->pod_ips.items[i]);
    containers_from_file(r, file);
    conditions_from_file(r, file);
}

int pod_record_decode(const char *text, size_t len, struct pod_record **ret, struct err *err)
{
    AUTO(arena_unref) struct arena *arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    struct record_file file;
    int r = json_decode(&record_file_type, text, len, NULL, arena, &file, err);
    if (r < 0)
        return r;
    if (file.version < 1 || file.version > POD_RECORD_VERSION)
        return err_set(err, -EPROTO,
                       "record format %lld is not one that this version of oarsman reads (up to %d): "
                       "it was written by a newer one",
                       (long long)file.version, POD_RECORD_VERSION);
    struct pod_record *record =
        pod_record_new(file.uid, str_or(file.namespace_, ""), str_or(file.name, ""));
    record_from_file(record, &file);
    *ret = record;
    return 0;
}
