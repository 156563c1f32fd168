/* SPDX-License-Identifier: Apache-2.0 */
/* All sandboxes: the table of calls, adoption at start, status and list. */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "rt/query.h"
#include "sandbox_internal.h"

/* ---- status and list ---- */

static void answer_one(struct rt_query *q)
{
    struct sandboxes *s = q->owner;
    const struct sandbox *b = map_get(&s->by_id, q->id);
    struct rt_sandbox view;

    if (b)
        sandbox_view(b, &view);
    rt_query_end(q, b ? &view : NULL);
}

static void answer_all(struct rt_query *q)
{
    struct sandboxes *s = q->owner;
    AUTO(free) struct rt_sandbox *views = xcalloc(map_len(&s->by_id) + 1, sizeof(*views));
    struct rt_sandbox_list list = { .items = views };
    const char *id;
    void *value;

    for (size_t i = 0; map_next(&s->by_id, &i, &id, &value);)
        sandbox_view(value, &views[list.len++]);
    rt_query_end(q, &list);
}

static struct rt_op *status_call(struct rt_sandboxes *h, const char *id, const struct rt_call *call)
{
    struct sandboxes *s = container_of(h, struct sandboxes, handle);

    return rt_query_start(s->loop, call, s, id, answer_one);
}

static struct rt_op *list_call(struct rt_sandboxes *h, const struct rt_call *call)
{
    struct sandboxes *s = container_of(h, struct sandboxes, handle);

    return rt_query_start(s->loop, call, s, NULL, answer_all);
}

/* ---- adoption ---- */

static int adopt_one(int dirfd, const char *id, void *user)
{
    struct sandboxes *s = user;
    AUTO(free) char *dir = xasprintf("%s/%s", s->dir, id);
    AUTO(arena_unref) struct arena *arena = arena_new(LIMIT_POD_MANIFEST_BYTES);
    struct sandbox_record record;
    struct sandbox *b;
    int r = sandbox_record_read(dir, arena, &record, &s->adopt_err);

    (void)dirfd;
    if (r == -ENOENT) { /* the record comes first and goes with the folder: nothing else is there */
        err_clear(&s->adopt_err);
        effect("remove sandbox remains");
        return path_remove_tree(dir, &s->adopt_err) < 0 ? 1 : 0;
    }
    if (r < 0)
        return 1;
    if (!str_eq(record.id, id)) {
        (void)err_set(&s->adopt_err, -EINVAL, "%s/record.json is of sandbox %s", dir, record.id);
        return 1;
    }
    b = sandbox_new(s, TAKE_PTR(arena), &record);
    if (!str_eq(record.boot_id, clock_boot_id()))
        b->record.made = false; /* not on a tmpfs, and the machine has been restarted: only remains are left */
    sandbox_watch_pause(b, true);
    return 0;
}

static int adopt_all(struct sandboxes *s, struct err *err)
{
    int r = path_each(s->dir, adopt_one, s, err);

    if (r > 0) {
        err_copy(err, &s->adopt_err);
        return s->adopt_err.code;
    }
    return r;
}

static void on_swept(void *user, const struct err *err, const void *result)
{
    (void)user;
    (void)err; /* what could not be mended, attaching and the network's health will tell */
    (void)result;
}

/* Every recorded sandbox keeps its network, also the remains: their removal gives it back. */
static void sweep_network(struct sandboxes *s)
{
    AUTO(free) const char **ids = xcalloc(map_len(&s->by_id) + 1, sizeof(*ids));
    struct rt_strings live = { .items = ids };
    struct rt_call call = { .done = on_swept };
    const char *id;
    void *value;

    if (!s->network)
        return;
    for (size_t i = 0; map_next(&s->by_id, &i, &id, &value);)
        if (!((struct sandbox *)value)->record.stopped)
            ids[live.len++] = id;
    (void)rt_network_sweep(s->network, &live, &call);
}

/* ---- all of it ---- */

static const struct rt_sandboxes_ops ops = {
    .create = sandbox_create_call,
    .stop = sandbox_stop_call,
    .remove = sandbox_remove_call,
    .status = status_call,
    .list = list_call,
};

int rt_sandboxes_new(struct loop *loop, const struct rt_sandboxes_config *config, struct rt_sandboxes **ret,
                     struct err *err)
{
    struct sandboxes *s = NEW(struct sandboxes);
    int r;

    s->loop = loop;
    s->ops = ops;
    s->ops.name = s->name = xstrdup(config->name);
    s->handle.ops = &s->ops;
    s->run_dir = xstrdup(config->run_dir);
    s->dir = xasprintf("%s/sandboxes", config->run_dir);
    s->pause = xstrdup(config->pause);
    s->network = config->network;
    s->cgroups = config->cgroups;
    r = path_mkdirs(s->dir, 0700, err);
    if (r == 0)
        r = adopt_all(s, err);
    if (r < 0) {
        rt_sandboxes_free(&s->handle);
        return r;
    }
    sweep_network(s);
    *ret = &s->handle;
    return 0;
}

struct rt_sandboxes *rt_sandboxes_free(struct rt_sandboxes *h)
{
    struct sandboxes *s = h ? container_of(h, struct sandboxes, handle) : NULL;
    const char *id;
    void *value;

    if (!s)
        return NULL;
    for (size_t i = 0; map_next(&s->by_id, &i, &id, &value);) {
        sandbox_drop(value);
        sandbox_free_if_unused(value);
    }
    map_done(&s->by_id);
    map_done(&s->by_identity);
    free(s->name);
    free(s->run_dir);
    free(s->dir);
    free(s->pause);
    free(s);
    return NULL;
}

void rt_sandboxes_set_events(struct rt_sandboxes *h, rt_event_fn fn, void *user)
{
    struct sandboxes *s = container_of(h, struct sandboxes, handle);

    s->event_fn = fn;
    s->event_user = user;
}
