/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeping the cache true. Events are hints: what they speak of is asked for, and the answer counts.
 *
 * The end of a container is told to the cache only together with what the container left as its last words
 * (terminationMessagePath), so that no status shows the one without the other.
 */
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "pod/termination.h"
#include "worker.h"

/* ---- the last words ---- */

static void apply_end(struct pod_call *call, const char *text)
{
    struct cached_container *ended = TAKE_PTR(call->ended);
    struct pod_worker *w = call->worker;
    if (w) {
        w->reads--;
        if (!str_empty(text))
            record_string(&ended->message, text);
        const struct container_user *u = &ended->user;
        const struct rt_user user = { u->uid, u->gid, u->groups, u->groups_len };
        struct rt_container c = {
            .id = ended->id,
            .sandbox_id = ended->sandbox_id,
            .name = ended->name,
            .attempt = ended->attempt,
            .state = RT_CONTAINER_EXITED,
            .created_wall_ns = ended->created_wall_ns,
            .started_wall_ns = ended->started_wall_ns,
            .finished_wall_ns = ended->finished_wall_ns,
            .exit_code = ended->exit_code,
            .reason = ended->reason,
            .message = ended->message,
            .image = ended->spec_image,
            .image_id = ended->image_id,
            .log_path = ended->log_path,
            .user = u->known ? &user : NULL,
            .stop_signal = ended->stop_signal,
        };
        (void)cache_container(w, &c);
        worker_dirty(w);
    }
    cached_container_done(ended);
    free(ended);
    call->then(call);
}

static void on_log_tail(void *user, const char *text)
{
    struct pod_call *call = user;
    AUTO(arena_unref) struct arena *arena = arena_new(TERMINATION_LOG_BYTES * 4);
    apply_end(call, termination_from_log(text, arena));
}

static void on_termination_file(void *user, const char *text)
{
    struct pod_call *call = user;
    const struct k8s_pod *pod = call->worker ? worker_pod(call->worker) : NULL;
    struct container_ref ref;
    bool fallback = str_empty(text) && call->ended->exit_code != 0 && call->ended->log_path && pod &&
                    containers_find(pod, call->ended->name, &ref) &&
                    str_eq(ref.spec->termination_message_policy, "FallbackToLogsOnError");
    if (!fallback) {
        apply_end(call, text);
        return;
    }
    struct pod_files *files = call->all->ports->files;
    files->ops->read_tail(files, call->ended->log_path, TERMINATION_LOG_BYTES * 2,
                          TERMINATION_LOG_LINES, on_log_tail, call);
}

void refresh_ended(struct pod_call *call, const struct rt_container *c,
                   void (*then)(struct pod_call *call))
{
    struct pod_worker *w = call->worker;
    struct cached_container *ended = NEW(struct cached_container);
    *ended = (struct cached_container){
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
        .created_wall_ns = c->created_wall_ns,
        .started_wall_ns = c->started_wall_ns,
        .finished_wall_ns = c->finished_wall_ns,
        .exit_code = c->exit_code,
    };
    cached_user_set(ended, c->user);
    call->ended = ended;
    call->then = then;
    w->reads++;
    AUTO(arena_unref) struct arena *arena = arena_new(64 * 1024);
    struct pod_files *files = w->all->ports->files;
    files->ops->read_tail(files,
                          path_of_termination_log(w->all, w->record->uid, c->name, c->attempt, arena),
                          TERMINATION_FILE_BYTES, 0, on_termination_file, call);
}

/* ---- one container ---- */

static void on_container(void *user, const struct err *err, const void *result)
{
    struct pod_call *call = user;
    const struct rt_container *c = result;
    call->op = NULL;
    if (!call->worker || err) {
        if (err && call->worker)
            log_warn("pod", "container status is not known", "id=%s error=" LOG_Q, call->id,
                     LOG_QUOTE(err->msg));
        call->then(call);
        return;
    }
    const struct cached_container *known = cache_find(call->worker, call->id);
    if (!c) {
        cache_container_gone(call->worker, call->id);
    } else if (c->state == RT_CONTAINER_EXITED && !(known && known->state == INSTANCE_EXITED)) {
        refresh_ended(call, c, call->then);
        return;
    } else if (c->state != RT_CONTAINER_EXITED) {
        (void)cache_container(call->worker, c);
    }
    worker_dirty(call->worker);
    call->then(call);
}

void refresh_container(struct pod_call *call, const char *id, void (*then)(struct pod_call *call))
{
    struct rt_containers *containers = call->all->ports->runtime->containers;
    struct rt_call rt = { .done = on_container, .user = call };
    call->then = then;
    record_string(&call->id, id);
    call->op = containers->ops->status(containers, call->id, &rt);
}

/* ---- one sandbox ---- */

static void on_sandbox(void *user, const struct err *err, const void *result)
{
    struct pod_call *call = user;
    call->op = NULL;
    if (call->worker && !err) {
        if (result)
            cache_sandbox(call->worker, result);
        else
            cache_sandbox_gone(call->worker, call->id);
        worker_dirty(call->worker);
    }
    call->then(call);
}

void refresh_sandbox(struct pod_call *call, const char *id, void (*then)(struct pod_call *call))
{
    struct rt_sandboxes *sandboxes = call->all->ports->runtime->sandboxes;
    struct rt_call rt = { .done = on_sandbox, .user = call };
    call->then = then;
    record_string(&call->id, id);
    call->op = sandboxes->ops->status(sandboxes, call->id, &rt);
}

/* ---- one pod: what an unfinished creation may have left ---- */

static void on_pod_containers(void *user, const struct err *err, const void *result)
{
    struct pod_call *call = user;
    const struct rt_container_list *list = result;
    call->op = NULL;
    for (size_t i = 0; call->worker && !err && i < list->len; i++) {
        const struct rt_container *c = &list->items[i];
        const char *uid = rt_label_get(&c->labels, "io.kubernetes.pod.uid");
        bool unknown = str_eq(uid, call->worker->record->uid) && !cache_find(call->worker, c->id);
        if (unknown && c->state != RT_CONTAINER_EXITED)
            (void)cache_container(call->worker, c);
        else if (unknown)
            refresh_ended(call_new(call->worker, ACT_NONE, NULL), c, call_free);
    }
    call->then(call);
}

static void on_pod_sandboxes(void *user, const struct err *err, const void *result)
{
    struct pod_call *call = user;
    const struct rt_sandbox_list *list = result;
    struct rt_containers *containers = call->all->ports->runtime->containers;
    call->op = NULL;
    if (!call->worker || err) {
        call->then(call);
        return;
    }
    for (size_t i = 0; i < list->len; i++)
        if (str_eq(list->items[i].uid, call->worker->record->uid))
            cache_sandbox(call->worker, &list->items[i]);
    call->op = containers->ops->list(
        containers, &(struct rt_call){ .done = on_pod_containers, .user = call });
}

void refresh_pod(struct pod_call *call, void (*then)(struct pod_call *call))
{
    struct rt_sandboxes *sandboxes = call->all->ports->runtime->sandboxes;
    call->then = then;
    call->op =
        sandboxes->ops->list(sandboxes, &(struct rt_call){ .done = on_pod_sandboxes, .user = call });
}

/* ---- events ---- */

static struct pod_worker *worker_of_event(const struct pods *p, const struct rt_event *event)
{
    struct pod_worker *w = event->sandbox_id ? map_get(&p->by_sandbox, event->sandbox_id) : NULL;
    const char *uid;
    void *value;
    for (size_t n = 0; !w && event->container_id && map_next(&p->workers, &n, &uid, &value);)
        if (cache_find(value, event->container_id))
            w = value;
    return w;
}

static void all_dirty(struct pods *p)
{
    const char *uid;
    void *value;
    for (size_t n = 0; map_next(&p->workers, &n, &uid, &value);)
        worker_dirty(value);
}

void refresh_on_event(void *user, const struct rt_event *event)
{
    struct pods *p = user;
    if (p->stopped)
        return;
    if (event->kind == RT_EVENT_HEALTH_CHANGED) {
        all_dirty(p);
        return;
    }
    struct pod_worker *w = worker_of_event(p, event);
    if (!w)
        return;
    struct pod_call *call = call_new(w, ACT_NONE, NULL);
    if (event->container_id)
        refresh_container(call, event->container_id, call_free);
    else
        refresh_sandbox(call, event->sandbox_id, call_free);
}

/* ---- everything ---- */

static void retry_list(struct loop_timer *t);

static void on_containers(void *user, const struct err *err, const void *result);

static struct pod_worker *worker_of_container(struct pods *p, const struct rt_container *c)
{
    const char *uid = rt_label_get(&c->labels, "io.kubernetes.pod.uid");
    struct pod_worker *w = uid ? worker_get(p, uid) : NULL;
    if (w || !uid)
        return w;
    return worker_add(p, uid, rt_label_get(&c->labels, "io.kubernetes.pod.namespace"),
                      rt_label_get(&c->labels, "io.kubernetes.pod.name"));
}

static void list_containers(struct pods *p)
{
    struct rt_containers *containers = p->ports->runtime->containers;
    (void)containers->ops->list(containers, &(struct rt_call){ .done = on_containers, .user = p });
}

static void on_sandboxes(void *user, const struct err *err, const void *result)
{
    struct pods *p = user;
    const struct rt_sandbox_list *list = result;
    if (err) {
        log_warn("pod", "sandboxes cannot be listed, trying again", "error=" LOG_Q, LOG_QUOTE(err->msg));
        loop_timer_start(&p->relist, 1000);
        return;
    }
    for (size_t i = 0; i < list->len; i++) {
        const struct rt_sandbox *s = &list->items[i];
        struct pod_worker *w = worker_get(p, s->uid);
        if (!w)
            w = worker_add(p, s->uid, s->namespace_, s->name);
        worker_name(w, s->namespace_, s->name);
        cache_sandbox(w, s);
    }
    p->sandboxes_listed = true;
    list_containers(p);
}

static bool end_is_known(const struct pod_worker *w, const struct rt_container *c)
{
    const struct container_record *rec = pod_record_container(w->record, c->name);
    return rec && (rec->current.attempt > c->attempt ||
                   (rec->current.attempt == c->attempt && rec->current.state == INSTANCE_EXITED));
}

static void on_containers(void *user, const struct err *err, const void *result)
{
    struct pods *p = user;
    const struct rt_container_list *list = result;
    if (err) {
        log_warn("pod", "containers cannot be listed, trying again", "error=" LOG_Q,
                 LOG_QUOTE(err->msg));
        loop_timer_start(&p->relist, 1000);
        return;
    }
    for (size_t i = 0; i < list->len; i++) {
        const struct rt_container *c = &list->items[i];
        struct pod_worker *w = worker_of_container(p, c);
        if (!w)
            continue;
        if (c->state == RT_CONTAINER_EXITED && !end_is_known(w, c))
            refresh_ended(call_new(w, ACT_NONE, NULL), c, call_free);
        else
            (void)cache_container(w, c);
    }
    p->containers_listed = true;
    all_dirty(p);
}

static void retry_list(struct loop_timer *t)
{
    struct pods *p = container_of(t, struct pods, relist);
    if (!p->stopped)
        refresh_list(p);
}

void refresh_list(struct pods *p)
{
    if (!p->relist.loop)
        loop_timer_init(&p->relist, p->ports->loop, "list of the runtime", retry_list);
    struct rt_sandboxes *sandboxes = p->ports->runtime->sandboxes;
    (void)sandboxes->ops->list(sandboxes, &(struct rt_call){ .done = on_sandboxes, .user = p });
}
