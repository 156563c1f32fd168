/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "world.h"

#define WAIT_MS 30000

static void take(char *to, size_t bytes, const char *from)
{
    (void)snprintf(to, bytes, "%s", from ? from : "");
}

static bool take_err(struct answer *a, const struct err *err)
{
    a->done = true;
    if (!err)
        return false;
    a->code = err->code;
    take(a->reason, sizeof(a->reason), err->reason);
    take(a->message, sizeof(a->message), err->msg);
    return true;
}

void world_on_nothing(void *user, const struct err *err, const void *result)
{
    (void)result;
    (void)take_err(user, err);
}

void world_on_container(void *user, const struct err *err, const void *result)
{
    struct answer *a = user;
    const struct rt_container *c = result;

    if (take_err(a, err))
        return;
    a->none = !c;
    if (!c)
        return;
    take(a->id, sizeof(a->id), c->id);
    a->state = c->state;
    a->exit_code = c->exit_code;
    a->oom_killed = c->oom_killed;
    take(a->end_reason, sizeof(a->end_reason), c->reason);
    take(a->end_message, sizeof(a->end_message), c->message);
    take(a->log_path, sizeof(a->log_path), c->log_path);
    a->pid = c->pid;
    a->created_wall_ns = c->created_wall_ns;
    a->started_wall_ns = c->started_wall_ns;
    a->finished_wall_ns = c->finished_wall_ns;
}

void world_on_sandbox(void *user, const struct err *err, const void *result)
{
    struct answer *a = user;
    const struct rt_sandbox *s = result;

    if (take_err(a, err))
        return;
    a->none = !s;
    if (!s)
        return;
    take(a->id, sizeof(a->id), s->id);
    a->sandbox_state = s->state;
    take(a->ip, sizeof(a->ip), s->ips.len > 0 ? s->ips.items[0] : "");
}

static void on_list(void *user, const struct err *err, const void *result)
{
    struct answer *a = user;
    const struct rt_container_list *list = result;

    if (take_err(a, err))
        return;
    a->len = list->len;
    if (list->len > 0)
        world_on_container(a, NULL, &list->items[0]);
}

struct rt_call world_call(struct answer *a, rt_done_fn done)
{
    *a = (struct answer){ .done = false };
    return (struct rt_call){ .done = done, .user = a };
}

void world_wait(struct world *w, struct answer *a)
{
    int64_t until_ms = clock_boot_ms() + WAIT_MS;

    while (!a->done) {
        if (clock_boot_ms() > until_ms) {
            (void)fprintf(stderr, "no answer\n");
            abort();
        }
        (void)loop_once(w->loop, 100);
    }
}

/* ---- configurations ---- */

struct rt_sandbox_config world_pod(struct world *w, const char *uid)
{
    static char parent[128];

    (void)snprintf(parent, sizeof(parent), "/pods/%s", uid);
    return (struct rt_sandbox_config){
        .uid = uid,
        .name = uid,
        .namespace_ = "default",
        .hostname = uid,
        .log_directory = w->log_dir,
        .cgroup_parent = parent,
        .network = RT_NS_NODE,
        .pid = RT_NS_CONTAINER,
        .ipc = RT_NS_POD,
    };
}

struct rt_container_config world_container(struct world *w, const char *sandbox_id, const char *name,
                                           const char *const *command, size_t command_len)
{
    static char log_path[128];

    (void)w;
    (void)snprintf(log_path, sizeof(log_path), "%s/0.log", name);
    return (struct rt_container_config){
        .sandbox_id = sandbox_id,
        .name = name,
        .image = "busybox",
        .image_id = WORLD_IMAGE,
        .command = { command, command_len },
        .log_path = log_path,
        .security.seccomp = RT_SECCOMP_RUNTIME_DEFAULT,
    };
}

/* ---- calls ---- */

struct answer world_make_pod(struct world *w, const struct rt_sandbox_config *config)
{
    struct answer a;
    struct rt_call call = world_call(&a, world_on_sandbox);

    (void)w->sandboxes->ops->create(w->sandboxes, config, &call);
    world_wait(w, &a);
    return a;
}

struct answer world_create(struct world *w, const struct rt_container_config *config)
{
    struct answer a;
    struct rt_call call = world_call(&a, world_on_container);

    (void)w->rt->containers->ops->create(w->rt->containers, config, &call);
    world_wait(w, &a);
    return a;
}

typedef struct rt_op *(*container_fn)(struct rt_containers *, const char *, const struct rt_call *);
typedef struct rt_op *(*sandbox_fn)(struct rt_sandboxes *, const char *, const struct rt_call *);

static struct answer ask_container(struct world *w, container_fn fn, const char *id, rt_done_fn done)
{
    struct answer a;
    struct rt_call call = world_call(&a, done);

    (void)fn(w->rt->containers, id, &call);
    world_wait(w, &a);
    return a;
}

static struct answer ask_sandbox(struct world *w, sandbox_fn fn, const char *id, rt_done_fn done)
{
    struct answer a;
    struct rt_call call = world_call(&a, done);

    (void)fn(w->sandboxes, id, &call);
    world_wait(w, &a);
    return a;
}

struct answer world_start(struct world *w, const char *id)
{
    return ask_container(w, w->rt->containers->ops->start, id, world_on_nothing);
}

struct answer world_remove(struct world *w, const char *id)
{
    return ask_container(w, w->rt->containers->ops->remove, id, world_on_nothing);
}

struct answer world_status(struct world *w, const char *id)
{
    return ask_container(w, w->rt->containers->ops->status, id, world_on_container);
}

struct answer world_stop(struct world *w, const char *id, int64_t grace_ms)
{
    struct answer a;
    struct rt_call call = world_call(&a, world_on_nothing);

    (void)w->rt->containers->ops->stop(w->rt->containers, id, grace_ms, &call);
    world_wait(w, &a);
    return a;
}

struct answer world_list(struct world *w)
{
    struct answer a;
    struct rt_call call = world_call(&a, on_list);

    (void)w->rt->containers->ops->list(w->rt->containers, &call);
    world_wait(w, &a);
    return a;
}

struct answer world_stop_pod(struct world *w, const char *id)
{
    return ask_sandbox(w, w->sandboxes->ops->stop, id, world_on_nothing);
}

struct answer world_remove_pod(struct world *w, const char *id)
{
    return ask_sandbox(w, w->sandboxes->ops->remove, id, world_on_nothing);
}

struct answer world_pod_status(struct world *w, const char *id)
{
    return ask_sandbox(w, w->sandboxes->ops->status, id, world_on_sandbox);
}

struct answer world_wait_exit(struct world *w, const char *id)
{
    int64_t until_ms = clock_boot_ms() + WAIT_MS;
    struct answer a = world_status(w, id);

    while (a.state != RT_CONTAINER_EXITED && !a.none) {
        if (clock_boot_ms() > until_ms) {
            (void)fprintf(stderr, "container %s does not end (state %d)\n", id, (int)a.state);
            abort();
        }
        (void)loop_once(w->loop, 20);
        a = world_status(w, id);
    }
    return a;
}

struct answer world_run(struct world *w, const struct rt_container_config *config)
{
    struct answer a = world_create(w, config);
    struct answer started;

    if (a.code < 0)
        return a;
    started = world_start(w, a.id);
    if (started.code < 0)
        (void)fprintf(stderr, "start: %s\n", started.message);
    return world_wait_exit(w, a.id);
}

bool world_event(const struct world *w, enum rt_event_kind kind, const char *container_id)
{
    for (size_t i = 0; i < w->events_len; i++)
        if (w->events[i].kind == kind && str_eq(w->events[i].container_id, container_id))
            return true;
    return false;
}

bool world_log_holds(struct world *w, const char *log_path, const char *text)
{
    int64_t until_ms = clock_boot_ms() + WAIT_MS;

    while (clock_boot_ms() < until_ms) {
        AUTO(free) char *log = world_read(log_path);

        if (strstr(log, text))
            return true;
        (void)loop_once(w->loop, 20);
    }
    return false;
}

/* 2026-01-02T03:04:05.678901234+00:00 stdout F text */
char *world_log_text(const char *log_path)
{
    AUTO(free) char *log = world_read(log_path);
    struct buf text = BUF_INIT(16 * MIB);
    char *rest = log;

    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        for (int i = 0; i < 3 && line; i++) {
            line = strchr(line, ' ');
            line = line ? line + 1 : NULL;
        }
        if (line)
            (void)buf_printf(&text, "%s\n", line);
    }
    if (text.len > 0)
        return buf_take(&text);
    buf_done(&text);
    return xstrdup("");
}
