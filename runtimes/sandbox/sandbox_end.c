/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a sandbox, in two steps that may be asked for apart. Stop gives the network back and lets the
 * namespaces go; remove does that too if need be, and then erases what is left. Both start from any state.
 */
#include "base/mem.h"
#include "base/str.h"
#include "sandbox_internal.h"

/* ---- stop ---- */

static void release_run(struct worker_job *job)
{
    struct sandbox_operation *o = container_of(job, struct sandbox_operation, job);

    if (sandbox_release(o->b, &o->err) < 0)
        (void)err_wrap(&o->err, "stop sandbox %s", o->b->record.id);
}

static void release_done(struct worker_job *job)
{
    struct sandbox_operation *o = container_of(job, struct sandbox_operation, job);

    if (o->err.code == 0) {
        o->b->record.stopped = true;
        (void)sandbox_save(o->b, &o->err);
    }
    o->next(o);
}

static void release(struct sandbox_operation *o)
{
    sandbox_operation_worker(o, release_run, release_done);
}

static void on_detached(void *user, const struct err *err, const void *result)
{
    struct sandbox_operation *o = user;

    (void)result;
    if (err) {
        err_copy(&o->err, err);
        (void)err_wrap(&o->err, "network of sandbox %s", o->b->record.id);
        o->next(o);
        return;
    }
    release(o);
}

void sandbox_end_stop(struct sandbox_operation *o, sandbox_operation_fn next)
{
    struct rt_call call = { .done = on_detached, .user = o };

    o->next = next;
    err_clear(&o->err);
    if (o->b->record.own_network && o->s->network)
        (void)rt_network_detach(o->s->network, o->b->record.id, o->b->net_path, &call);
    else
        release(o);
}

static void stopped(struct sandbox_operation *o)
{
    sandbox_operation_end(o, &o->err, NULL);
}

static void stop(struct sandbox_operation *o)
{
    if (!o->b || o->b->record.stopped)
        sandbox_operation_end(o, NULL, NULL);
    else
        sandbox_end_stop(o, stopped);
}

/* ---- remove ---- */

static void erase_run(struct worker_job *job)
{
    struct sandbox_operation *o = container_of(job, struct sandbox_operation, job);

    if (sandbox_erase(o->b, &o->err) < 0)
        (void)err_wrap(&o->err, "remove sandbox %s", o->b->record.id);
}

static void erase_done(struct worker_job *job)
{
    struct sandbox_operation *o = container_of(job, struct sandbox_operation, job);

    o->after(o);
}

static void erase(struct sandbox_operation *o)
{
    if (o->err.code < 0)
        o->after(o);
    else
        sandbox_operation_worker(o, erase_run, erase_done);
}

void sandbox_end_remove(struct sandbox_operation *o, sandbox_operation_fn next)
{
    o->after = next;
    err_clear(&o->err);
    if (o->b->record.stopped)
        erase(o);
    else
        sandbox_end_stop(o, erase);
}

static void removed(struct sandbox_operation *o)
{
    if (o->err.code == 0)
        sandbox_drop(o->b);
    sandbox_operation_end(o, &o->err, NULL);
}

static void remove_run(struct sandbox_operation *o)
{
    if (!o->b)
        sandbox_operation_end(o, NULL, NULL);
    else
        sandbox_end_remove(o, removed);
}

struct rt_op *sandbox_stop_call(struct rt_sandboxes *h, const char *id, const struct rt_call *call)
{
    struct sandboxes *s = container_of(h, struct sandboxes, handle);

    return &sandbox_operation_new(s, call, map_get(&s->by_id, id), stop)->task.op;
}

struct rt_op *sandbox_remove_call(struct rt_sandboxes *h, const char *id, const struct rt_call *call)
{
    struct sandboxes *s = container_of(h, struct sandboxes, handle);

    return &sandbox_operation_new(s, call, map_get(&s->by_id, id), remove_run)->task.op;
}
