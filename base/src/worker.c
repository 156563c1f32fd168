/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker.c - jobs on libuv's thread pool, with a bound for each class.
 *
 * The pool has as many threads as the classes' bounds add up to. A class has as many slots as its
 * bound; a job runs in a slot or waits in the class's queue, so a job handed to the pool always
 * finds a thread, and no class takes another's. Everything but run() happens on the loop thread: no
 * locks. A job's memory is the caller's again once done() has begun, so the slot lives beside it.
 */
#include "base/worker.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "loop_impl.h"

#define THREADS (LIMIT_WORKER_RUNTIME + LIMIT_WORKER_DISK)

struct slot {
    uv_work_t uv;
    struct worker_pool *pool;
    struct worker_job *job; /* NULL: free */
};

struct class_queue {
    struct slot *slots;
    size_t slots_len;
    struct list waiting;
};

struct worker_pool {
    struct slot slots[THREADS];
    struct class_queue classes[WORKER_CLASS_NR];
    struct list cancelled; /* left a queue before they ran; done() is due */
    struct loop_defer cancel;
    size_t jobs; /* submitted, done() not yet called */
};

static const size_t class_bound[WORKER_CLASS_NR] = {
    [WORKER_RUNTIME] = LIMIT_WORKER_RUNTIME,
    [WORKER_DISK] = LIMIT_WORKER_DISK,
};

static void call_done(struct worker_pool *pool, struct worker_job *job)
{
    pool->jobs--;
    job->done(job);
}

static void run_on_thread(uv_work_t *uv)
{
    struct worker_job *job = container_of(uv, struct slot, uv)->job;

    job->run(job);
}

static void fill_slots(struct loop *loop, struct class_queue *queue);

static void back_on_loop(uv_work_t *uv, int status)
{
    struct slot *slot = container_of(uv, struct slot, uv);
    struct worker_pool *pool = slot->pool;
    struct worker_job *job = TAKE_PTR(slot->job);
    struct loop *loop = job->loop;
    uint64_t entered_ns = loop_enter();

    job->impl = NULL;
    job->cancelled = status == UV_ECANCELED;
    fill_slots(loop, &pool->classes[job->class_]);
    call_done(pool, job);
    loop_leave(loop, "worker", entered_ns);
}

static void fill_slots(struct loop *loop, struct class_queue *queue)
{
    for (size_t i = 0; i < queue->slots_len && !list_empty(&queue->waiting); i++) {
        struct slot *slot = &queue->slots[i];
        struct worker_job *job;

        if (slot->job)
            continue;
        job = list_first(&queue->waiting, struct worker_job, node);
        list_remove(&job->node);
        slot->job = job;
        job->impl = slot;
        if (uv_queue_work(&loop->uv, &slot->uv, run_on_thread, back_on_loop) < 0)
            abort(); /* only for a missing function */
    }
}

static void on_cancelled(struct loop_defer *defer)
{
    struct worker_pool *pool = container_of(defer, struct worker_pool, cancel);
    struct list now;

    if (list_empty(&pool->cancelled))
        return;
    list_push_front(&pool->cancelled, &now);
    list_remove(&pool->cancelled);
    while (!list_empty(&now)) {
        struct worker_job *job = list_first(&now, struct worker_job, node);

        list_remove(&job->node);
        call_done(pool, job);
    }
}

struct worker_pool *worker_pool_new(struct loop *loop)
{
    struct worker_pool *pool = NEW(struct worker_pool);
    struct slot *next = pool->slots;
    char threads[16];

    /* libuv reads it when the first job comes; a smaller pool would break the bounds' promise. */
    (void)snprintf(threads, sizeof(threads), "%d", THREADS);
    (void)uv_os_setenv("UV_THREADPOOL_SIZE", threads);
    for (size_t i = 0; i < THREADS; i++)
        pool->slots[i].pool = pool;
    for (size_t i = 0; i < WORKER_CLASS_NR; i++) {
        pool->classes[i].slots = next;
        pool->classes[i].slots_len = class_bound[i];
        list_init(&pool->classes[i].waiting);
        next += class_bound[i];
    }
    list_init(&pool->cancelled);
    loop_defer_init(&pool->cancel, loop, "worker cancel", on_cancelled);
    return pool;
}

struct worker_pool *worker_pool_free(struct worker_pool *pool)
{
    free(pool);
    return NULL;
}

void worker_submit(struct loop *loop, enum worker_class class_, struct worker_job *job,
                   worker_fn run, worker_fn done)
{
    struct class_queue *queue = &loop->workers->classes[class_];

    *job = (struct worker_job){ .run = run, .done = done, .loop = loop, .class_ = class_ };
    loop->workers->jobs++;
    list_push_back(&queue->waiting, &job->node);
    fill_slots(loop, queue);
}

void worker_cancel(struct worker_job *job)
{
    struct slot *slot = (struct slot *)job->impl;

    if (slot) {
        (void)uv_cancel((uv_req_t *)&slot->uv); /* too late is fine: back_on_loop() gets to know */
        return;
    }
    if (job->cancelled || !list_linked(&job->node))
        return;
    job->cancelled = true;
    list_remove(&job->node);
    list_push_back(&job->loop->workers->cancelled, &job->node);
    loop_defer_start(&job->loop->workers->cancel);
}

void worker_drain(struct loop *loop)
{
    while (loop->workers->jobs > 0)
        (void)loop_once(loop, -1);
}
