/* SPDX-License-Identifier: Apache-2.0 */
#include "rt/wasm_cache.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/effect.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/now.h"
#include "cache_private.h"
#include "rt/wasm_scan.h"

#define GROUP_TIMEOUT_MS 5000

/* ---- those who wait ---- */

static void wait_free(struct wasm_cache_wait *w)
{
    loop_defer_stop(&w->answer);
    list_remove(&w->node);
    list_remove(&w->task_node);
    (void)known_unref(w->known);
    free(w->function);
    free(w);
}

static void deliver(struct loop_defer *d)
{
    struct wasm_cache_wait *w = container_of(d, struct wasm_cache_wait, answer);
    wasm_cache_fn done = w->done;
    void *user = w->user;
    struct known *known = TAKE_PTR(w->known);
    struct err err = w->err;
    struct wasm_module module;
    if (known) {
        module = known->entry.module;
        (void)wasm_entry(module.kind, &module.exports, w->function, &module.entry, &err);
    }
    wait_free(w);
    if (err.code)
        done(user, &err, NULL);
    else
        done(user, NULL, &module);
    (void)known_unref(known);
}

void wait_answer(struct wasm_cache_wait *w, struct known *k, const struct err *err)
{
    assert(k || err->code);
    if (k)
        w->known = known_ref(k);
    else
        err_copy(&w->err, err);
    loop_defer_start(&w->answer);
}

struct wasm_cache_wait *wasm_cache_get(struct wasm_cache *c, const struct wasm_cache_request *req, wasm_cache_fn done,
                                       void *user)
{
    struct wasm_cache_wait *w = NEW(struct wasm_cache_wait);
    char key[KEY_BYTES];
    *w = (struct wasm_cache_wait){ .cache = c, .function = xstrdup(req->function), .done = done, .user = user };
    loop_defer_init(&w->answer, c->loop, "wasm cache", deliver);
    list_init(&w->task_node);
    list_push_back(&c->waits, &w->node);
    key_of(req->identity, c->settings.engine, c->settings.cpu, key);
    struct known *known = known_get(&c->known, key);
    const struct err *failed = known ? NULL : failures_get(&c->failures, key, clock_boot_ms());
    if (known || failed) {
        c->counters.hits += known != NULL;
        wait_answer(w, known, failed);
    } else {
        task_join(c, key, req, w);
    }
    return w;
}

void wasm_cache_wait_cancel(struct wasm_cache_wait *w)
{
    struct task *task = w->task;
    wait_free(w);
    if (task)
        task_left(task);
}

/* ---- beginning and end ---- */

static void remember(void *user, const char *key, const char *identity)
{
    struct wasm_cache *c = user;
    free(map_put(&c->index, key, xstrdup(identity)));
}

/* Helpers of an earlier life are ended before their files are swept. What was never recorded as ours stays. */
static void remove_groups(const struct cache_settings *s)
{
    if (s->cgroups)
        (void)rt_cgroup_remove(s->cgroups, s->cgroup, GROUP_TIMEOUT_MS, NULL);
}

int wasm_cache_open(struct loop *loop, const struct wasm_cache_config *config, struct wasm_cache **ret, struct err *err)
{
    AUTO(wasm_cache_free) struct wasm_cache *c = NEW(struct wasm_cache);
    c->loop = loop;
    known_init(&c->known);
    list_init(&c->queue);
    list_init(&c->waits);
    int rc = settings_init(&c->settings, config, err);
    if (rc < 0)
        return rc;
    effect("wasm.mkdir");
    rc = path_mkdirs(c->settings.dir, 0700, err);
    remove_groups(&c->settings);
    if (rc == 0)
        rc = entry_sweep(&c->settings, remember, c, err);
    if (rc < 0)
        return rc;
    *ret = TAKE_PTR(c);
    return 0;
}

struct wasm_cache *wasm_cache_free(struct wasm_cache *c)
{
    const char *key;
    void *value;
    struct wasm_cache_wait *w;
    if (!c)
        return NULL;
    list_each(w, &c->waits, struct wasm_cache_wait, node)
        wait_free(w);
    tasks_end(c);
    remove_groups(&c->settings);
    for (size_t i = 0; map_next(&c->index, &i, &key, &value);)
        free(value);
    map_done(&c->index);
    map_done(&c->tasks);
    failures_done(&c->failures);
    known_done(&c->known);
    settings_done(&c->settings);
    free(c);
    return NULL;
}

const char *wasm_cache_engine(const struct wasm_cache *c)
{
    return c->settings.engine;
}

struct wasm_cache_counters wasm_cache_counters(const struct wasm_cache *c)
{
    return c->counters;
}
