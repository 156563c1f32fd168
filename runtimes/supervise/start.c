/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lets a created container go. That it is about to be is recorded first, so that a successor asks the runtime
 * whether it was, and starts nothing twice. What the runtime refuses, now or when it was created, counts as a
 * failed start: the container is EXITED with 128 (StartError), as it is with other runtimes.
 */
#include <errno.h>

#include "base/clock.h"
#include "base/mem.h"
#include "calls.h"
#include "operation.h"
#include "stop.h"

static void refuse(struct operation *o)
{
    struct err err = ERR_INIT;

    (void)err_set_reason(&err, -EIO, "RunContainerError", "%s", o->c->record.refused);
    operation_end(o, &err, NULL);
}

static void kept(struct operation *o)
{
    struct container *c = o->c;
    struct err err = ERR_INIT;

    c->record.started_wall_ns = clock_wall_ns();
    if (c->exited && c->finished_wall_ns < c->record.started_wall_ns)
        c->record.started_wall_ns = c->record.starting_wall_ns;
    if (container_save(c, &err) < 0) {
        (void)err_reason_default(&err, "RunContainerError");
        operation_end(o, &err, NULL);
        return;
    }
    operation_end(o, NULL, NULL);
}

static void failed(struct operation *o)
{
    struct container *c = o->c;

    c->record.refused = arena_strdup(c->arena, o->err.msg);
    if (!c->record.refused)
        c->record.refused = "the runtime would not start it";
    stop_kill(c);
    (void)container_save(c, NULL); /* without it a successor finds a container that was not started */
    refuse(o);
}

static void ask_run(struct worker_job *job)
{
    struct operation *o = container_of(job, struct operation, job);

    o->has_started = runtime_command_has_started(o->s, o->c->record.runtime, o->c->record.id);
}

static void ask_done(struct worker_job *job)
{
    struct operation *o = container_of(job, struct operation, job);

    if (o->has_started || o->c->exited || exits_collect(o->c))
        kept(o);
    else
        failed(o);
}

static void started(struct operation *o, const struct err *err)
{
    /* A process that has already run and ended makes some runtimes complain. */
    if (!err || o->c->exited || exits_collect(o->c)) {
        kept(o);
        return;
    }
    err_copy(&o->err, err);
    if (o->begun_before)
        operation_worker(o, WORKER_RUNTIME, ask_run, ask_done);
    else
        failed(o);
}

static void on_started(struct runtime_command *command, const struct err *err)
{
    started(container_of(command, struct operation, command), err);
}

static void start_here(struct operation *o, const struct rt_bundler *bundler)
{
    struct err err = ERR_INIT;
    int r = bundler->start(bundler->user, o->s->state_dir, o->c->record.id, &err);

    started(o, r < 0 && !(r == -EALREADY && o->begun_before) ? &err : NULL);
}

static int begin(struct operation *o)
{
    const struct rt_bundler *bundler = supervisor_bundler(o->s, o->c->record.runtime);
    const char *args[] = { o->c->record.id, NULL };

    o->begun_before = o->c->record.starting_wall_ns;
    o->c->record.starting_wall_ns = clock_wall_ns();
    if (container_save(o->c, &o->err) < 0)
        return o->err.code;
    if (bundler->start) {
        start_here(o, bundler);
        return 0;
    }
    return runtime_command_start(&o->command, o->s, o->c->record.runtime, "start", args, on_started, &o->err);
}

static void run(struct operation *o)
{
    struct container *c = o->c;

    if (!c || !c->record.made) {
        (void)err_set_reason(&o->err, -ENOENT, "RunContainerError", "no such container");
        operation_end(o, &o->err, NULL);
    } else if (c->record.refused) {
        c->start_asked = true;
        if (!c->record.starting_wall_ns) {
            c->record.starting_wall_ns = clock_wall_ns();
            (void)container_save(c, NULL); /* a successor would say CREATED, and be asked to start it again */
        }
        refuse(o);
    } else if (c->record.started_wall_ns) {
        operation_end(o, NULL, NULL);
    } else if (c->exited) {
        (void)err_set_reason(&o->err, -ESRCH, "RunContainerError", "the container has ended before it was started");
        operation_end(o, &o->err, NULL);
    } else if (begin(o) < 0) {
        (void)err_reason_default(&o->err, "RunContainerError");
        operation_end(o, &o->err, NULL);
    }
}

struct rt_op *start_call(struct rt_containers *cs, const char *id, const struct rt_call *call)
{
    struct rt_supervisor *s = calls_supervisor(cs);

    return &operation_new(s, call, calls_find(s, id), 0, run)->task.op;
}
