/* SPDX-License-Identifier: Apache-2.0 */
#include "container.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "stop.h"

#define EXIT_START_ERROR 128
#define EXIT_UNKNOWN 137

char *container_identity(const char *sandbox_id, const char *name, int64_t attempt)
{
    return xasprintf("%s/%s#%lld", sandbox_id, name, (long long)attempt);
}

struct container *container_new(struct rt_supervisor *s, struct arena *arena_taken,
                                const struct container_record *record)
{
    struct container *c = NEW(struct container);

    c->s = s;
    c->arena = arena_taken;
    c->record = *record;
    c->identity = container_identity(record->sandbox_id, record->name, record->attempt);
    c->dir = xasprintf("%s/%s", s->containers_dir, record->id);
    c->watch_fd = -1;
    list_init(&c->waiting);
    list_init(&c->for_exit);
    loop_timer_init(&c->kill_timer, s->loop, "container kill", stop_on_kill_timer);
    (void)map_put(&s->by_id, record->id, c);
    (void)map_put(&s->by_identity, c->identity, c);
    return c;
}

static void container_free(struct container *c)
{
    exits_unwatch_container(c);
    loop_timer_stop(&c->kill_timer);
    arena_unref(c->arena);
    free(c->identity);
    free(c->dir);
    free(c);
}

void container_drop(struct container *c)
{
    c->gone = true;
    exits_unwatch_container(c);
    loop_timer_stop(&c->kill_timer);
    (void)map_remove(&c->s->by_id, c->record.id);
    if (map_get(&c->s->by_identity, c->identity) == c)
        (void)map_remove(&c->s->by_identity, c->identity);
}

void container_free_if_unused(struct container *c)
{
    if (c->gone && !c->holder && list_empty(&c->waiting) && list_empty(&c->for_exit))
        container_free(c);
}

enum rt_container_state container_state(const struct container *c)
{
    const struct container_record *r = &c->record;

    if (!r->made)
        return RT_CONTAINER_UNKNOWN;
    if (r->refused)
        return c->start_asked || r->starting_wall_ns ? RT_CONTAINER_EXITED : RT_CONTAINER_CREATED;
    if (c->exited)
        return RT_CONTAINER_EXITED;
    if (!r->started_wall_ns)
        return RT_CONTAINER_CREATED;
    return c->supervisor_lost ? RT_CONTAINER_UNKNOWN : RT_CONTAINER_RUNNING;
}

/* How it ended, in the words that the API has for it. */
static void view_end(const struct container *c, struct rt_container *v)
{
    /* A file's time is that of the last clock tick, which may be before the start. */
    v->finished_wall_ns = c->finished_wall_ns > v->started_wall_ns ? c->finished_wall_ns : v->started_wall_ns;
    v->exit_code = c->exit_code;
    v->oom_killed = c->oom_killed;
    if (c->record.refused) {
        v->exit_code = EXIT_START_ERROR;
        v->oom_killed = false;
        v->reason = "StartError";
        v->message = c->record.refused;
        v->finished_wall_ns = c->record.starting_wall_ns;
    } else if (c->ended_unseen) {
        v->exit_code = EXIT_UNKNOWN;
        v->reason = "ContainerStatusUnknown";
        v->message = "The container ended while its supervisor was dead: its exit code is not known";
    } else if (c->oom_killed) {
        v->reason = "OOMKilled";
    } else {
        v->reason = c->exit_code == 0 ? "Completed" : "Error";
    }
}

void container_view(const struct container *c, struct rt_container *ret)
{
    const struct container_record *r = &c->record;
    struct rt_container v = {
        .id = r->id,
        .sandbox_id = r->sandbox_id,
        .name = r->name,
        .attempt = (uint32_t)r->attempt,
        .state = container_state(c),
        .created_wall_ns = r->created_wall_ns,
        .started_wall_ns = r->started_wall_ns,
        .image = str_or(r->image, ""),
        .image_id = str_or(r->image_id, ""),
        .log_path = str_or(r->log_path, ""),
        /* A pair and a label are the same two pointers. */
        .labels = { (const struct rt_label *)(const void *)r->labels.items, r->labels.len },
        .annotations = { (const struct rt_label *)(const void *)r->annotations.items, r->annotations.len },
        .pid = c->exited ? 0 : r->pid,
        .user = (const struct rt_user *)(const void *)r->user,
        .stop_signal = r->user ? r->stop_signal : NULL, /* an older record has SIGTERM where nobody asked for it */
    };

    _Static_assert(sizeof(struct rt_label) == sizeof(struct json_pair), "a pair is a label");
    _Static_assert(sizeof(struct rt_user) == sizeof(struct container_user_record) &&
                       offsetof(struct rt_user, groups) == offsetof(struct container_user_record, groups.items) &&
                       offsetof(struct rt_user, groups_len) == offsetof(struct container_user_record, groups.len),
                   "a recorded user is a user");
    if (v.state == RT_CONTAINER_EXITED)
        view_end(c, &v);
    *ret = v;
}

int container_save(struct container *c, struct err *err)
{
    return container_record_write(c->dir, &c->record, err);
}

int container_signal(const struct container *c, int signum)
{
    AUTO(close) int fd = -1;
    int r = proc_open((pid_t)c->record.pid, c->record.pid_start_ticks, &fd);

    if (r < 0)
        return r;
    return syscall(SYS_pidfd_send_signal, fd, signum, NULL, 0) < 0 ? -errno : 0;
}

void supervisor_event(struct rt_supervisor *s, enum rt_event_kind kind, const struct container *c)
{
    struct rt_event event = { .kind = kind, .sandbox_id = c->record.sandbox_id, .container_id = c->record.id };

    if (s->event_fn)
        s->event_fn(s->event_user, &event);
}
