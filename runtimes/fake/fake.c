/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fake as a whole: what it offers, its health, the faults of its node, its journal.
 */
#include "rt/fake.h"

#include <errno.h>

#include "base/str.h"
#include "fake_internal.h"

enum {
    JOURNAL_LINES_MAX = 100000
}; /* a simulation of days clears it now and then, or does not look */

void fake_journal_add(struct rt_fake *f, const char *fmt, ...)
{
    char line[512];
    va_list ap;
    if (f->journal_len == JOURNAL_LINES_MAX)
        return;
    va_start(ap, fmt);
    (void)vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    f->journal = xgrow(f->journal, &f->journal_cap, f->journal_len + 1, sizeof(*f->journal));
    f->journal[f->journal_len++] = xstrdup(line);
}

const char *rt_fake_journal(const struct rt_fake *f, size_t i)
{
    return i < f->journal_len ? f->journal[i] : NULL;
}

void rt_fake_journal_clear(struct rt_fake *f)
{
    while (f->journal_len > 0)
        free(f->journal[--f->journal_len]);
}

/* Unique in a run, the same in each run. */
const char *fake_id_new(struct rt_fake *f, struct arena *a, const char *seed)
{
    uint64_t serial = ++f->serial, h = str_hash(seed, strlen(seed));
    uint64_t words[4] = { h ^ serial, h + serial, h, serial };
    char *id = arena_alloc(a, 2 * sizeof(words) + 1);
    str_hex(words, sizeof(words), id);
    return id;
}

static struct rt_health health(struct rt_runtime *rt)
{
    const struct rt_fake *f = container_of(rt, struct rt_fake, runtime);
    return (struct rt_health){
        .runtime_ready = !f->runtime_down,
        .runtime_message = f->runtime_down,
        .network_ready = !f->network_down,
        .network_message = f->network_down,
    };
}

static void set_events(struct rt_runtime *rt, rt_event_fn fn, void *user)
{
    struct rt_fake *f = container_of(rt, struct rt_fake, runtime);
    f->event_fn = fn;
    f->event_user = user;
}

static void runtime_free(struct rt_runtime *rt)
{
    set_events(rt, NULL, NULL); /* the world belongs to whoever called rt_fake_new() */
}

static const struct rt_handler handlers[] = {
    { .name = "", .recursive_readonly_mounts = true },
    { .name = "fake", .recursive_readonly_mounts = true },
};

int rt_fake_new(struct loop *loop, struct rt_fake **ret, struct err *err)
{
    (void)err;
    struct rt_fake *f = NEW(struct rt_fake);
    f->loop = loop;
    f->images.ops = &fake_images_ops;
    f->sandboxes.ops = &fake_sandboxes_ops;
    f->containers.ops = &fake_containers_ops;
    f->runtime = (struct rt_runtime){
        .name = "fake",
        .version = OARSMAN_VERSION,
        .images = &f->images,
        .sandboxes = &f->sandboxes,
        .containers = &f->containers,
        .handlers = handlers,
        .handlers_len = ARRAY_LEN(handlers),
        .health = health,
        .set_events = set_events,
        .free = runtime_free,
    };
    list_init(&f->ops);
    list_init(&f->events);
    list_init(&f->execs);
    loop_defer_init(&f->deliver, loop, "fake events", fake_event_deliver);
    *ret = f;
    return 0;
}

static void drop_operations(struct rt_fake *f)
{
    struct fake_op *op;
    list_each (op, &f->ops, struct fake_op, node)
        fake_op_drop(op);
    fake_exec_drop_all(f);
    fake_event_clear(f);
}

static void map_free_values(struct map *m, void (*fn)(void *value))
{
    const char *key;
    void *value;
    for (size_t n = 0; map_next(m, &n, &key, &value);)
        fn(value);
    map_done(m);
}

static void free_script(void *value)
{
    (void)fake_script_entry_free(value);
}
static void free_image(void *value)
{
    fake_image_free(value);
}
static void free_sandbox(void *value)
{
    fake_sandbox_free(value);
}
static void free_container(void *value)
{
    fake_container_free(value);
}

struct rt_fake *rt_fake_free(struct rt_fake *f)
{
    if (!f)
        return NULL;
    drop_operations(f);
    map_free_values(&f->container_map, free_container);
    map_free_values(&f->sandbox_map, free_sandbox);
    map_free_values(&f->image_map, free_image);
    map_free_values(&f->scripts, free_script);
    map_free_values(&f->container_scripts, free_script);
    map_free_values(&f->runs, free);
    rt_fake_journal_clear(f);
    free(f->journal);
    free(f->sandbox_message);
    free(f->runtime_down);
    free(f->network_down);
    free(f);
    return NULL;
}

struct rt_runtime *rt_fake_runtime(struct rt_fake *f)
{
    return &f->runtime;
}

static void replace(char **field, const char *value)
{
    free(*field);
    *field = xstrdup(value);
}

void rt_fake_faults(struct rt_fake *f, const struct rt_fake_faults *faults)
{
    bool changed = !str_eq(f->runtime_down, faults->runtime_down) ||
                   !str_eq(f->network_down, faults->network_down);
    f->faults = *faults;
    f->sandbox_tries = 0;
    replace(&f->sandbox_message, faults->sandbox_message);
    replace(&f->runtime_down, faults->runtime_down);
    replace(&f->network_down, faults->network_down);
    if (changed)
        fake_event_push(f, RT_EVENT_HEALTH_CHANGED, NULL, NULL);
}

void rt_fake_agent_restart(struct rt_fake *f)
{
    drop_operations(f);
    f->event_fn = NULL;
}

void rt_fake_reboot(struct rt_fake *f)
{
    const char *key;
    void *value;
    rt_fake_agent_restart(f);
    for (size_t n = 0; map_next(&f->container_map, &n, &key, &value);) {
        struct fake_container *c = value;
        if (c->view.state == RT_CONTAINER_RUNNING || c->view.state == RT_CONTAINER_UNKNOWN)
            fake_life_end_silently(c, 255, "ContainerStatusUnknown");
    }
    for (size_t n = 0; map_next(&f->sandbox_map, &n, &key, &value);)
        ((struct fake_sandbox *)value)->view.state = RT_SANDBOX_NOTREADY;
}

struct rt_fake_counts rt_fake_counts(const struct rt_fake *f)
{
    struct rt_fake_counts counts = {
        .sandboxes = map_len(&f->sandbox_map),
        .containers = map_len(&f->container_map),
        .images = map_len(&f->image_map),
        .ran_twice = f->ran_twice,
    };
    const char *key;
    void *value;
    for (size_t n = 0; map_next(&f->container_map, &n, &key, &value);)
        counts.running += ((struct fake_container *)value)->view.state == RT_CONTAINER_RUNNING;
    for (const struct list *l = f->ops.next; l != &f->ops; l = l->next)
        counts.operations++;
    return counts;
}

size_t rt_fake_count_pod(const struct rt_fake *f, const char *uid, bool running_only)
{
    size_t count = 0;
    const char *key;
    void *value;
    for (size_t n = 0; map_next(&f->sandbox_map, &n, &key, &value);)
        count += !running_only && str_eq(((struct fake_sandbox *)value)->view.uid, uid);
    for (size_t n = 0; map_next(&f->container_map, &n, &key, &value);) {
        const struct fake_container *c = value;
        const struct fake_sandbox *s = map_get(&f->sandbox_map, c->view.sandbox_id);
        bool counts = !running_only || c->view.state == RT_CONTAINER_RUNNING;
        count += counts && s && str_eq(s->view.uid, uid);
    }
    return count;
}
