/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stop holds the container only to send its signal, and then waits for the exit beside other operations. A second
 * stop sends nothing but can bring the kill nearer. A container that has not been started is killed at once:
 * what runs in it is the runtime's, which waits to be let go.
 */
#include "stop.h"

#include <errno.h>
#include <signal.h>

#include "background.h"
#include "base/clock.h"
#include "base/effect.h"
#include "base/mem.h"
#include "base/str.h"
#include "calls.h"
#include "operation.h"
#include "signal_name.h"

void stop_kill(struct container *c)
{
    effect("kill container");
    (void)container_signal(c, SIGKILL); /* gone already is what we want */
    if (c->record.shares_pids)
        background_kill_group(c->s, c->record.cgroup_path);
}

void stop_on_kill_timer(struct loop_timer *t)
{
    stop_kill(container_of(t, struct container, kill_timer));
}

static bool alive(const struct container *c)
{
    return c->record.made && !c->record.refused && !c->exited;
}

static void ask(struct container *c, int64_t grace_ms)
{
    int64_t now_ms = clock_boot_ms();
    int signum = SIGTERM;

    if (c->kill_at_ms == 0 && grace_ms > 0) {
        (void)signal_name_parse(str_or(c->record.stop_signal, "SIGTERM"), &signum); /* an unknown name: SIGTERM */
        effect("stop container");
        (void)container_signal(c, signum);
    }
    if (c->kill_at_ms != 0 && c->kill_at_ms <= now_ms + grace_ms)
        return;
    c->kill_at_ms = now_ms + grace_ms;
    if (grace_ms > 0)
        loop_timer_start(&c->kill_timer, grace_ms);
    else
        stop_kill(c);
}

static void stopped(struct operation *o)
{
    operation_end(o, NULL, NULL);
}

static void run(struct operation *o)
{
    if (!o->c || !alive(o->c)) {
        operation_end(o, NULL, NULL);
        return;
    }
    ask(o->c, o->c->record.started_wall_ns ? o->grace_ms : 0);
    operation_wait_for_exit(o, stopped);
    operation_release(o);
}

struct rt_op *stop_call(struct rt_containers *cs, const char *id, int64_t grace_ms, const struct rt_call *call)
{
    struct rt_supervisor *s = calls_supervisor(cs);
    struct operation *o;

    grace_ms = grace_ms < 0 ? 0 : grace_ms;
    o = operation_new(s, call, calls_find(s, id), grace_ms + OPERATION_BOUND_MS, run);
    o->grace_ms = grace_ms;
    return &o->task.op;
}
