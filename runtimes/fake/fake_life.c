/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a container of the fake runs and ends. Three timers, each with one meaning:
 *   run   its script says that it ends by itself
 *   stop  it has heard the stop signal and takes its time
 *   kill  the grace is over
 * Whichever comes first ends it; the others are stopped then.
 */
#include <errno.h>
#include <signal.h>

#include "base/clock.h"
#include "base/str.h"
#include "fake_internal.h"

enum {
    EXIT_BY_SIGNAL = 128,
    EXIT_KILLED = EXIT_BY_SIGNAL + SIGKILL,
    EXIT_TERMINATED = EXIT_BY_SIGNAL + SIGTERM
};

void fake_life_done(struct fake_container *c)
{
    loop_timer_stop(&c->run);
    loop_timer_stop(&c->stop);
    loop_timer_stop(&c->kill);
}

void fake_life_end_silently(struct fake_container *c, int exit_code, const char *reason)
{
    fake_life_done(c);
    c->view.state = RT_CONTAINER_EXITED;
    c->view.exit_code = exit_code;
    c->view.finished_wall_ns = clock_wall_ns();
    c->view.reason = reason;
    c->view.pid = 0;
    fake_op_stopped(c->fake, c->view.id);
}

void fake_life_end(struct fake_container *c, int exit_code, bool oom, const char *reason)
{
    c->view.oom_killed = oom;
    if (oom)
        fake_event_push(c->fake, RT_EVENT_CONTAINER_OOM, c->view.sandbox_id, c->view.id);
    fake_life_end_silently(c, exit_code, reason);
    fake_event_push(c->fake, RT_EVENT_CONTAINER_EXITED, c->view.sandbox_id, c->view.id);
}

static void ended(struct fake_container *c, int exit_code)
{
    fake_life_end(c, exit_code, false, exit_code == 0 ? "Completed" : "Error");
}

static void on_run(struct loop_timer *t)
{
    struct fake_container *c = container_of(t, struct fake_container, run);
    const struct rt_fake_script *script = &c->script->script;
    if (script->oom)
        fake_life_end(c, EXIT_KILLED, true, "OOMKilled");
    else
        ended(c, script->exit_code);
}

static void on_stop(struct loop_timer *t)
{
    struct fake_container *c = container_of(t, struct fake_container, stop);
    const struct rt_fake_script *script = &c->script->script;
    if (script->exits_zero_on_stop)
        ended(c, 0);
    else
        ended(c, script->stop_exit_code ? script->stop_exit_code : EXIT_TERMINATED);
}

static void on_kill(struct loop_timer *t)
{
    ended(container_of(t, struct fake_container, kill), EXIT_KILLED);
}

void fake_life_init(struct fake_container *c)
{
    struct loop *loop = c->fake->loop;
    loop_timer_init(&c->run, loop, "fake container runs", on_run);
    loop_timer_init(&c->stop, loop, "fake container stops", on_stop);
    loop_timer_init(&c->kill, loop, "fake container is killed", on_kill);
}

/* Runs so far of this container of this pod, this one not counted. */
static size_t count_run(struct fake_container *c)
{
    const struct fake_sandbox *s = map_get(&c->fake->sandbox_map, c->view.sandbox_id);
    AUTO(free) char *key = xasprintf("%s/%s", s ? s->view.uid : "", c->view.name);
    size_t *runs = map_get(&c->fake->runs, key);
    if (!runs) {
        runs = NEW(size_t);
        (void)map_put(&c->fake->runs, key, runs);
    }
    return (*runs)++;
}

static void notice_twin(struct fake_container *c)
{
    const char *key;
    void *value;
    for (size_t n = 0; map_next(&c->fake->container_map, &n, &key, &value);) {
        const struct fake_container *other = value;
        bool runs = other->view.state == RT_CONTAINER_RUNNING || other->view.state == RT_CONTAINER_UNKNOWN;
        if (other != c && runs &&
            str_eq(other->view.sandbox_id, c->view.sandbox_id) &&
            str_eq(other->view.name, c->view.name))
            c->fake->ran_twice++;
    }
}

void fake_life_start(struct fake_container *c)
{
    const struct rt_fake_script *script = &c->script->script;
    size_t run = count_run(c);
    notice_twin(c);
    c->view.state = RT_CONTAINER_RUNNING;
    c->view.started_wall_ns = clock_wall_ns();
    c->view.pid = (int64_t)(1000 + c->fake->serial++);
    bool steady = script->runs_before_steady > 0 && run >= (size_t)script->runs_before_steady;
    if ((script->exits || script->oom) && !steady)
        loop_timer_start(&c->run, script->run_ms);
}

/* The smaller grace wins: a second stop may only bring the end nearer. */
void fake_life_stop(struct fake_container *c, int64_t grace_ms)
{
    const struct rt_fake_script *script = &c->script->script;
    int64_t kill_at_ms = clock_boot_ms() + (grace_ms > 0 ? grace_ms : 0);
    if (!c->stopping && !script->ignores_stop && grace_ms > 0)
        loop_timer_start(&c->stop, script->stop_ms);
    if (!c->stopping || kill_at_ms < c->kill_at_ms) {
        c->kill_at_ms = kill_at_ms;
        loop_timer_start(&c->kill, grace_ms);
    }
    c->stopping = true;
}

int rt_fake_exit(struct rt_fake *f, const char *container_id, int exit_code, bool oom)
{
    struct fake_container *c = map_get(&f->container_map, container_id);
    if (!c || c->view.state != RT_CONTAINER_RUNNING)
        return -ENOENT;
    if (oom)
        fake_life_end(c, exit_code, true, "OOMKilled");
    else
        ended(c, exit_code);
    return 0;
}

int rt_fake_lose_supervisor(struct rt_fake *f, const char *container_id)
{
    struct fake_container *c = map_get(&f->container_map, container_id);
    if (!c || c->view.state != RT_CONTAINER_RUNNING)
        return -ENOENT;
    fake_life_done(c);
    c->view.state = RT_CONTAINER_UNKNOWN;
    c->view.reason = "ContainerStatusUnknown";
    fake_op_stopped(f, container_id);
    fake_event_push(f, RT_EVENT_SUPERVISOR_LOST, c->view.sandbox_id, container_id);
    return 0;
}
