/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Doing what a plan says. Each action is one row: how it is started, and what has to be asked afterwards so that the
 * cache is true before the pod is looked at again (a lane stays busy until then).
 */
#include <errno.h>

#include "base/clock.h"
#include "base/effect.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "translate.h"
#include "worker.h"

/* ---- calls ---- */

struct pod_call *call_new(struct pod_worker *w, enum pod_act act, const struct pod_action *a)
{
    struct pod_call *c = NEW(struct pod_call);
    c->all = w->all;
    c->worker = w;
    c->object = w->object ? k8s_object_ref(w->object) : NULL;
    c->act = act;
    if (a) {
        c->container = xstrdup(a->container);
        c->id = xstrdup(a->id);
        c->attempt = a->attempt;
    }
    list_push_back(&w->calls, &c->node);
    return c;
}

void call_free(struct pod_call *c)
{
    list_remove(&c->node);
    k8s_object_unref(c->object);
    arena_unref(c->arena);
    references_done(&c->refs);
    if (c->ended)
        cached_container_done(c->ended);
    free(c->ended);
    free(c->container);
    free(c->id);
    free(c);
}

/* ---- ends ---- */

static const char *image_of(const struct pod_call *call)
{
    struct container_ref ref;
    const struct k8s_pod *pod = K8S_OBJECT_AS(call->object, k8s_pod);
    return containers_find(pod, call->container, &ref) ? str_or(ref.spec->image, "") : "";
}

/* Whether "docker.io/library/busybox@sha256:…" is of the repository that "busybox:1" names. */
static bool is_of_repository(const char *digest, const char *image)
{
    const char *slash = strrchr(image, '/');
    size_t len = (size_t)(slash ? slash - image : 0), name_len = strcspn(digest, "@");
    len += strcspn(image + len, ":@");
    return len <= name_len && strncmp(digest + name_len - len, image, len) == 0 &&
           (len == name_len || digest[name_len - len - 1] == '/');
}

/* The same image may have come from several repositories. */
static const char *image_ref(const struct rt_image *image, const char *asked)
{
    for (size_t i = 0; i < image->repo_digests.len; i++)
        if (is_of_repository(image->repo_digests.items[i], asked))
            return image->repo_digests.items[i];
    return image->repo_digests.len ? image->repo_digests.items[0] : image->id;
}

void act_end(struct pod_call *call, const struct err *err, const struct rt_image *image)
{
    struct pod_worker *w = call->worker;
    if (w) {
        struct now now = clock_now();
        AUTO(arena_unref) struct arena *arena = arena_new(MIB);
        struct pod_events events = { .arena = arena };
        struct pod_result result = {
            .act = call->act,
            .container = call->container,
            .code = err ? err->code : 0,
            .reason = err ? err->reason : NULL,
            .message = err ? err->msg : NULL,
            .image_id = image ? image->id : NULL,
            .image_ref = image ? image_ref(image, image_of(call)) : NULL,
            .image_bytes = image ? image->size_bytes : 0,
        };
        note_end(w->record, worker_pod(w), &result, &w->all->settings->policy, &now, &events);
        report_events(w, &events);
        pod_events_done(&events);
        log_debug("pod", err ? "action failed" : "action done",
                  "pod=%s/%s action=%s container=%s error=" LOG_Q, w->record->namespace_,
                  w->record->name, act_name(call->act), str_or(call->container, ""),
                  LOG_QUOTE(err ? err->msg : ""));
        worker_dirty(w);
    }
    call_free(call);
}

void act_end_kept(struct pod_call *call)
{
    act_end(call, call->err.code ? &call->err : NULL, NULL);
}

static void on_done(void *user, const struct err *err)
{
    act_end(user, err, NULL);
}

static void keep_error(struct pod_call *call, const struct err *err)
{
    call->op = NULL;
    if (err)
        err_copy(&call->err, err);
}

/* ---- images ---- */

static void on_image(void *user, const struct err *err, const void *result)
{
    ((struct pod_call *)user)->op = NULL;
    act_end(user, err, err ? NULL : result);
}

static void start_image_check(struct pod_call *call, const struct pod_action *a)
{
    (void)a;
    struct rt_images *images = call->all->ports->runtime->images;
    call->op = images->ops->status(images, image_of(call),
                                   &(struct rt_call){ .done = on_image, .user = call });
}

static void on_pulled(void *user, const struct err *err, const void *result)
{
    struct pod_call *call = user;
    bool failed = err && err->code != -ECANCELED;
    if (failed && call->worker && !str_empty(call->missing_secrets))
        report_warning(call->worker, WORD_PULL_SECRETS, call->missing_secrets);
    on_image(user, err, result);
}

static const char *missing_secrets(const struct references *refs, const struct fetched_set *set,
                                   struct arena *arena)
{
    const char *names = NULL;
    for (size_t i = 0; i < refs->len; i++)
        if (refs->items[i].kind == REFERENCE_SECRET &&
            (!set || !fetched_get(set, refs->items[i].kind, refs->items[i].name)))
            names = arena_printf(arena, "%s%s%s", str_or(names, ""), names ? ", " : "", refs->items[i].name);
    return names;
}

static void on_pull_secrets(void *user, const struct err *err, const struct fetched_set *set)
{
    struct pod_call *call = user;
    struct rt_images *images = call->all->ports->runtime->images;
    struct pod_refs *refs = call->all->ports->refs;
    if (!call->worker || (err && err->code == -ECANCELED)) {
        act_end(call, err, NULL);
        return;
    }
    /* Without its secrets an image may still be public. */
    struct rt_pull_request request = {
        .image = image_of(call),
        .wasm_first = !err && translate_prefers_wasm(K8S_OBJECT_AS(call->object, k8s_pod), set, call->all->ports->runtime),
    };
    call->arena = arena_new(MIB);
    if (!err && refs->ops->auths)
        refs->ops->auths(refs, request.image, set, call->arena, &request.auths);
    call->missing_secrets = missing_secrets(&call->refs, set, call->arena);
    effect("image pull");
    call->op =
        images->ops->pull(images, &request, &(struct rt_call){ .done = on_pulled, .user = call });
}

static void start_image_pull(struct pod_call *call, const struct pod_action *a)
{
    (void)a;
    struct pod_refs *refs = call->all->ports->refs;
    references_of_pull_secrets(&call->refs, K8S_OBJECT_AS(call->object, k8s_pod));
    references_of_sandbox(&call->refs, K8S_OBJECT_AS(call->object, k8s_pod)); /* its class says which platform it prefers */
    refs->ops->fetch(refs, call->object, &call->refs, on_pull_secrets, call);
}

/* ---- containers ---- */

static void link_log(struct pod_call *call)
{
    struct pod_worker *w = call->worker;
    struct cached_container *c = w ? cache_find(w, call->id) : NULL;
    if (!c || !c->log_path)
        return;
    AUTO(arena_unref) struct arena *arena = arena_new(64 * KIB);
    const char *path = path_of_log_link(w->all, w->record->namespace_, w->record->name, c->name,
                                        c->id, arena);
    struct pod_files *files = w->all->ports->files;
    if (path)
        files->ops->link(files, c->log_path, path);
}

static void end_start(struct pod_call *call)
{
    if (!call->err.code)
        link_log(call);
    act_end_kept(call);
}

static void on_started(void *user, const struct err *err, const void *result)
{
    struct pod_call *call = user;
    (void)result;
    keep_error(call, err && err->code != -EALREADY ? err : NULL);
    if (call->worker)
        refresh_container(call, call->id, end_start);
    else
        call_free(call);
}

static void start_container_start(struct pod_call *call, const struct pod_action *a)
{
    struct rt_containers *containers = call->all->ports->runtime->containers;
    effect("container start");
    call->op = containers->ops->start(containers, a->id,
                                      &(struct rt_call){ .done = on_started, .user = call });
}

/* A stop that says it is done while the container runs on is a failure: else it would be asked for again at once. */
static void end_stop(struct pod_call *call)
{
    const struct cached_container *c = call->worker ? cache_find(call->worker, call->id) : NULL;
    if (!call->err.code && c && c->state == INSTANCE_RUNNING)
        (void)err_set(&call->err, -EBUSY, "container %s still runs after it was stopped", call->container);
    act_end_kept(call);
}

static void on_stopped(void *user, const struct err *err, const void *result)
{
    struct pod_call *call = user;
    (void)result;
    keep_error(call, err);
    if (call->worker)
        refresh_container(call, call->id, end_stop);
    else
        call_free(call);
}

static void start_container_stop(struct pod_call *call, const struct pod_action *a)
{
    struct rt_containers *containers = call->all->ports->runtime->containers;
    effect("container stop");
    call->op = containers->ops->stop(containers, a->id, a->grace_ms,
                                     &(struct rt_call){ .done = on_stopped, .user = call });
}

static void forget_files_of(struct pod_call *call)
{
    const struct cached_container *c = cache_find(call->worker, call->id);
    const struct pod_record *r = call->worker->record;
    struct pod_files *files = call->all->ports->files;
    if (!c)
        return;
    AUTO(arena_unref) struct arena *arena = arena_new(64 * KIB);
    const char *link = path_of_log_link(call->all, r->namespace_, r->name, c->name, c->id, arena);
    const struct container_record *rec = pod_record_container(r, c->name);
    bool is_kept = rec && (c->attempt == rec->current.attempt || c->attempt == rec->previous.attempt);
    if (is_kept) /* its log can still be asked for */
        return;
    if (link)
        files->ops->unlink(files, link);
    if (c->log_path)
        files->ops->unlink(files, arena_printf(arena, "%s*", c->log_path));
    files->ops->unlink(files, path_of_termination_log(call->all, r->uid, c->name, c->attempt, arena));
}

static void on_removed(void *user, const struct err *err, const void *result)
{
    struct pod_call *call = user;
    (void)result;
    call->op = NULL;
    if (call->worker && !err) {
        forget_files_of(call);
        cache_container_gone(call->worker, call->id);
    }
    act_end(call, err, NULL);
}

static void start_container_remove(struct pod_call *call, const struct pod_action *a)
{
    struct rt_containers *containers = call->all->ports->runtime->containers;
    effect("container remove");
    call->op = containers->ops->remove(containers, a->id,
                                       &(struct rt_call){ .done = on_removed, .user = call });
}

static void start_container_create(struct pod_call *call, const struct pod_action *a)
{
    (void)a;
    create_start(call);
}

/* ---- sandboxes ---- */

static void start_sandbox_create(struct pod_call *call, const struct pod_action *a)
{
    (void)a;
    create_sandbox_start(call);
}

static void on_sandbox_stopped(void *user, const struct err *err, const void *result)
{
    struct pod_call *call = user;
    (void)result;
    keep_error(call, err);
    if (call->worker)
        refresh_sandbox(call, call->id, act_end_kept);
    else
        call_free(call);
}

static void start_sandbox_stop(struct pod_call *call, const struct pod_action *a)
{
    struct rt_sandboxes *sandboxes = call->all->ports->runtime->sandboxes;
    effect("sandbox stop");
    call->op = sandboxes->ops->stop(sandboxes, a->id,
                                    &(struct rt_call){ .done = on_sandbox_stopped, .user = call });
}

static void on_sandbox_removed(void *user, const struct err *err, const void *result)
{
    struct pod_call *call = user;
    (void)result;
    call->op = NULL;
    if (call->worker && !err)
        cache_sandbox_gone(call->worker, call->id);
    act_end(call, err, NULL);
}

static void start_sandbox_remove(struct pod_call *call, const struct pod_action *a)
{
    struct rt_sandboxes *sandboxes = call->all->ports->runtime->sandboxes;
    effect("sandbox remove");
    call->op = sandboxes->ops->remove(sandboxes, a->id,
                                      &(struct rt_call){ .done = on_sandbox_removed, .user = call });
}

/* ---- volumes, folders, the object ---- */

static void start_volumes_prepare(struct pod_call *call, const struct pod_action *a)
{
    (void)a;
    struct pod_volumes *volumes = call->all->ports->volumes;
    volumes->ops->prepare(volumes, call->object, on_done, call);
}

static void start_volumes_teardown(struct pod_call *call, const struct pod_action *a)
{
    (void)a;
    struct pod_volumes *volumes = call->all->ports->volumes;
    effect("volumes teardown");
    volumes->ops->teardown(volumes, call->worker->record->uid, on_done, call);
}

static void start_remains_remove(struct pod_call *call, const struct pod_action *a)
{
    (void)a;
    AUTO(arena_unref) struct arena *arena = arena_new(64 * KIB);
    struct pod_files *files = call->all->ports->files;
    effect("pod folder remove");
    files->ops->remove_tree(files, path_of_pod(call->all, call->worker->record->uid, arena), on_done,
                            call);
}

static void on_api_deleted(void *user, const struct err *err)
{
    act_end(user, err && err->code != -ENOENT ? err : NULL, NULL);
}

static void start_api_delete(struct pod_call *call, const struct pod_action *a)
{
    (void)a;
    struct pod_cluster *cluster = call->all->ports->cluster;
    effect("pod delete");
    cluster->ops->remove(cluster, call->object, on_api_deleted, call);
}

/* The record goes last: as long as it is there, the next start finds what is left. */
static void on_logs_removed(void *user, const struct err *err)
{
    struct pod_call *call = user;
    struct pod_worker *w = call->worker;
    if (w && err)
        log_warn("pod", "logs cannot be removed, ignoring", "pod=%s/%s error=" LOG_Q,
                 w->record->namespace_, w->record->name, LOG_QUOTE(err->msg));
    if (w) {
        struct pod_store *store = call->all->ports->store;
        effect("pod forget");
        store->ops->remove(store, w->record->uid);
        worker_free(w);
    }
    call_free(call);
}

static void unlink_log_links(struct pod_call *call, const struct container_record *c, struct arena *arena)
{
    const struct pod_record *r = call->worker->record;
    struct pod_files *files = call->all->ports->files;
    const char *ids[] = { c->current.id, c->previous.id };
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        const char *link =
            ids[i] ? path_of_log_link(call->all, r->namespace_, r->name, c->name, ids[i], arena) : NULL;
        if (link)
            files->ops->unlink(files, link);
    }
}

static void start_forget(struct pod_call *call, const struct pod_action *a)
{
    (void)a;
    const struct pod_record *r = call->worker->record;
    struct pod_files *files = call->all->ports->files;
    AUTO(arena_unref) struct arena *arena = arena_new(MIB);
    for (size_t i = 0; i < r->containers_len; i++)
        unlink_log_links(call, &r->containers[i], arena);
    call->worker->forgotten = true;
    files->ops->remove_tree(files, path_of_logs(call->all, r->namespace_, r->name, r->uid, arena),
                            on_logs_removed, call);
}

/* ---- the table ---- */

typedef void (*start_fn)(struct pod_call *call, const struct pod_action *a);

void act_start(struct pod_worker *w, const struct pod_action *a)
{
    static const start_fn starts[ACT_NR] = {
        [ACT_IMAGE_CHECK] = start_image_check,
        [ACT_IMAGE_PULL] = start_image_pull,
        [ACT_CONTAINER_CREATE] = start_container_create,
        [ACT_CONTAINER_START] = start_container_start,
        [ACT_CONTAINER_STOP] = start_container_stop,
        [ACT_CONTAINER_REMOVE] = start_container_remove,
        [ACT_SANDBOX_CREATE] = start_sandbox_create,
        [ACT_SANDBOX_STOP] = start_sandbox_stop,
        [ACT_SANDBOX_REMOVE] = start_sandbox_remove,
        [ACT_VOLUMES_PREPARE] = start_volumes_prepare,
        [ACT_VOLUMES_TEARDOWN] = start_volumes_teardown,
        [ACT_REMAINS_REMOVE] = start_remains_remove,
        [ACT_API_DELETE] = start_api_delete,
        [ACT_FORGET] = start_forget,
    };
    log_debug("pod", "action", "pod=%s/%s action=%s container=%s", w->record->namespace_,
              w->record->name, act_name(a->act), str_or(a->container, ""));
    starts[a->act](call_new(w, a->act, a), a);
}

void act_cancel_starts(struct pod_worker *w)
{
    struct pod_call *call;
    list_each(call, &w->calls, struct pod_call, node) {
        if (call->act == ACT_IMAGE_PULL && call->op)
            rt_op_cancel(call->op);
    }
    struct pod_volumes *volumes = w->all->ports->volumes;
    if (w->record->live.volumes_in_flight == ACT_VOLUMES_PREPARE)
        volumes->ops->cancel(volumes, w->record->uid);
}
