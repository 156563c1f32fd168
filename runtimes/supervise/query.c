/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that ask or tune, and change nothing that is recorded. */
#include <errno.h>
#include <stdlib.h>

#include "base/effect.h"
#include "base/mem.h"
#include "base/str.h"
#include "calls.h"
#include "operation.h"
#include "rt/query.h"

/* ---- status and list: what is known, at once, whoever holds the container ---- */

static void answer_one(struct rt_query *q)
{
    struct rt_supervisor *s = q->owner;
    const struct container *c = map_get(&s->by_id, q->id);
    struct rt_container view;

    if (c)
        container_view(c, &view);
    rt_query_end(q, c ? &view : NULL);
}

static void answer_all(struct rt_query *q)
{
    struct rt_supervisor *s = q->owner;
    AUTO(free) struct rt_container *views = xcalloc(map_len(&s->by_id) + 1, sizeof(*views));
    struct rt_container_list list = { .items = views };
    const char *id;
    void *value;

    for (size_t i = 0; map_next(&s->by_id, &i, &id, &value);)
        container_view(value, &views[list.len++]);
    rt_query_end(q, &list);
}

struct rt_op *status_call(struct rt_containers *cs, const char *id, const struct rt_call *call)
{
    struct rt_supervisor *s = calls_supervisor(cs);

    return rt_query_start(s->loop, call, s, id, answer_one);
}

struct rt_op *list_call(struct rt_containers *cs, const struct rt_call *call)
{
    struct rt_supervisor *s = calls_supervisor(cs);

    return rt_query_start(s->loop, call, s, NULL, answer_all);
}

/* ---- the others hold it: it must not vanish below a worker ---- */

static bool refuse_unless_alive(struct operation *o)
{
    if (o->c && o->c->record.made && !o->c->record.refused && !o->c->exited)
        return false;
    (void)err_set(&o->err, -ENOENT, "no such container, or it has ended");
    operation_end(o, &o->err, NULL);
    return true;
}

static struct operation *operation_on(struct rt_containers *cs, const char *id, const struct rt_call *call,
                                      operation_fn run)
{
    struct rt_supervisor *s = calls_supervisor(cs);

    return operation_new(s, call, calls_find(s, id), 0, run);
}

static void update_run(struct worker_job *job)
{
    struct operation *o = container_of(job, struct operation, job);

    effect("update resources");
    (void)rt_cgroup_update(o->s->cgroups, o->c->record.cgroup_path, &o->resources, &o->err);
}

static void update_done(struct worker_job *job)
{
    struct operation *o = container_of(job, struct operation, job);

    operation_end(o, &o->err, NULL);
}

static void update(struct operation *o)
{
    if (!refuse_unless_alive(o))
        operation_worker(o, WORKER_RUNTIME, update_run, update_done);
}

struct rt_op *update_resources_call(struct rt_containers *cs, const char *id, const struct rt_resources *r,
                                    const struct rt_call *call)
{
    struct operation *o = operation_on(cs, id, call, update);

    o->resources = *r;
    return &o->task.op;
}

static void stats_run(struct worker_job *job)
{
    struct operation *o = container_of(job, struct operation, job);
    struct rt_cgroup_usage usage;

    if (rt_cgroup_usage(o->s->cgroups, o->c->record.cgroup_path, &usage, &o->err) < 0)
        return;
    o->stats = (struct rt_container_stats){
        .cpu_usage_ns = usage.cpu_usage_ns,
        .memory_usage_bytes = usage.memory_usage_bytes,
        .memory_working_set_bytes = usage.memory_working_set_bytes,
        .memory_rss_bytes = usage.memory_rss_bytes,
        .pids = usage.pids,
    };
}

static void stats_done(struct worker_job *job)
{
    struct operation *o = container_of(job, struct operation, job);

    operation_end(o, &o->err, &o->stats);
}

static void stats(struct operation *o)
{
    if (!refuse_unless_alive(o))
        operation_worker(o, WORKER_RUNTIME, stats_run, stats_done);
}

struct rt_op *stats_call(struct rt_containers *cs, const char *id, const struct rt_call *call)
{
    return &operation_on(cs, id, call, stats)->task.op;
}

static void reopen_log(struct operation *o)
{
    if (refuse_unless_alive(o))
        return;
    effect("reopen log");
    (void)conmon_reopen_log(o->c->dir, &o->err);
    operation_end(o, &o->err, NULL);
}

struct rt_op *reopen_log_call(struct rt_containers *cs, const char *id, const struct rt_call *call)
{
    return &operation_on(cs, id, call, reopen_log)->task.op;
}
