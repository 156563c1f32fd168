/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The set of pods: who is in it, and whose turn it is to be looked at.
 */
#include "pod/pods.h"

#include <errno.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "record/codec.h"
#include "log_rotate.h"
#include "worker.h"

/* ---- one pod ---- */

static void on_wake(struct loop_timer *t)
{
    worker_dirty(container_of(t, struct pod_worker, wake));
}

struct pod_worker *worker_get(const struct pods *p, const char *uid)
{
    return uid ? map_get(&p->workers, uid) : NULL;
}

static struct pod_worker *worker_with(struct pods *p, struct pod_record *record)
{
    struct pod_worker *w = NEW(struct pod_worker);
    w->all = p;
    w->record = record;
    list_init(&w->calls);
    list_init(&w->dirty);
    loop_timer_init(&w->wake, p->ports->loop, "pod", on_wake);
    (void)map_put(&p->workers, record->uid, w);
    return w;
}

struct pod_worker *worker_add(struct pods *p, const char *uid, const char *namespace_, const char *name)
{
    struct pod_record *r = pod_record_new(uid, str_or(namespace_, ""), str_or(name, ""));
    /* Nothing is known of what was made for it: it is all looked for. */
    r->volumes_made = r->remains_made = true;
    return worker_with(p, r);
}

void worker_name(struct pod_worker *w, const char *namespace_, const char *name)
{
    if (str_empty(w->record->namespace_))
        record_string(&w->record->namespace_, namespace_);
    if (str_empty(w->record->name))
        record_string(&w->record->name, name);
}

/* Their answers are taken, and lead to nothing. */
static void leave_calls(struct pod_worker *w)
{
    struct pod_call *call;
    list_each(call, &w->calls, struct pod_call, node) {
        call->worker = NULL;
        list_remove(&call->node);
        list_push_back(&w->all->calls, &call->node);
    }
}

void worker_free(struct pod_worker *w)
{
    leave_calls(w);
    struct pod_refs *refs = w->all->ports->refs;
    if (w->acquired && refs->ops->release)
        refs->ops->release(refs, w->record->uid);
    cache_done(w);
    (void)map_remove(&w->all->workers, w->record->uid);
    list_remove(&w->dirty);
    loop_timer_stop(&w->wake);
    k8s_object_unref(w->object);
    report_done(&w->told);
    report_done(&w->sending);
    report_done(&w->accepted);
    retry_clear(&w->report_retry);
    pod_record_free(w->record);
    free(w->saved);
    free(w->save_error);
    free(w);
}

void worker_dirty(struct pod_worker *w)
{
    if (w->all->stopped || list_linked(&w->dirty))
        return;
    list_push_back(&w->all->dirty, &w->dirty);
    loop_defer_start(&w->all->look);
}

static void on_look(struct loop_defer *d)
{
    struct pods *p = container_of(d, struct pods, look);
    struct list due;
    list_init(&due);
    while (!list_empty(&p->dirty)) { /* what becomes dirty meanwhile waits for the next round */
        struct list *node = p->dirty.next;
        list_remove(node);
        list_push_back(&due, node);
    }
    while (!list_empty(&due)) {
        struct pod_worker *w = list_first(&due, struct pod_worker, dirty);
        list_remove(&w->dirty);
        look_at(w);
    }
}

/* ---- the set ---- */

void pods_set(struct pods *p, struct k8s_object *object)
{
    const struct k8s_pod *pod = K8S_OBJECT_AS(object, k8s_pod);
    if (!pod)
        return;
    if (!pod_is_sound(pod)) {
        log_error("pod", "a pod's names cannot be relied on, ignoring it", "pod=" LOG_Q,
                  LOG_QUOTE(str_or(pod->metadata.name, "")));
        return;
    }
    struct pod_worker *w = worker_get(p, pod->metadata.uid);
    if (!w) {
        struct pod_record *r =
            pod_record_new(pod->metadata.uid, str_or(pod->metadata.namespace, "default"),
                           str_or(pod->metadata.name, ""));
        w = worker_with(p, r);
    }
    w->in_source = true;
    worker_name(w, str_or(pod->metadata.namespace, "default"), pod->metadata.name);
    const struct k8s_pod *known = worker_pod(w);
    bool spec_same = known && known->metadata.generation == pod->metadata.generation &&
                     known->metadata.generation > 0;
    if (!spec_same || known->metadata.deletion_timestamp.has != pod->metadata.deletion_timestamp.has)
        w->object_unsaved = true; /* the status in the file is of no interest */
    if (!spec_same)
        w->checked = false;
    k8s_object_unref(w->object);
    w->object = k8s_object_ref(object);
    report_check(w);
    worker_dirty(w);
}

void pods_remove(struct pods *p, const char *uid)
{
    struct pod_worker *w = worker_get(p, uid);
    if (!w)
        return;
    w->in_source = false;
    w->record->live.api_deleted = true;
    worker_dirty(w);
}

static void look_at_all(struct pods *p)
{
    const char *uid;
    void *value;
    for (size_t n = 0; map_next(&p->workers, &n, &uid, &value);)
        worker_dirty(value);
}

void pods_sources_ready(struct pods *p)
{
    p->sources_ready = true;
    look_at_all(p);
}

void pods_settings_changed(struct pods *p)
{
    look_at_all(p);
}

void pods_refs_changed(struct pods *p, const char *uid)
{
    struct pod_worker *w = worker_get(p, uid);
    if (!w)
        return;
    for (size_t i = 0; i < w->record->containers_len; i++)
        w->record->containers[i].live.create.not_before_boot_ns = 0;
    w->record->live.volumes.not_before_boot_ns = 0;
    w->record->live.sandbox.not_before_boot_ns = 0;
    worker_dirty(w);
}

int pods_evict(struct pods *p, const char *uid, const char *reason, const char *message,
               int64_t grace_ms)
{
    struct pod_worker *w = worker_get(p, uid);
    if (!w)
        return -ENOENT;
    struct now now = clock_now();
    note_eviction(w->record, reason, message, grace_ms, &now);
    worker_dirty(w);
    return 0;
}

/* ---- start and end ---- */

struct load {
    struct pods *p;
    struct err *err;
    int r;
};

/* One of a newer agent ends the start. One that is damaged (the machine lost its power while it was written) is as good
 * as none: then everything that may have been made for the pod is looked for. */
static int read_record(const char *uid, const char *text, struct pod_record **ret, struct err *err)
{
    int r = pod_record_decode(text, strlen(text), ret, err);
    if (r == 0 && !str_eq((*ret)->uid, uid)) {
        r = err_set(err, -EINVAL, "it is about pod %s", (*ret)->uid);
        pod_record_free(TAKE_PTR(*ret));
    }
    if (r != -EINVAL)
        return r < 0 ? err_wrap(err, "record of pod %s", uid) : 0;
    log_warn("pod", "record cannot be read, ignoring", "uid=%s error=" LOG_Q, uid, LOG_QUOTE(err ? err->msg : ""));
    err_clear(err);
    return 0;
}

static void load_one(void *user, const char *uid, const char *pod_json, const char *record_json)
{
    struct load *load = user;
    struct pod_record *record = NULL;
    struct k8s_object *object = NULL;
    if (load->r < 0)
        return;
    if (record_json)
        load->r = read_record(uid, record_json, &record, load->err);
    if (load->r < 0)
        return;
    if (pod_json && k8s_decode(&k8s_pod_type, pod_json, strlen(pod_json), &object, NULL) < 0)
        log_warn("pod", "last known object cannot be read, ignoring", "uid=%s", uid);
    struct pod_worker *w = record ? worker_with(load->p, record)
                                  : worker_add(load->p, uid, NULL, NULL);
    w->object = object;
    w->saved = xstrdup(record ? record_json : NULL);
    w->record->live.on_disk = record;
    if (object)
        worker_name(w, k8s_object_metadata(object)->namespace, k8s_object_metadata(object)->name);
}

int pods_new(const struct pod_settings *settings, const struct pod_ports *ports, struct pods **ret,
             struct err *err)
{
    struct pods *p = NEW(struct pods);
    p->settings = settings;
    p->ports = ports;
    list_init(&p->dirty);
    list_init(&p->calls);
    loop_defer_init(&p->look, ports->loop, "pods", on_look);
    struct load load = { .p = p, .err = err };
    int r = ports->store->ops->load(ports->store, load_one, &load, err);
    if (r == 0)
        r = load.r;
    if (r < 0) {
        pods_free(p);
        return r;
    }
    ports->runtime->set_events(ports->runtime, refresh_on_event, p);
    refresh_list(p);
    log_rotate_start(p);
    *ret = p;
    return 0;
}

void pods_stop(struct pods *p)
{
    const char *uid;
    void *value;
    p->stopped = true;
    for (size_t n = 0; map_next(&p->workers, &n, &uid, &value);)
        leave_calls(value);
    loop_defer_stop(&p->look);
    if (p->relist.loop)
        loop_timer_stop(&p->relist);
    if (p->rotate.loop)
        loop_timer_stop(&p->rotate);
}

struct pods *pods_free(struct pods *p)
{
    if (!p)
        return NULL;
    pods_stop(p);
    const char *uid;
    void *value;
    for (size_t n = 0; map_next(&p->workers, &n, &uid, &value);)
        worker_free(value);
    struct pod_call *call;
    list_each(call, &p->calls, struct pod_call, node)
        call_free(call);
    map_done(&p->workers);
    map_done(&p->by_sandbox);
    free(p);
    return NULL;
}
