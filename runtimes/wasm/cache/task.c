/* SPDX-License-Identifier: Apache-2.0 */
/* task.c - what is done for one key, step by step; see the picture in cache_private.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/now.h"
#include "cache_private.h"
#include "verdict.h"

static void fill_places(struct wasm_cache *c);

static void destroy(struct task *t)
{
    struct wasm_cache *c = t->cache;
    (void)map_remove(&c->tasks, t->key);
    list_remove(&t->node);
    if (t->place >= 0)
        c->places[t->place] = NULL;
    if (t->proc_started)
        proc_done(&t->proc); /* before its files go */
    compilation_done(&t->compilation);
    entry_done(&t->found);
    free(t->identity);
    free(t->path);
    free(t);
}

/* ---- the answer ---- */

static void answer(struct task *t)
{
    struct wasm_cache *c = t->cache;
    struct known *known = t->rc == 0 ? known_new(t->key, &t->found) : NULL;
    struct wasm_cache_wait *w;
    if (known) {
        known_put(&c->known, known);
        free(map_put(&c->index, t->key, xstrdup(t->identity)));
    }
    while ((w = list_first(&t->waits, struct wasm_cache_wait, task_node))) {
        list_remove(&w->task_node);
        w->task = NULL;
        wait_answer(w, known, &t->err);
    }
    (void)known_unref(known);
    destroy(t);
    fill_places(c);
}

static void submit(struct task *t, enum task_state state, enum worker_class class_, worker_fn run, worker_fn done)
{
    t->state = state;
    worker_submit(t->cache->loop, class_, &t->job, run, done);
}

static struct task *task_of(struct worker_job *job)
{
    return container_of(job, struct task, job);
}

/* ---- compiling ---- */

static void run_finish(struct worker_job *job)
{
    struct task *t = task_of(job);
    t->rc = compilation_finish(&t->compilation, &t->exit, buf_str(&t->proc.error_out), &t->found, &t->err);
}

static void finish_done(struct worker_job *job)
{
    struct task *t = task_of(job);
    struct wasm_cache *c = t->cache;
    int64_t now_ms = clock_boot_ms();
    c->counters.last_compile_ms = now_ms - t->started_ms;
    if (t->rc < 0) {
        c->counters.failures++;
        failures_put(&c->failures, t->key, &t->err, now_ms + verdict_memory_ms(c->counters.last_compile_ms));
    }
    if (c->closing)
        destroy(t);
    else
        answer(t);
}

static void compiler_ended(struct proc *p, const struct proc_exit *exit)
{
    struct task *t = container_of(p, struct task, proc);
    t->exit = *exit;
    submit(t, TASK_FINISH, WORKER_DISK, run_finish, finish_done);
}

static void start_compiler(struct task *t)
{
    proc_init(&t->proc, t->cache->loop, "oarsman-wasm-compile", compiler_ended);
    t->state = TASK_COMPILE;
    t->started_ms = clock_boot_ms();
    t->rc = compilation_start(&t->compilation, &t->proc, &t->err);
    t->proc_started = t->rc == 0;
    if (t->proc_started)
        t->cache->counters.compilations++;
    else
        answer(t);
}

static void run_prepare(struct worker_job *job)
{
    struct task *t = task_of(job);
    t->rc = compilation_prepare(&t->compilation, &t->err);
}

static void prepare_done(struct worker_job *job)
{
    struct task *t = task_of(job);
    if (t->cache->closing)
        destroy(t);
    else if (t->rc < 0)
        answer(t);
    else
        start_compiler(t);
}

static void take_place(struct task *t, int place)
{
    char name[16];
    (void)snprintf(name, sizeof(name), "%d", place);
    t->place = place;
    t->cache->places[place] = t;
    compilation_init(&t->compilation, &t->cache->settings, name);
    t->compilation.key = t->key;
    t->compilation.identity = t->identity;
    t->compilation.module_path = t->path;
    submit(t, TASK_PREPARE, WORKER_RUNTIME, run_prepare, prepare_done);
}

static void fill_places(struct wasm_cache *c)
{
    for (int i = 0; i < LIMIT_WASM_COMPILATIONS && !list_empty(&c->queue); i++)
        if (!c->places[i]) {
            struct task *t = list_first(&c->queue, struct task, node);
            list_remove(&t->node);
            take_place(t, i);
        }
}

/* ---- is it there? ---- */

static void run_look(struct worker_job *job)
{
    struct task *t = task_of(job);
    t->rc = entry_load(&t->cache->settings, t->key, &t->found, &t->err);
}

static uint64_t waiting(const struct task *t)
{
    uint64_t count = 0;
    for (const struct list *node = t->waits.next; node != &t->waits; node = node->next)
        count++;
    return count;
}

static void look_done(struct worker_job *job)
{
    struct task *t = task_of(job);
    struct wasm_cache *c = t->cache;
    if (c->closing) {
        destroy(t);
        return;
    }
    if (t->rc <= 0) {
        if (t->rc == 0)
            c->counters.hits += waiting(t);
        answer(t);
        return;
    }
    if (list_empty(&t->waits)) { /* nobody wants it any more */
        destroy(t);
        return;
    }
    err_clear(&t->err);
    t->state = TASK_QUEUE;
    list_push_back(&c->queue, &t->node);
    fill_places(c);
}

static void look(struct task *t)
{
    submit(t, TASK_LOOK, WORKER_DISK, run_look, look_done);
}

/* ---- away with it ---- */

static void run_remove(struct worker_job *job)
{
    struct task *t = task_of(job);
    entry_remove(&t->cache->settings, t->key);
}

static void remove_done(struct worker_job *job)
{
    struct task *t = task_of(job);
    if (t->cache->closing || list_empty(&t->waits))
        destroy(t);
    else
        look(t);
}

/* ---- from outside ---- */

static struct task *new_task(struct wasm_cache *c, const char *key)
{
    struct task *t = NEW(struct task);
    t->cache = c;
    memcpy(t->key, key, KEY_BYTES);
    list_init(&t->waits);
    list_init(&t->node);
    t->place = -1;
    t->found = (struct entry)ENTRY_NONE;
    compilation_init(&t->compilation, &c->settings, "");
    free(TAKE_PTR(t->compilation.group)); /* it has no place yet */
    (void)map_put(&c->tasks, key, t);
    return t;
}

void task_join(struct wasm_cache *c, const char *key, const struct wasm_cache_request *req, struct wasm_cache_wait *w)
{
    struct task *t = map_get(&c->tasks, key);
    bool begun = t != NULL;
    if (!t)
        t = new_task(c, key);
    if (!t->identity) {
        t->identity = xstrdup(req->identity);
        t->path = xstrdup(req->path);
    }
    list_push_back(&t->waits, &w->task_node);
    w->task = t;
    if (!begun)
        look(t);
}

void task_remove_entry(struct wasm_cache *c, const char *key)
{
    if (map_get(&c->tasks, key))
        return; /* somebody is about to use it */
    known_forget(&c->known, key);
    free(map_remove(&c->index, key));
    submit(new_task(c, key), TASK_REMOVE, WORKER_DISK, run_remove, remove_done);
}

void task_left(struct task *t)
{
    if (t->state == TASK_QUEUE && list_empty(&t->waits))
        destroy(t);
}

void tasks_end(struct wasm_cache *c)
{
    const char *key;
    void *value;
    c->closing = true;
    for (size_t i = 0; map_next(&c->tasks, &i, &key, &value);) {
        struct task *t = value;
        if (t->state == TASK_QUEUE || t->state == TASK_COMPILE)
            destroy(t);
    }
    if (map_len(&c->tasks))
        worker_drain(c->loop);
}
