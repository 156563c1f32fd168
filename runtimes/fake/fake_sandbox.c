/* SPDX-License-Identifier: Apache-2.0 */
/* Sandboxes of the fake. The n-th one made gets the n-th address of 10.128.0.0/9. */
#include <errno.h>

#include "base/clock.h"
#include "base/str.h"
#include "fake_internal.h"

struct rt_strings fake_strings_copy(struct arena *a, const struct rt_strings *strings)
{
    const char **items = arena_alloc(a, (strings->len + 1) * sizeof(*items));
    for (size_t i = 0; i < strings->len; i++)
        items[i] = arena_strdup(a, strings->items[i]);
    return (struct rt_strings){ items, strings->len };
}

struct rt_labels fake_labels_copy(struct arena *a, const struct rt_labels *labels)
{
    struct rt_label *items = arena_alloc(a, (labels->len + 1) * sizeof(*items));
    for (size_t i = 0; i < labels->len; i++)
        items[i] = (struct rt_label){ arena_strdup(a, labels->items[i].key),
                                      arena_strdup(a, labels->items[i].value) };
    return (struct rt_labels){ items, labels->len };
}

void fake_sandbox_free(struct fake_sandbox *s)
{
    arena_unref(s->arena);
    free(s);
}

static struct fake_sandbox *find_identity(const struct rt_fake *f, const char *identity)
{
    const char *key;
    void *value;
    for (size_t n = 0; map_next(&f->sandbox_map, &n, &key, &value);) {
        struct fake_sandbox *s = value;
        if (str_eq(s->identity, identity))
            return s;
    }
    return NULL;
}

static struct rt_strings address(struct rt_fake *f, struct arena *a)
{
    uint64_t n = f->serial + 1;
    const char **ips = arena_alloc(a, sizeof(*ips));
    ips[0] = arena_printf(a, "10.%u.%u.%u", 128 + (unsigned)(n >> 16 & 127),
                          (unsigned)(n >> 8 & 255), (unsigned)(n & 255));
    return (struct rt_strings){ ips, 1 };
}

/* The request is a sandbox that is complete but for its id; taking effect is putting it into the
 * world. */
static int apply_create(struct fake_op *op, const void **ret_result, struct err *err)
{
    struct rt_fake *f = op->fake;
    struct fake_sandbox *s = op->request, *old = find_identity(f, s->identity);
    int tries = (int)f->sandbox_tries++;
    (void)ret_result;
    if (old)
        return 0;
    if (f->network_down && s->view.ips.len > 0)
        return err_set(err, -EIO, "network is not ready: %s", f->network_down);
    if (fake_script_fails(f->faults.sandbox_failures, &tries))
        return err_set(err, -EIO, "%s", str_or(f->sandbox_message, "scripted failure"));
    struct fake_sandbox *made = NEW(struct fake_sandbox);
    *made = *s;
    made->arena = arena_ref(op->arena);
    if (made->view.ips.len > 0)
        made->view.ips = address(f, made->arena);
    made->view.id = fake_id_new(f, made->arena, made->identity);
    made->view.created_wall_ns = clock_wall_ns();
    (void)map_put(&f->sandbox_map, made->view.id, made);
    return 0;
}

static int look_created(struct fake_op *op, const void **ret_result, struct err *err)
{
    const struct fake_sandbox *s =
        find_identity(op->fake, ((const struct fake_sandbox *)op->request)->identity);
    if (!s)
        return err_set(err, -ENOENT, "the sandbox was removed meanwhile");
    *ret_result = &s->view;
    return 0;
}

static struct rt_op *create(struct rt_sandboxes *sandboxes, const struct rt_sandbox_config *config,
                            const struct rt_call *call)
{
    struct rt_fake *f = fake_of_sandboxes(sandboxes);
    struct fake_op *op = fake_op_new(f, call, 0, apply_create);
    struct arena *a = op->arena;
    struct fake_sandbox *s = ARENA_NEW(a, struct fake_sandbox);
    s->fake = f;
    s->identity = arena_printf(a, "%s#%u", config->uid, config->attempt);
    s->log_directory = arena_strdup(a, config->log_directory);
    s->view = (struct rt_sandbox){
        .uid = arena_strdup(a, config->uid),
        .name = arena_strdup(a, config->name),
        .namespace_ = arena_strdup(a, config->namespace_),
        .attempt = config->attempt,
        .state = RT_SANDBOX_READY,
        .ips = { .len = config->network == RT_NS_NODE ? 0 : 1 },
        .labels = fake_labels_copy(a, &config->labels),
        .annotations = fake_labels_copy(a, &config->annotations),
    };
    op->request = s;
    op->look = look_created;
    fake_journal_add(f, "sandbox.create %s/%s#%u%s%s", str_or(config->namespace_, ""),
                     str_or(config->name, ""), config->attempt, str_empty(config->runtime_handler) ? "" : " ",
                     str_or(config->runtime_handler, ""));
    return &op->op;
}

static void kill_containers(struct rt_fake *f, const char *sandbox_id)
{
    const char *key;
    void *value;
    for (size_t n = 0; map_next(&f->container_map, &n, &key, &value);) {
        struct fake_container *c = value;
        if (str_eq(c->view.sandbox_id, sandbox_id) && c->view.state == RT_CONTAINER_RUNNING)
            fake_life_end(c, 137, false, "Error");
    }
}

static int apply_stop(struct fake_op *op, const void **ret_result, struct err *err)
{
    (void)ret_result, (void)err;
    struct fake_sandbox *s = map_get(&op->fake->sandbox_map, op->id);
    if (!s)
        return 0;
    s->view.state = RT_SANDBOX_NOTREADY;
    return 0;
}

static int apply_remove(struct fake_op *op, const void **ret_result, struct err *err)
{
    (void)ret_result, (void)err;
    struct fake_sandbox *s = map_get(&op->fake->sandbox_map, op->id);
    if (!s)
        return 0;
    kill_containers(op->fake, op->id); /* they stay until they are removed themselves */
    (void)map_remove(&op->fake->sandbox_map, op->id);
    fake_sandbox_free(s);
    return 0;
}

static int look_status(struct fake_op *op, const void **ret_result, struct err *err)
{
    (void)err;
    struct fake_sandbox *s = map_get(&op->fake->sandbox_map, op->id);
    *ret_result = s ? arena_copy(op->arena, &s->view, sizeof(s->view)) : NULL;
    return 0;
}

static int look_list(struct fake_op *op, const void **ret_result, struct err *err)
{
    (void)err;
    const struct map *m = &op->fake->sandbox_map;
    struct rt_sandbox_list *list = ARENA_NEW(op->arena, struct rt_sandbox_list);
    struct rt_sandbox *items = arena_alloc(op->arena, (map_len(m) + 1) * sizeof(*items));
    const char *key;
    void *value;
    for (size_t n = 0; map_next(m, &n, &key, &value);)
        items[list->len++] = ((struct fake_sandbox *)value)->view;
    list->items = items;
    *ret_result = list;
    return 0;
}

static const char *name_of(struct rt_fake *f, const char *id)
{
    const struct fake_sandbox *s = map_get(&f->sandbox_map, id);
    return s ? str_or(s->view.name, "") : id;
}

static struct rt_op *by_id(struct rt_sandboxes *sandboxes, const char *id,
                           const struct rt_call *call, fake_apply_fn apply, const char *journal)
{
    struct rt_fake *f = fake_of_sandboxes(sandboxes);
    struct fake_op *op = fake_op_new(f, call, 0, apply);
    op->id = arena_strdup(op->arena, id);
    if (journal)
        fake_journal_add(f, "%s %s", journal, name_of(f, id));
    return &op->op;
}

static struct rt_op *stop(struct rt_sandboxes *s, const char *id, const struct rt_call *call)
{
    return by_id(s, id, call, apply_stop, "sandbox.stop");
}

static struct rt_op *remove_sandbox(struct rt_sandboxes *s, const char *id,
                                    const struct rt_call *call)
{
    return by_id(s, id, call, apply_remove, "sandbox.remove");
}

static struct rt_op *status(struct rt_sandboxes *s, const char *id, const struct rt_call *call)
{
    struct fake_op *op = fake_op_new_look(fake_of_sandboxes(s), call, look_status);
    op->id = arena_strdup(op->arena, id);
    return &op->op;
}

static struct rt_op *list(struct rt_sandboxes *s, const struct rt_call *call)
{
    return &fake_op_new_look(fake_of_sandboxes(s), call, look_list)->op;
}

const struct rt_sandboxes_ops fake_sandboxes_ops = { .name = "fake",
                                                     .create = create,
                                                     .stop = stop,
                                                     .remove = remove_sandbox,
                                                     .status = status,
                                                     .list = list };

int rt_fake_break_sandbox(struct rt_fake *f, const char *sandbox_id)
{
    struct fake_sandbox *s = map_get(&f->sandbox_map, sandbox_id);
    if (!s)
        return -ENOENT;
    kill_containers(f, sandbox_id);
    s->view.state = RT_SANDBOX_NOTREADY;
    fake_event_push(f, RT_EVENT_SANDBOX_CHANGED, sandbox_id, NULL);
    return 0;
}
