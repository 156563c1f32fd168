/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at the pods from outside. */
#include <stdio.h>

#include "base/limits.h"
#include "base/str.h"
#include "worker.h"

static struct pod_view view_of(const struct pod_worker *w)
{
    return (struct pod_view){
        .uid = w->record->uid,
        .namespace_ = w->record->namespace_,
        .name = w->record->name,
        .pod = worker_pod(w),
        .status = w->told.status,
        .sandbox_id = w->sandboxes_len && w->sandboxes[0].ready ? w->sandboxes[0].id : NULL,
    };
}

size_t pods_len(const struct pods *p)
{
    return map_len(&p->workers);
}

bool pods_next(const struct pods *p, size_t *i, struct pod_view *ret)
{
    const char *uid;
    void *value;
    if (!map_next(&p->workers, i, &uid, &value))
        return false;
    *ret = view_of(value);
    return true;
}

bool pods_find_uid(const struct pods *p, const char *uid, struct pod_view *ret)
{
    struct pod_worker *w = worker_get(p, uid);
    if (w)
        *ret = view_of(w);
    return w;
}

/* A pod that replaces one of its name may be here before that one has gone: the wanted one counts. */
static const struct pod_worker *find(const struct pods *p, const char *namespace_, const char *name)
{
    const struct pod_worker *found = NULL;
    const char *uid;
    void *value;
    for (size_t n = 0; map_next(&p->workers, &n, &uid, &value);) {
        const struct pod_worker *w = value;
        if (str_eq(w->record->namespace_, namespace_) && str_eq(w->record->name, name) &&
            (!found || w->in_source))
            found = w;
    }
    return found;
}

bool pods_find(const struct pods *p, const char *namespace_, const char *name, struct pod_view *ret)
{
    const struct pod_worker *w = find(p, namespace_, name);
    if (w)
        *ret = view_of(w);
    return w;
}

bool pods_log(const struct pods *p, const char *namespace_, const char *name, const char *container,
              bool previous, struct pod_log *ret)
{
    const struct pod_worker *w = find(p, namespace_, name);
    const struct container_record *rec = w ? pod_record_container(w->record, container) : NULL;
    if (!rec)
        return false;
    bool fresh = rec->current.state == INSTANCE_NONE || rec->current.state == INSTANCE_CREATED;
    const struct pod_instance *run = fresh || previous ? &rec->previous : &rec->current;
    if (run->state == INSTANCE_NONE)
        return false;
    AUTO(arena_unref) struct arena *arena = arena_new(64 * KIB);
    (void)snprintf(ret->path, sizeof(ret->path), "%s/%s/%u.log",
                   path_of_logs(p, namespace_, name, w->record->uid, arena), container, run->attempt);
    (void)snprintf(ret->container_id, sizeof(ret->container_id), "%s", str_or(run->id, ""));
    ret->running = run->state == INSTANCE_RUNNING;
    return true;
}

const char *pods_running_container(const struct pods *p, const char *namespace_, const char *name,
                                   const char *container)
{
    const struct pod_worker *w = find(p, namespace_, name);
    const struct container_record *rec = w ? pod_record_container(w->record, container) : NULL;
    return rec && rec->current.state == INSTANCE_RUNNING ? rec->current.id : NULL;
}

bool pods_idle(const struct pods *p)
{
    const char *uid;
    void *value;
    for (size_t n = 0; map_next(&p->workers, &n, &uid, &value);) {
        const struct pod_worker *w = value;
        if (!list_empty(&w->calls) || list_linked(&w->dirty) || loop_timer_running(&w->wake))
            return false;
    }
    return list_empty(&p->dirty);
}
