/* SPDX-License-Identifier: Apache-2.0 */
/* Workers of the simulation: a job runs on the only thread there is, some milliseconds later. */
#include "base/worker.h"

#include "base/loop.h"
#include "base/mem.h"
#include "sim.h"

struct pending {
    struct loop_timer timer;
    struct worker_job *job;
};

static size_t under_way;

static void on_due(struct loop_timer *t)
{
    struct pending *p = container_of(t, struct pending, timer);
    struct worker_job *job = p->job;
    job->impl = NULL;
    if (!job->cancelled)
        job->run(job);
    free(p);
    under_way--;
    job->done(job);
}

void worker_submit(struct loop *loop, enum worker_class class_, struct worker_job *job,
                   worker_fn run, worker_fn done)
{
    struct pending *p = NEW(struct pending);
    p->job = job;
    job->run = run;
    job->done = done;
    job->cancelled = false;
    job->loop = loop;
    job->class_ = class_;
    job->impl = p;
    under_way++;
    loop_timer_init(&p->timer, loop, "worker", on_due);
    loop_timer_start(&p->timer, (int64_t)sim_random(5));
}

void worker_cancel(struct worker_job *job)
{
    if (job->impl)
        job->cancelled = true;
}

void worker_drain(struct loop *loop)
{
    while (under_way && sim_step(loop))
        ;
}
