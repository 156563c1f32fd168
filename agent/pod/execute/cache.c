/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the runtime said last about each sandbox and container of a pod. It is read whole once at the start; later
 * each event and each finished operation brings one thing up to date.
 */
#include "base/mem.h"
#include "base/str.h"
#include "worker.h"

/* ---- sandboxes ---- */

static void sandbox_done(struct cached_sandbox *s)
{
    free(s->id);
    strv_free(s->ips);
}

static size_t sandbox_place(struct pod_worker *w, const char *id, uint32_t attempt)
{
    for (size_t i = 0; i < w->sandboxes_len; i++)
        if (str_eq(w->sandboxes[i].id, id)) {
            sandbox_done(&w->sandboxes[i]);
            return i;
        }
    w->sandboxes = xgrow(w->sandboxes, &w->sandboxes_cap, w->sandboxes_len + 1, sizeof(*w->sandboxes));
    size_t at = 0;
    while (at < w->sandboxes_len && w->sandboxes[at].attempt > attempt)
        at++;
    memmove(&w->sandboxes[at + 1], &w->sandboxes[at], (w->sandboxes_len - at) * sizeof(*w->sandboxes));
    w->sandboxes_len++;
    return at;
}

void cache_sandbox(struct pod_worker *w, const struct rt_sandbox *s)
{
    struct cached_sandbox fresh = {
        .id = xstrdup(s->id),
        .attempt = s->attempt,
        .ready = s->state == RT_SANDBOX_READY,
        .ips = strv_new(),
        .created_wall_ns = s->created_wall_ns,
    };
    for (size_t i = 0; i < s->ips.len; i++)
        strv_push(&fresh.ips, s->ips.items[i]);
    size_t place = sandbox_place(w, s->id, s->attempt);
    w->sandboxes[place] = fresh;
    (void)map_put(&w->all->by_sandbox, s->id, w);
}

void cache_sandbox_gone(struct pod_worker *w, const char *id)
{
    for (size_t i = 0; i < w->sandboxes_len; i++) {
        if (!str_eq(w->sandboxes[i].id, id))
            continue;
        (void)map_remove(&w->all->by_sandbox, id);
        sandbox_done(&w->sandboxes[i]);
        w->sandboxes_len--;
        memmove(&w->sandboxes[i], &w->sandboxes[i + 1], (w->sandboxes_len - i) * sizeof(*w->sandboxes));
        return;
    }
}

/* ---- containers ---- */

void cached_container_done(struct cached_container *c)
{
    free(c->id);
    free(c->sandbox_id);
    free(c->name);
    free(c->reason);
    free(c->message);
    free(c->image_id);
    free(c->spec_image);
    free(c->log_path);
    free(c->stop_signal);
    container_user_done(&c->user);
}

struct cached_container *cache_find(const struct pod_worker *w, const char *id)
{
    for (size_t i = 0; i < w->containers_len; i++)
        if (str_eq(w->containers[i].id, id))
            return &w->containers[i];
    return NULL;
}

static struct cached_container *container_place(struct pod_worker *w, const struct rt_container *c)
{
    struct cached_container *old = cache_find(w, c->id);
    if (old) {
        cached_container_done(old);
        return old;
    }
    w->containers =
        xgrow(w->containers, &w->containers_cap, w->containers_len + 1, sizeof(*w->containers));
    size_t at = 0;
    for (; at < w->containers_len; at++) {
        int order = strcmp(w->containers[at].name, c->name);
        if (order > 0 || (order == 0 && w->containers[at].attempt < c->attempt))
            break;
    }
    memmove(&w->containers[at + 1], &w->containers[at], (w->containers_len - at) * sizeof(*w->containers));
    w->containers_len++;
    return &w->containers[at];
}

/* A container whose end nobody will tell counts as ended: it cannot be controlled any more. One whose creation an
 * agent's death has cut short is none yet. */
static enum instance_state state_of(const struct rt_container *c)
{
    static const enum instance_state states[] = {
        [RT_CONTAINER_CREATED] = INSTANCE_CREATED,
        [RT_CONTAINER_RUNNING] = INSTANCE_RUNNING,
        [RT_CONTAINER_EXITED] = INSTANCE_EXITED,
        [RT_CONTAINER_UNKNOWN] = INSTANCE_RUNNING,
    };
    bool unmade = c->state == RT_CONTAINER_UNKNOWN && !c->started_wall_ns;
    return unmade ? INSTANCE_NONE : states[c->state];
}

void cached_user_set(struct cached_container *c, const struct rt_user *user)
{
    if (user)
        container_user_set(&c->user, &(struct container_user){ .known = true, .uid = user->uid, .gid = user->gid,
                                                               .groups = (int64_t *)user->groups,
                                                               .groups_len = user->groups_len });
}

struct cached_container *cache_container(struct pod_worker *w, const struct rt_container *c)
{
    struct cached_container fresh = {
        .id = xstrdup(c->id),
        .sandbox_id = xstrdup(c->sandbox_id),
        .name = xstrdup(c->name),
        .reason = xstrdup(c->reason),
        .message = xstrdup(c->message),
        .image_id = xstrdup(c->image_id),
        .spec_image = xstrdup(c->image),
        .log_path = xstrdup(c->log_path),
        .stop_signal = xstrdup(c->stop_signal),
        .attempt = c->attempt,
        .state = state_of(c),
        .unsupervised = c->state == RT_CONTAINER_UNKNOWN && c->started_wall_ns,
        .created_wall_ns = c->created_wall_ns,
        .started_wall_ns = c->started_wall_ns,
        .finished_wall_ns = c->finished_wall_ns,
        .exit_code = c->exit_code,
    };
    cached_user_set(&fresh, c->user);
    struct cached_container *place = container_place(w, c);
    *place = fresh;
    return place;
}

void cache_container_gone(struct pod_worker *w, const char *id)
{
    struct cached_container *c = cache_find(w, id);
    if (!c)
        return;
    cached_container_done(c);
    size_t at = (size_t)(c - w->containers);
    w->containers_len--;
    memmove(c, c + 1, (w->containers_len - at) * sizeof(*c));
}

void cache_done(struct pod_worker *w)
{
    for (size_t i = 0; i < w->sandboxes_len; i++) {
        (void)map_remove(&w->all->by_sandbox, w->sandboxes[i].id);
        sandbox_done(&w->sandboxes[i]);
    }
    for (size_t i = 0; i < w->containers_len; i++)
        cached_container_done(&w->containers[i]);
    free(w->sandboxes);
    free(w->containers);
    w->sandboxes = NULL;
    w->containers = NULL;
    w->sandboxes_len = w->sandboxes_cap = w->containers_len = w->containers_cap = 0;
}

/* ---- as decide/ wants it ---- */

static const struct seen_sandbox *observe_sandboxes(const struct pod_worker *w, struct arena *arena)
{
    struct seen_sandbox *seen = arena_alloc(arena, (w->sandboxes_len + 1) * sizeof(*seen));
    for (size_t i = 0; seen && i < w->sandboxes_len; i++) {
        const struct cached_sandbox *s = &w->sandboxes[i];
        seen[i] = (struct seen_sandbox){ .id = s->id,
                                         .attempt = s->attempt,
                                         .ready = s->ready,
                                         .ips = (const char *const *)s->ips,
                                         .ips_len = strv_len(s->ips) };
    }
    return seen;
}

static const struct seen_container *observe_containers(const struct pod_worker *w,
                                                       struct arena *arena)
{
    struct seen_container *seen = arena_alloc(arena, (w->containers_len + 1) * sizeof(*seen));
    for (size_t i = 0; seen && i < w->containers_len; i++) {
        const struct cached_container *c = &w->containers[i];
        seen[i] = (struct seen_container){ .id = c->id,
                                           .sandbox_id = c->sandbox_id,
                                           .name = c->name,
                                           .attempt = c->attempt,
                                           .state = c->state,
                                           .unsupervised = c->unsupervised,
                                           .created_wall_ns = c->created_wall_ns,
                                           .started_wall_ns = c->started_wall_ns,
                                           .finished_wall_ns = c->finished_wall_ns,
                                           .exit_code = c->exit_code,
                                           .reason = c->reason,
                                           .message = c->message,
                                           .image_id = c->image_id,
                                           .spec_image = c->spec_image,
                                           .user = c->user,
                                           .stop_signal = c->stop_signal };
    }
    return seen;
}

struct pod_observed cache_observe(const struct pod_worker *w, struct arena *arena)
{
    const struct pods *p = w->all;
    struct rt_health health = p->ports->runtime->health(p->ports->runtime);
    struct pod_observed seen = {
        .sandboxes = observe_sandboxes(w, arena),
        .sandboxes_len = w->sandboxes_len,
        .containers = observe_containers(w, arena),
        .containers_len = w->containers_len,
        .sources_ready = p->sources_ready,
        .in_source = w->in_source,
        .has_api = p->ports->cluster->ops->has_api,
        .network_ready = health.network_ready,
        .network_message = arena_strdup(arena, health.network_message),
    };
    seen.listed = p->sandboxes_listed && p->containers_listed && w->reads == 0 && seen.sandboxes &&
                  seen.containers;
    return seen;
}
