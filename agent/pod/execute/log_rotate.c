/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log rotation (containerLogMaxSize, containerLogMaxFiles). Rotation is a rename and a word to the supervisor, which
 * opens the file anew; so no line is lost. What sizes files have and which go is worked out on a worker behind the
 * port; this file only says which logs there are.
 */
#include "log_rotate.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "worker.h"

/* A log that has grown too large may be flooded: it is looked at each second until it is not. The name of a rotated
 * file has seconds in it, so it cannot be more often. */
#define FLOOD_CHECK_MS 1000

static void on_reopened(void *user, const struct err *err, const void *result)
{
    (void)err, (void)result; /* a container that has ended meanwhile writes no more */
    call_free(user);
}

/* 0: renamed, to be opened anew; -EAGAIN: not large enough yet. */
static void on_rotated(void *user, const struct err *err)
{
    struct pod_call *call = user;
    struct rt_containers *containers = call->all->ports->runtime->containers;
    if (err || !call->worker || !containers->ops->reopen_log) {
        call_free(call);
        return;
    }
    if (call->all->settings->log_check_ms > FLOOD_CHECK_MS)
        loop_timer_start(&call->all->rotate, FLOOD_CHECK_MS);
    call->op = containers->ops->reopen_log(containers, call->id,
                                           &(struct rt_call){ .done = on_reopened, .user = call });
}

static void rotate_pod(struct pod_worker *w)
{
    const struct pod_settings *s = w->all->settings;
    struct pod_files *files = w->all->ports->files;
    for (size_t i = 0; i < w->containers_len; i++) {
        const struct cached_container *c = &w->containers[i];
        if (c->state != INSTANCE_RUNNING || !c->log_path)
            continue;
        struct pod_call *call = call_new(w, ACT_NONE, NULL);
        call->id = xstrdup(c->id);
        files->ops->rotate(files, c->log_path, s->log_max_bytes, s->log_max_files, on_rotated, call);
    }
}

static void on_rotate(struct loop_timer *t)
{
    struct pods *p = container_of(t, struct pods, rotate);
    const char *uid;
    void *value;
    for (size_t n = 0; map_next(&p->workers, &n, &uid, &value);)
        rotate_pod(value);
    loop_timer_start(t, p->settings->log_check_ms);
}

void log_rotate_start(struct pods *p)
{
    loop_timer_init(&p->rotate, p->ports->loop, "log rotation", on_rotate);
    if (p->ports->files->ops->rotate && p->settings->log_check_ms > 0)
        loop_timer_start(&p->rotate, p->settings->log_check_ms);
}
