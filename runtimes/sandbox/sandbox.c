/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "sandbox_internal.h"

/* ---- one sandbox ---- */

char *sandbox_identity(const char *uid, int64_t attempt)
{
    return xasprintf("%s#%lld", uid, (long long)attempt);
}

static void fill_place(struct sandbox *b)
{
    const struct sandbox_record *r = &b->record;

    b->place = (struct rt_sandbox_place){
        .id = r->id,
        .hostname = str_or(r->hostname, ""),
        .log_directory = str_or(r->log_directory, "/"),
        .cgroup_parent = str_or(r->cgroup_parent, ""),
        .runtime_handler = str_or(r->runtime_handler, ""),
        .net_ns = r->own_network ? b->net_path : NULL,
        .ipc_ns = r->own_ipc ? b->ipc_path : NULL,
        .uts_ns = r->own_network ? b->uts_path : NULL, /* the node's network goes with the node's name */
        .pid_ns = r->shared_pid ? b->pid_path : NULL,
        .pid = r->shared_pid ? RT_NS_POD : r->host_pid ? RT_NS_NODE : RT_NS_CONTAINER,
        .shm_dir = r->own_ipc ? b->shm_path : "/dev/shm",
        .resolv_conf = b->resolv_path,
        .hostname_file = b->hostname_path,
    };
}

struct sandbox *sandbox_new(struct sandboxes *s, struct arena *arena_taken, const struct sandbox_record *record)
{
    struct sandbox *b = NEW(struct sandbox);

    b->s = s;
    b->arena = arena_taken;
    b->record = *record;
    b->identity = sandbox_identity(record->uid, record->attempt);
    b->dir = xasprintf("%s/%s", s->dir, record->id);
    b->net_path = xasprintf("%s/ns/net", b->dir);
    b->ipc_path = xasprintf("%s/ns/ipc", b->dir);
    b->uts_path = xasprintf("%s/ns/uts", b->dir);
    b->pid_path = xasprintf("%s/ns/pid", b->dir);
    b->shm_path = xasprintf("%s/shm", b->dir);
    b->resolv_path = xasprintf("%s/resolv.conf", b->dir);
    b->hostname_path = xasprintf("%s/hostname", b->dir);
    b->pause_fd = -1;
    fill_place(b);
    list_init(&b->waiting);
    (void)map_put(&s->by_id, record->id, b);
    (void)map_put(&s->by_identity, b->identity, b);
    return b;
}

static void unwatch_pause(struct sandbox *b)
{
    if (b->pause_fd < 0)
        return;
    loop_fd_stop(&b->pause_watch);
    (void)close(b->pause_fd);
    b->pause_fd = -1;
}

static void sandbox_free(struct sandbox *b)
{
    unwatch_pause(b);
    arena_unref(b->arena);
    free(b->identity);
    free(b->dir);
    free(b->net_path);
    free(b->ipc_path);
    free(b->uts_path);
    free(b->pid_path);
    free(b->shm_path);
    free(b->resolv_path);
    free(b->hostname_path);
    free(b);
}

void sandbox_drop(struct sandbox *b)
{
    b->gone = true;
    unwatch_pause(b);
    (void)map_remove(&b->s->by_id, b->record.id);
    if (map_get(&b->s->by_identity, b->identity) == b)
        (void)map_remove(&b->s->by_identity, b->identity);
}

void sandbox_free_if_unused(struct sandbox *b)
{
    if (b->gone && !b->holder && list_empty(&b->waiting))
        sandbox_free(b);
}

static enum rt_sandbox_state state(const struct sandbox *b)
{
    const struct sandbox_record *r = &b->record;

    return r->made && !r->stopped && !b->pause_dead ? RT_SANDBOX_READY : RT_SANDBOX_NOTREADY;
}

void sandbox_view(const struct sandbox *b, struct rt_sandbox *ret)
{
    const struct sandbox_record *r = &b->record;

    *ret = (struct rt_sandbox){
        .id = r->id,
        .uid = r->uid,
        .name = str_or(r->name, ""),
        .namespace_ = str_or(r->namespace_, ""),
        .attempt = (uint32_t)r->attempt,
        .state = state(b),
        .created_wall_ns = r->created_wall_ns,
        .ips = { r->ips.items, r->ips.len },
        /* A pair and a label are the same two pointers. */
        .labels = { (const struct rt_label *)(const void *)r->labels.items, r->labels.len },
        .annotations = { (const struct rt_label *)(const void *)r->annotations.items, r->annotations.len },
    };
}

int sandbox_save(struct sandbox *b, struct err *err)
{
    return sandbox_record_write(b->dir, &b->record, err);
}

/* ---- oarsman-pause ---- */

static void pause_died(struct sandbox *b, bool quiet)
{
    struct rt_event event = { .kind = RT_EVENT_SANDBOX_CHANGED, .sandbox_id = b->record.id };

    unwatch_pause(b);
    b->pause_dead = true;
    if (!quiet && !b->record.stopped && b->s->event_fn)
        b->s->event_fn(b->s->event_user, &event);
}

static void on_pause_end(struct loop_fd *f, int events)
{
    (void)events;
    pause_died(container_of(f, struct sandbox, pause_watch), false);
}

void sandbox_watch_pause(struct sandbox *b, bool quiet)
{
    if (!b->record.shared_pid || !b->record.made || b->record.stopped)
        return;
    if (proc_open((pid_t)b->record.pause_pid, b->record.pause_start_ticks, &b->pause_fd) < 0) {
        b->pause_fd = -1;
        pause_died(b, quiet);
        return;
    }
    loop_fd_init(&b->pause_watch, b->s->loop, "oarsman-pause", on_pause_end);
    (void)loop_fd_start(&b->pause_watch, b->pause_fd, LOOP_READ);
}

const struct rt_sandbox_place *rt_sandboxes_place(struct rt_sandboxes *h, const char *id)
{
    struct sandbox *b = map_get(&container_of(h, struct sandboxes, handle)->by_id, id);

    if (!b)
        return NULL;
    b->place.state = state(b);
    return &b->place;
}
