/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cache_private.h - the cache, those who wait, and one task for each key that something is being done for.
 *
 *            get()
 *              │ known, or failed lately: answered
 *              ▼
 *   collect() LOOK ──────────── there, and verified ───────────────▶ answered
 *      │       │ not there, or of no use
 *      ▼       ▼
 *    REMOVE   QUEUE ─ a place is free ─▶ PREPARE ──▶ COMPILE ──▶ FINISH ──▶ answered
 *      └─ somebody waits by then ─▶ LOOK
 *
 * LOOK, PREPARE, FINISH and REMOVE are jobs of workers, COMPILE is a process, QUEUE is waiting for a place. A key has one
 * task at most, so no two steps of one entry ever run at once.
 */
#pragma once

#include "base/list.h"
#include "base/loop.h"
#include "base/map.h"
#include "base/worker.h"
#include "compilation.h"
#include "base/limits.h"
#include "failures.h"
#include "known.h"

struct wasm_cache {
    struct loop *loop;
    struct cache_settings settings;
    struct known_set known;
    struct failures failures;
    struct map index; /* key → identity (owned), of all entries on disk */
    struct map tasks; /* key → struct task */
    struct list queue; /* of tasks that wait for a place */
    struct task *places[LIMIT_WASM_COMPILATIONS];
    struct list waits;
    struct wasm_cache_counters counters;
    bool closing;
};

struct wasm_cache_wait {
    struct wasm_cache *cache;
    char *function;
    wasm_cache_fn done;
    void *user;
    struct list node;      /* of the cache's waits */
    struct task *task;     /* until it is over; NULL: none */
    struct list task_node; /* among those that wait for it */
    struct loop_defer answer;
    struct known *known; /* the answer; NULL: err is */
    struct err err;
};
/* Answers later, on the loop: with k, or with err. */
void wait_answer(struct wasm_cache_wait *w, struct known *k, const struct err *err);

enum task_state { TASK_LOOK, TASK_REMOVE, TASK_QUEUE, TASK_PREPARE, TASK_COMPILE, TASK_FINISH };
struct task {
    struct wasm_cache *cache;
    enum task_state state;
    char key[KEY_BYTES];
    char *identity, *path; /* NULL while it removes and nobody has asked yet */
    struct list waits;
    struct list node; /* of the queue */
    int place;        /* -1: none */
    struct worker_job job;
    struct proc proc;
    bool proc_started;
    struct proc_exit exit;
    struct compilation compilation;
    struct entry found;
    int64_t started_ms;
    int rc; /* of the job: 0, < 0, or ENTRY_… of a look */
    struct err err;
};
/* The task of this key, begun if there is none; the wait is among those it will answer. */
void task_join(struct wasm_cache *c, const char *key, const struct wasm_cache_request *req, struct wasm_cache_wait *w);
void task_remove_entry(struct wasm_cache *c, const char *key); /* unless there is a task */
void task_left(struct task *t); /* somebody waits no more: a task in the queue that nobody waits for ends */
void tasks_end(struct wasm_cache *c); /* all, without an answer. Blocks for as long as a job takes */
