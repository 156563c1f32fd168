/* SPDX-License-Identifier: Apache-2.0 */
#include "base/worker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/loop.h"
#include "base/mem.h"
#include "test.h"

static struct loop *loop;
static pthread_t loop_thread;

static int make_loop(void **state)
{
    (void)state;
    loop_thread = pthread_self();
    return loop_new(&loop, NULL);
}

static int free_loop(void **state)
{
    (void)state;
    loop = loop_free(loop);
    return 0;
}

struct request {
    struct worker_job job;
    int in, out;
    bool ran_elsewhere;
    enum worker_class class_;
    int times_done;
};

static atomic_int running[WORKER_CLASS_NR], most[WORKER_CLASS_NR], runs;
static atomic_bool hold;

static void pause_ms(long ms)
{
    (void)nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

static void work(struct worker_job *job)
{
    struct request *req = container_of(job, struct request, job);
    int now = atomic_fetch_add(&running[req->class_], 1) + 1;
    int seen = atomic_load(&most[req->class_]);

    while (now > seen && !atomic_compare_exchange_weak(&most[req->class_], &seen, now))
        ;
    atomic_fetch_add(&runs, 1);
    while (atomic_load(&hold) && req->in < 0)
        pause_ms(1);
    pause_ms(1);
    req->out = req->in * 2;
    req->ran_elsewhere = !pthread_equal(pthread_self(), loop_thread);
    atomic_fetch_sub(&running[req->class_], 1);
}

static void worked(struct worker_job *job)
{
    struct request *req = container_of(job, struct request, job);

    assert_true(pthread_equal(pthread_self(), loop_thread));
    req->times_done++;
}

static void reset(void)
{
    atomic_store(&runs, 0);
    atomic_store(&hold, false);
    for (size_t i = 0; i < WORKER_CLASS_NR; i++)
        atomic_store(&most[i], 0);
}

static void submit(struct request *req, enum worker_class class_, int in)
{
    *req = (struct request){ .in = in, .class_ = class_ };
    worker_submit(loop, class_, &req->job, work, worked);
}

static void a_job_runs_elsewhere_and_is_done_here(void **state)
{
    struct request req;

    (void)state;
    reset();
    submit(&req, WORKER_RUNTIME, 21);
    assert_int_equal(req.times_done, 0);
    loop_run(loop);
    assert_int_equal(req.times_done, 1);
    assert_int_equal(req.out, 42);
    assert_true(req.ran_elsewhere);
    assert_false(req.job.cancelled);
}

static void no_class_passes_its_bound_and_all_jobs_are_done(void **state)
{
    static const int bounds[WORKER_CLASS_NR] = { LIMIT_WORKER_RUNTIME, LIMIT_WORKER_DISK };
    enum { JOBS = 60 };
    static struct request reqs[WORKER_CLASS_NR][JOBS];

    (void)state;
    reset();
    for (int i = 0; i < JOBS; i++) {
        for (enum worker_class c = 0; c < WORKER_CLASS_NR; c++)
            submit(&reqs[c][i], c, i);
    }
    worker_drain(loop);
    for (enum worker_class c = 0; c < WORKER_CLASS_NR; c++) {
        assert_int_equal(atomic_load(&most[c]), bounds[c]);
        for (int i = 0; i < JOBS; i++) {
            assert_int_equal(reqs[c][i].times_done, 1);
            assert_int_equal(reqs[c][i].out, 2 * i);
        }
    }
}

static void stuck_disk_work_does_not_hold_up_runtime_work(void **state)
{
    static struct request stuck[2 * LIMIT_WORKER_DISK], quick[10];
    size_t done = 0;

    (void)state;
    reset();
    atomic_store(&hold, true);
    for (size_t i = 0; i < ARRAY_LEN(stuck); i++)
        submit(&stuck[i], WORKER_DISK, -1);
    for (size_t i = 0; i < ARRAY_LEN(quick); i++)
        submit(&quick[i], WORKER_RUNTIME, 1);
    while (done < ARRAY_LEN(quick)) {
        assert_true(loop_once(loop, 10000));
        done = 0;
        for (size_t i = 0; i < ARRAY_LEN(quick); i++)
            done += (size_t)quick[i].times_done;
    }
    for (size_t i = 0; i < ARRAY_LEN(stuck); i++)
        assert_int_equal(stuck[i].times_done, 0);
    atomic_store(&hold, false);
    worker_drain(loop);
    for (size_t i = 0; i < ARRAY_LEN(stuck); i++)
        assert_int_equal(stuck[i].times_done, 1);
}

static void a_cancelled_job_never_runs_but_is_done_once_later(void **state)
{
    static struct request held[LIMIT_WORKER_DISK], waiting;

    (void)state;
    reset();
    atomic_store(&hold, true);
    for (size_t i = 0; i < ARRAY_LEN(held); i++)
        submit(&held[i], WORKER_DISK, -1);
    submit(&waiting, WORKER_DISK, 5);
    worker_cancel(&waiting.job);
    worker_cancel(&waiting.job);
    assert_int_equal(waiting.times_done, 0); /* not from inside the call */
    while (!waiting.times_done)
        assert_true(loop_once(loop, 10000));
    assert_true(waiting.job.cancelled);
    while (atomic_load(&runs) < (int)ARRAY_LEN(held))
        pause_ms(1);
    worker_cancel(&held[0].job); /* runs already */
    atomic_store(&hold, false);
    worker_drain(loop);
    assert_false(held[0].job.cancelled);
    assert_int_equal(waiting.times_done, 1);
    assert_int_equal(waiting.out, 0);
    assert_int_equal(atomic_load(&runs), LIMIT_WORKER_DISK);
}

static int chain_left;

static void again(struct worker_job *job)
{
    struct request *req = container_of(job, struct request, job);

    free(req);
    if (chain_left-- == 0)
        return;
    req = NEW(struct request);
    req->class_ = WORKER_RUNTIME;
    worker_submit(loop, WORKER_RUNTIME, &req->job, work, again);
}

static void done_may_free_its_request_and_submit_the_next(void **state)
{
    struct request *req = NEW(struct request);

    (void)state;
    reset();
    chain_left = 20;
    worker_submit(loop, WORKER_RUNTIME, &req->job, work, again);
    worker_drain(loop);
    assert_int_equal(chain_left, -1);
    assert_int_equal(atomic_load(&runs), 21);
}

/* Every job is done exactly once, with cancelled true only for those that never ran, whatever the
 * order. */
static void random_cancelling_loses_no_job(void **state)
{
    enum { JOBS = 400 };
    static struct request reqs[JOBS];
    unsigned random = 99;
    int ran = 0;

    (void)state;
    reset();
    for (int i = 0; i < JOBS; i++) {
        random = random * 1103515245u + 12345u;
        submit(&reqs[i], (random >> 16) % WORKER_CLASS_NR, 1);
        if ((random >> 20) % 3 == 0)
            worker_cancel(&reqs[(random >> 8) % (unsigned)(i + 1)].job);
        if ((random >> 24) % 4 == 0)
            (void)loop_once(loop, 0);
    }
    worker_drain(loop);
    for (int i = 0; i < JOBS; i++) {
        assert_int_equal(reqs[i].times_done, 1);
        assert_int_equal(reqs[i].job.cancelled, reqs[i].out == 0);
        ran += !reqs[i].job.cancelled;
    }
    assert_int_equal(ran, atomic_load(&runs));
}

#define LOOP_TEST(fn) cmocka_unit_test_setup_teardown(fn, make_loop, free_loop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOOP_TEST(a_job_runs_elsewhere_and_is_done_here),
        LOOP_TEST(no_class_passes_its_bound_and_all_jobs_are_done),
        LOOP_TEST(stuck_disk_work_does_not_hold_up_runtime_work),
        LOOP_TEST(a_cancelled_job_never_runs_but_is_done_once_later),
        LOOP_TEST(done_may_free_its_request_and_submit_the_next),
        LOOP_TEST(random_cancelling_loses_no_job),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
