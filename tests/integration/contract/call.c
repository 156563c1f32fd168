/* SPDX-License-Identifier: Apache-2.0 */
#include "call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/str.h"

enum { PATIENCE_MS = 60000 };
#define COPY(to, from) (void)snprintf(to, sizeof(to), "%s", str_or(from, ""))

int64_t now_ms(void)
{
    return clock_boot_ms();
}

void turn(struct contract *c, int64_t ms)
{
    int64_t end_ms = now_ms() + ms;
    for (int64_t left; (left = end_ms - now_ms()) > 0;)
        (void)loop_once(c->loop, (int)(left < 20 ? left : 20));
}

static void ended(struct outcome *o, const struct err *err)
{
    o->calls++;
    o->early = o->early || !o->started;
    if (err)
        err_copy(&o->err, err);
}

static void copy_image(struct outcome *o, const struct rt_image *image)
{
    o->image.found = true;
    COPY(o->image.id, image->id);
    o->image.size_bytes = image->size_bytes;
}

static void copy_sandbox(struct outcome *o, const struct rt_sandbox *s)
{
    struct seen_sandbox *to = &o->sandbox;
    to->found = true;
    COPY(to->id, s->id);
    COPY(to->ip, s->ips.len > 0 ? s->ips.items[0] : NULL);
    COPY(to->label, rt_label_get(&s->labels, "k"));
    COPY(to->annotation, rt_label_get(&s->annotations, "a"));
    to->state = s->state;
    to->created_wall_ns = s->created_wall_ns;
}

static void copy_container(struct outcome *o, const struct rt_container *s)
{
    struct seen_container *to = &o->container;
    to->found = true;
    COPY(to->id, s->id);
    COPY(to->sandbox_id, s->sandbox_id);
    COPY(to->label, rt_label_get(&s->labels, "k"));
    COPY(to->annotation, rt_label_get(&s->annotations, "a"));
    COPY(to->reason, s->reason);
    COPY(to->message, s->message);
    COPY(to->image, s->image);
    COPY(to->log_path, s->log_path);
    to->state = s->state;
    to->exit_code = s->exit_code;
    to->oom_killed = s->oom_killed;
    to->attempt = s->attempt;
    to->pid = s->pid;
    to->created_wall_ns = s->created_wall_ns;
    to->started_wall_ns = s->started_wall_ns;
    to->finished_wall_ns = s->finished_wall_ns;
    COPY(to->stop_signal, s->stop_signal);
    to->has_user = s->user != NULL;
    if (!s->user)
        return;
    to->uid = s->user->uid;
    to->gid = s->user->gid;
    for (to->groups_len = 0; to->groups_len < s->user->groups_len && to->groups_len < ARRAY_LEN(to->groups); to->groups_len++)
        to->groups[to->groups_len] = s->user->groups[to->groups_len];
}

static void on_image(void *user, const struct err *err, const void *result)
{
    ended(user, err);
    if (result)
        copy_image(user, result);
}

static void on_images(void *user, const struct err *err, const void *result)
{
    const struct rt_image_list *list = result;
    struct outcome *o = user;
    ended(o, err);
    for (size_t i = 0; list && i < list->len; i++)
        if (str_eq(list->items[i].id, o->wanted))
            copy_image(o, &list->items[i]);
    o->listed = list ? list->len : 0;
}

static void on_sandbox(void *user, const struct err *err, const void *result)
{
    ended(user, err);
    if (result)
        copy_sandbox(user, result);
}

static void on_sandboxes(void *user, const struct err *err, const void *result)
{
    const struct rt_sandbox_list *list = result;
    struct outcome *o = user;
    ended(o, err);
    for (size_t i = 0; list && i < list->len; i++)
        if (str_eq(list->items[i].id, o->wanted))
            copy_sandbox(o, &list->items[i]);
    o->listed = list ? list->len : 0;
}

static void on_container(void *user, const struct err *err, const void *result)
{
    ended(user, err);
    if (result)
        copy_container(user, result);
}

static void on_containers(void *user, const struct err *err, const void *result)
{
    const struct rt_container_list *list = result;
    struct outcome *o = user;
    ended(o, err);
    for (size_t i = 0; list && i < list->len; i++)
        if (str_eq(list->items[i].id, o->wanted))
            copy_container(o, &list->items[i]);
    o->listed = list ? list->len : 0;
}

static void on_nothing(void *user, const struct err *err, const void *result)
{
    (void)result;
    ended(user, err);
}

static void on_stats(void *user, const struct err *err, const void *result)
{
    ended(user, err);
    if (result)
        ((struct outcome *)user)->stats = *(const struct rt_container_stats *)result;
}

static void on_streams(void *user, const struct err *err, const void *result)
{
    ended(user, err);
    if (result)
        ((struct outcome *)user)->streams = *(const struct rt_streams *)result;
}

#define CALL(name)                                                                                 \
    struct rt_call call_##name(struct outcome *o)                                                  \
    {                                                                                              \
        return (struct rt_call){ .done = on_##name, .user = o };                                   \
    }
CALL(image)
CALL(images)
CALL(sandbox)
CALL(sandboxes)
CALL(container)
CALL(containers)
CALL(nothing)
CALL(stats)
CALL(streams)

void outcome_wait(struct contract *c, struct outcome *o)
{
    int64_t end_ms = now_ms() + PATIENCE_MS;
    o->started = true;
    while (o->calls == 0 && now_ms() < end_ms)
        (void)loop_once(c->loop, 100);
    if (o->early)
        fail_msg("done() was called from within start()");
    if (o->calls != 1)
        fail_msg("done() was called %d times", o->calls);
}

void assert_good(const struct outcome *o)
{
    if (o->err.code)
        fail_msg("%s (%d)", o->err.msg, o->err.code);
}

/* ---- operations ---- */

#define DO(kind, expression)                                                                       \
    struct outcome o = { .c = c };                                                                 \
    struct rt_call call = call_##kind(&o);                                                         \
    (void)(expression);                                                                            \
    outcome_wait(c, &o);                                                                           \
    return o

struct outcome pull(struct contract *c, const char *image)
{
    struct rt_pull_request req = { .image = image };
    DO(image, c->runtime->images->ops->pull(c->runtime->images, &req, &call));
}

struct outcome sandbox_status(struct contract *c, const char *id)
{
    DO(sandbox, c->runtime->sandboxes->ops->status(c->runtime->sandboxes, id, &call));
}

struct outcome sandbox_stop(struct contract *c, const char *id)
{
    DO(nothing, c->runtime->sandboxes->ops->stop(c->runtime->sandboxes, id, &call));
}

struct outcome sandbox_remove(struct contract *c, const char *id)
{
    DO(nothing, c->runtime->sandboxes->ops->remove(c->runtime->sandboxes, id, &call));
}

struct outcome container_status(struct contract *c, const char *id)
{
    DO(container, c->runtime->containers->ops->status(c->runtime->containers, id, &call));
}

struct outcome container_start(struct contract *c, const char *id)
{
    DO(nothing, c->runtime->containers->ops->start(c->runtime->containers, id, &call));
}

struct outcome container_stop(struct contract *c, const char *id, int64_t grace_ms)
{
    DO(nothing, c->runtime->containers->ops->stop(c->runtime->containers, id, grace_ms, &call));
}

struct outcome container_remove(struct contract *c, const char *id)
{
    DO(nothing, c->runtime->containers->ops->remove(c->runtime->containers, id, &call));
}

struct outcome sandbox_create(struct contract *c, const char *uid, uint32_t attempt)
{
    static const struct rt_label labels[] = { { "k", "v" }, { "empty", "" } };
    static const struct rt_label annotations[] = { { "a", "{\"x\": \"ä\\n\"}" } };
    AUTO(free) char *cgroup = xasprintf("%s/pod%s", c->cgroup_parent, uid);
    struct rt_sandbox_config config = {
        .uid = uid,
        .name = uid,
        .namespace_ = "default",
        .attempt = attempt,
        .hostname = uid,
        .log_directory = c->log_directory,
        .cgroup_parent = cgroup,
        .runtime_handler = "",
        .labels = { labels, 2 },
        .annotations = { annotations, 1 },
        .network = RT_NS_POD,
        .pid = RT_NS_CONTAINER,
        .ipc = RT_NS_POD,
    };
    DO(sandbox, c->runtime->sandboxes->ops->create(c->runtime->sandboxes, &config, &call));
}

static struct outcome create_container(struct contract *c, const char *sandbox_id, const char *name,
                                       uint32_t attempt, enum contract_behaviour b, bool as_user)
{
    static const int64_t groups[] = { 4000 };
    static const struct rt_label labels[] = { { "k", "v" } };
    static const struct rt_label annotations[] = { { "a", "w" } };
    static const struct rt_label envs[] = { { "PATH", "/bin" } };
    AUTO(free) char *log_path = xasprintf("%s-%u.log", name, attempt);
    struct outcome image = { .c = c };
    struct rt_call image_call = call_image(&image);
    (void)c->runtime->images->ops->status(c->runtime->images, c->image, &image_call);
    outcome_wait(c, &image);
    struct rt_container_config config = {
        .sandbox_id = sandbox_id,
        .name = name,
        .attempt = attempt,
        .image = c->image,
        .image_id = image.image.id,
        .labels = { labels, 1 },
        .annotations = { annotations, 1 },
        .log_path = log_path,
        .envs = envs,
        .envs_len = 1,
        .security = { .seccomp = RT_SECCOMP_RUNTIME_DEFAULT },
    };
    if (as_user) {
        config.security.has_uid = config.security.has_gid = true;
        config.security.uid = 1234; /* that no image knows */
        config.security.gid = 3000;
        config.security.supplemental_groups = groups;
        config.security.supplemental_groups_len = 1;
        config.stop_signal = "SIGINT";
    }
    c->behave(c, b, &config);
    DO(container, c->runtime->containers->ops->create(c->runtime->containers, &config, &call));
}

struct outcome container_create(struct contract *c, const char *sandbox_id, const char *name,
                                uint32_t attempt, enum contract_behaviour b)
{
    return create_container(c, sandbox_id, name, attempt, b, false);
}

struct outcome container_create_as_user(struct contract *c, const char *sandbox_id, const char *name,
                                        enum contract_behaviour b)
{
    return create_container(c, sandbox_id, name, 0, b, true);
}
