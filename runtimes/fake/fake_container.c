/* SPDX-License-Identifier: Apache-2.0 */
/* Containers of the fake: what is asked for. How they run and end is in fake_life.c. */
#include <errno.h>

#include "base/clock.h"
#include "base/str.h"
#include "fake_internal.h"

void fake_container_free(struct fake_container *c)
{
    fake_life_done(c);
    arena_unref(c->arena);
    free(c);
}

void fake_container_remove(struct rt_fake *f, struct fake_container *c)
{
    fake_op_stopped(f, c->view.id);
    (void)map_remove(&f->container_map, c->view.id);
    fake_container_free(c);
}

static struct fake_container *find_identity(const struct rt_fake *f, const char *identity)
{
    const char *key;
    void *value;
    for (size_t n = 0; map_next(&f->container_map, &n, &key, &value);) {
        struct fake_container *c = value;
        if (str_eq(c->identity, identity))
            return c;
    }
    return NULL;
}

static struct fake_container *find(struct fake_op *op)
{
    return map_get(&op->fake->container_map, op->id);
}

static int apply_create(struct fake_op *op, const void **ret_result, struct err *err)
{
    struct rt_fake *f = op->fake;
    const struct fake_container *c = op->request, *old = find_identity(f, c->identity);
    const struct fake_sandbox *s = map_get(&f->sandbox_map, c->view.sandbox_id);
    (void)ret_result;
    if (old)
        return 0;
    if (!s || s->view.state != RT_SANDBOX_READY)
        return err_set_reason(err, -ENOENT, "CreateContainerError", "sandbox %s is not ready",
                              c->view.sandbox_id);
    struct fake_script_entry *e = fake_script_container(f, s, c->view.name, c->view.image);
    if (!e)
        return err_set_reason(err, -ENOENT, "CreateContainerError", "image %s is not here",
                              c->view.image);
    if (fake_script_fails(e->script.create_failures, &e->creates))
        return err_set_reason(err, -EIO, "CreateContainerError", "%s",
                              str_or(e->script.failure_message, "scripted failure"));
    struct fake_container *made = NEW(struct fake_container);
    *made = *c;
    made->arena = arena_ref(op->arena);
    made->script = e;
    made->view.id = fake_id_new(f, made->arena, made->identity);
    made->view.created_wall_ns = clock_wall_ns();
    made->view.log_path =
        arena_printf(made->arena, "%s/%s", str_or(s->log_directory, ""), c->view.log_path);
    fake_life_init(made);
    (void)map_put(&f->container_map, made->view.id, made);
    return 0;
}

static int look_created(struct fake_op *op, const void **ret_result, struct err *err)
{
    const struct fake_container *c =
        find_identity(op->fake, ((const struct fake_container *)op->request)->identity);
    if (!c)
        return err_set_reason(err, -ENOENT, "CreateContainerError",
                              "the container was removed meanwhile");
    *ret_result = &c->view;
    return 0;
}

static int64_t create_delay_ms(struct rt_fake *f, const struct rt_container_config *config)
{
    const struct fake_sandbox *s = map_get(&f->sandbox_map, config->sandbox_id);
    const struct fake_script_entry *e =
        s ? fake_script_container(f, s, config->name, config->image) : NULL;
    return e ? e->script.create_ms : 0;
}

static const struct rt_user *user_copy(struct arena *a, const struct rt_security *s)
{
    struct rt_user *u = ARENA_NEW(a, struct rt_user);
    int64_t *groups = arena_alloc(a, (s->supplemental_groups_len + 1) * sizeof(*groups));
    *u = (struct rt_user){ .uid = s->has_uid ? s->uid : 0, .gid = s->has_gid ? s->gid : 0, .groups = groups };
    groups[u->groups_len++] = u->gid;
    for (size_t i = 0; i < s->supplemental_groups_len; i++)
        groups[u->groups_len++] = s->supplemental_groups[i];
    return u;
}

static struct rt_op *create(struct rt_containers *containers,
                            const struct rt_container_config *config, const struct rt_call *call)
{
    struct rt_fake *f = fake_of_containers(containers);
    struct fake_op *op = fake_op_new(f, call, create_delay_ms(f, config), apply_create);
    struct arena *a = op->arena;
    struct fake_container *c = ARENA_NEW(a, struct fake_container);
    c->fake = f;
    c->identity = arena_printf(a, "%s/%s#%u", config->sandbox_id, config->name, config->attempt);
    c->resources = config->resources;
    c->view = (struct rt_container){
        .sandbox_id = arena_strdup(a, config->sandbox_id),
        .name = arena_strdup(a, config->name),
        .attempt = config->attempt,
        .state = RT_CONTAINER_CREATED,
        .image = arena_strdup(a, config->image),
        .image_id = arena_strdup(a, config->image_id),
        .log_path = arena_strdup(a, str_or(config->log_path, "")),
        .labels = fake_labels_copy(a, &config->labels),
        .annotations = fake_labels_copy(a, &config->annotations),
        .user = user_copy(a, &config->security),
        .stop_signal = arena_strdup(a, config->stop_signal),
    };
    op->request = c;
    op->look = look_created;
    fake_journal_add(f, "create %s#%u", config->name, config->attempt);
    return &op->op;
}

static int apply_start(struct fake_op *op, const void **ret_result, struct err *err)
{
    (void)ret_result;
    struct fake_container *c = find(op);
    if (!c)
        return err_set_reason(err, -ENOENT, "RunContainerError", "container %s does not exist",
                              op->id);
    if (c->view.state != RT_CONTAINER_CREATED)
        return err_set_reason(err, -EALREADY, "RunContainerError",
                              "container %s has been started already", op->id);
    struct fake_script_entry *e = (struct fake_script_entry *)c->script;
    if (!fake_script_fails(e->script.start_failures, &e->starts)) {
        fake_life_start(c);
        return 0;
    }
    c->view.message = arena_strdup(c->arena, str_or(e->script.failure_message, "scripted failure"));
    fake_life_end_silently(c, 128, "StartError");
    return err_set_reason(err, -EIO, "RunContainerError", "%s", c->view.message);
}

static int apply_stop(struct fake_op *op, const void **ret_result, struct err *err)
{
    (void)ret_result, (void)err;
    struct fake_container *c = find(op);
    if (c && c->view.state == RT_CONTAINER_UNKNOWN)
        fake_life_end(c, 137, false, "ContainerStatusUnknown");
    if (!c || c->view.state != RT_CONTAINER_RUNNING)
        return 0;
    fake_life_stop(c, op->grace_ms);
    return FAKE_OP_WAITS;
}

static int apply_remove(struct fake_op *op, const void **ret_result, struct err *err)
{
    (void)ret_result, (void)err;
    struct fake_container *c = find(op);
    if (!c)
        return 0;
    if (c->view.state == RT_CONTAINER_RUNNING)
        fake_life_end(c, 137, false, "Error");
    fake_container_remove(op->fake, c);
    return 0;
}

static int look_status(struct fake_op *op, const void **ret_result, struct err *err)
{
    (void)err;
    struct fake_container *c = find(op);
    *ret_result = c ? arena_copy(op->arena, &c->view, sizeof(c->view)) : NULL;
    return 0;
}

static int look_list(struct fake_op *op, const void **ret_result, struct err *err)
{
    (void)err;
    const struct map *m = &op->fake->container_map;
    struct rt_container_list *list = ARENA_NEW(op->arena, struct rt_container_list);
    struct rt_container *items = arena_alloc(op->arena, (map_len(m) + 1) * sizeof(*items));
    const char *key;
    void *value;
    for (size_t n = 0; map_next(m, &n, &key, &value);)
        items[list->len++] = ((struct fake_container *)value)->view;
    list->items = items;
    *ret_result = list;
    return 0;
}

static int apply_update(struct fake_op *op, const void **ret_result, struct err *err)
{
    (void)ret_result;
    struct fake_container *c = find(op);
    if (!c)
        return err_set(err, -ENOENT, "container %s does not exist", op->id);
    c->resources = *(const struct rt_resources *)op->request;
    return 0;
}

static int apply_exists(struct fake_op *op, const void **ret_result, struct err *err)
{
    (void)ret_result;
    return find(op) ? 0 : err_set(err, -ENOENT, "container %s does not exist", op->id);
}

static int apply_stats(struct fake_op *op, const void **ret_result, struct err *err)
{
    struct fake_container *c = find(op);
    if (!c || c->view.state != RT_CONTAINER_RUNNING)
        return err_set(err, -ENOENT, "container %s does not run", op->id);
    *ret_result = arena_copy(op->arena, &c->script->script.stats, sizeof(c->script->script.stats));
    return 0;
}

static struct fake_op *by_id(struct rt_containers *containers, const char *id,
                             const struct rt_call *call, int64_t delay_ms, fake_apply_fn apply,
                             const char *journal)
{
    struct rt_fake *f = fake_of_containers(containers);
    const struct fake_container *c = map_get(&f->container_map, id);
    struct fake_op *op = fake_op_new(f, call, delay_ms, apply);
    op->id = arena_strdup(op->arena, id);
    if (journal)
        fake_journal_add(f, "%s %s", journal, c ? c->view.name : id);
    return op;
}

static struct rt_op *start(struct rt_containers *s, const char *id, const struct rt_call *call)
{
    const struct fake_container *c = map_get(&fake_of_containers(s)->container_map, id);
    return &by_id(s, id, call, c ? c->script->script.start_ms : 0, apply_start, "start")->op;
}

static struct rt_op *stop(struct rt_containers *s, const char *id, int64_t grace_ms,
                          const struct rt_call *call)
{
    struct fake_op *op = by_id(s, id, call, 0, apply_stop, "stop");
    op->grace_ms = grace_ms;
    return &op->op;
}

static struct rt_op *remove_container(struct rt_containers *s, const char *id,
                                      const struct rt_call *call)
{
    return &by_id(s, id, call, 0, apply_remove, "remove")->op;
}

static struct rt_op *status(struct rt_containers *s, const char *id, const struct rt_call *call)
{
    struct fake_op *op = fake_op_new_look(fake_of_containers(s), call, look_status);
    op->id = arena_strdup(op->arena, id);
    return &op->op;
}

static struct rt_op *list(struct rt_containers *s, const struct rt_call *call)
{
    return &fake_op_new_look(fake_of_containers(s), call, look_list)->op;
}

static struct rt_op *update_resources(struct rt_containers *s, const char *id,
                                      const struct rt_resources *r, const struct rt_call *call)
{
    struct fake_op *op = by_id(s, id, call, 0, apply_update, "update");
    op->request = arena_copy(op->arena, r, sizeof(*r));
    return &op->op;
}

static struct rt_op *reopen_log(struct rt_containers *s, const char *id, const struct rt_call *call)
{
    return &by_id(s, id, call, 0, apply_exists, "reopen_log")->op;
}

static struct rt_op *stats(struct rt_containers *s, const char *id, const struct rt_call *call)
{
    return &by_id(s, id, call, 0, apply_stats, NULL)->op;
}

/* A container in memory has no terminal to attach to and no port to forward. */
const struct rt_containers_ops fake_containers_ops = { .name = "fake",
                                                       .create = create,
                                                       .start = start,
                                                       .stop = stop,
                                                       .remove = remove_container,
                                                       .status = status,
                                                       .list = list,
                                                       .update_resources = update_resources,
                                                       .reopen_log = reopen_log,
                                                       .stats = stats,
                                                       .exec = fake_exec,
                                                       .attach = NULL,
                                                       .port_forward = NULL };
