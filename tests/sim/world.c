/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "decide/status.h"
#include "k8s/runtime_class.h"

struct world_record {
    char *pod_json, *record_json;
};

/* ---- answers that take a moment ---- */

struct answer {
    struct list node;
    struct loop_timer timer;
    struct world *world;
    pod_done_fn done;
    void (*run)(struct answer *a); /* instead of done: what else has to happen */
    void *user;
    struct err err;
    char *uid;
    char *text, *more;
    struct k8s_object *object;
    const struct k8s_pod_status *status;
    void (*read)(void *user, const char *text);
    pod_fetched_fn fetched;
};

static void answer_free(struct answer *a)
{
    loop_timer_stop(&a->timer);
    list_remove(&a->node);
    k8s_object_unref(a->object);
    free(a->uid);
    free(a->text);
    free(a->more);
    free(a);
}

static void on_answer(struct loop_timer *t)
{
    struct answer *a = container_of(t, struct answer, timer);
    if (a->run)
        a->run(a);
    if (a->done)
        a->done(a->user, a->err.code ? &a->err : NULL);
    answer_free(a);
}

static struct answer *answer_soon(struct world *w, pod_done_fn done, void *user, uint64_t max_ms)
{
    struct answer *a = NEW(struct answer);
    a->world = w;
    a->done = done;
    a->user = user;
    list_push_back(&w->pending, &a->node);
    loop_timer_init(&a->timer, w->loop, "answer", on_answer);
    loop_timer_start(&a->timer, (int64_t)sim_random(max_ms + 1));
    return a;
}

static void broken(struct world *w, const char *what, const struct k8s_pod *pod)
{
    strv_pushf(&w->broken, "at %lld ms: pod %s: %s", (long long)sim_now_ms(), pod->metadata.name, what);
}

/* ---- the API server ---- */

struct world_pod *world_pod(const struct world *w, const char *uid)
{
    return map_get(&w->objects, uid);
}

static const struct k8s_pod *pod_of(const struct world_pod *p)
{
    return K8S_OBJECT_AS(p->object, k8s_pod);
}

/* The object with changes applied, decoded anew: as a server would hand it out. */
static void replace(struct world_pod *p, const struct k8s_pod *changed)
{
    AUTO(buf_done) struct buf json = BUF_INIT(LIMIT_K8S_OBJECT_BYTES);
    struct k8s_object *fresh = NULL;
    if (json_encode(&k8s_pod_type, changed, &json) < 0 ||
        k8s_decode(&k8s_pod_type, buf_str(&json), json.len, &fresh, NULL) < 0)
        abort();
    k8s_object_unref(p->object);
    p->object = fresh;
}

/* The watch: sooner or later the agent hears what is true then. */
static void tell_watch(struct world *w, const char *uid, uint64_t max_ms);

static void run_watch(struct answer *a)
{
    struct world_pod *p = world_pod(a->world, a->uid);
    if (!a->world->pods || !a->world->listed)
        return;
    if (a->world->api_down) { /* a broken watch is taken up again */
        tell_watch(a->world, a->uid, 2000);
        return;
    }
    if (!p->gone) {
        pods_set(a->world->pods, p->object);
    } else if (!p->told_gone) {
        p->told_gone = true;
        pods_remove(a->world->pods, a->uid);
    }
}

static void tell_watch(struct world *w, const char *uid, uint64_t max_ms)
{
    struct answer *a = answer_soon(w, NULL, NULL, max_ms);
    a->run = run_watch;
    a->uid = xstrdup(uid);
}

const char *world_create(struct world *w, const char *json)
{
    struct k8s_object *object = NULL;
    struct err err = ERR_INIT;
    if (k8s_decode(&k8s_pod_type, json, strlen(json), &object, &err) < 0) {
        (void)fprintf(stderr, "world_create: %s\n", err.msg);
        abort();
    }
    struct k8s_pod pod = *K8S_OBJECT_AS(object, k8s_pod);
    struct world_pod *p = NEW(struct world_pod);
    (void)snprintf(p->uid, sizeof(p->uid), "uid-%u", ++w->serial);
    pod.metadata.uid = p->uid;
    pod.metadata.namespace = str_or(pod.metadata.namespace, "default");
    pod.metadata.generation = 1;
    pod.status.phase = "Pending";
    p->object = object;
    p->phases = strv_new();
    replace(p, &pod);
    (void)map_put(&w->objects, p->uid, p);
    tell_watch(w, p->uid, 5);
    return p->uid;
}

void world_delete(struct world *w, const char *uid, int64_t grace_s)
{
    struct world_pod *p = world_pod(w, uid);
    if (p->gone)
        return;
    struct k8s_pod pod = *pod_of(p);
    pod.metadata.deletion_timestamp = k8s_time_at(clock_wall_ns() + grace_s * NS_PER_S);
    pod.metadata.deletion_grace_period_seconds = (struct opt_i64){ true, grace_s };
    pod.metadata.generation++;
    replace(p, &pod);
    tell_watch(w, uid, 5);
}

void world_set_condition(struct world *w, const char *uid, const char *type, const char *status)
{
    struct world_pod *p = world_pod(w, uid);
    struct k8s_pod pod = *pod_of(p);
    struct k8s_pod_condition list[16];
    size_t len = 0;
    for (size_t i = 0; i < pod.status.conditions.len && len + 1 < ARRAY_LEN(list); i++)
        if (!str_eq(pod.status.conditions.items[i].type, type))
            list[len++] = pod.status.conditions.items[i];
    list[len++] = (struct k8s_pod_condition){ .type = type, .status = status };
    pod.status.conditions.items = list;
    pod.status.conditions.len = len;
    replace(p, &pod);
    tell_watch(w, uid, 5);
}

void world_force_delete(struct world *w, const char *uid)
{
    world_pod(w, uid)->gone = true;
    tell_watch(w, uid, 5);
}

const struct k8s_pod_status *world_status(const struct world *w, const char *uid)
{
    return &pod_of(world_pod(w, uid))->status;
}

const char *world_phase(const struct world *w, const char *uid)
{
    return world_pod(w, uid)->gone ? "gone" : str_or(world_status(w, uid)->phase, "");
}

const struct k8s_container_status *world_container(const struct world *w, const char *uid,
                                                   const char *name)
{
    const struct k8s_pod_status *s = world_status(w, uid);
    for (size_t i = 0; i < s->container_statuses.len; i++)
        if (str_eq(s->container_statuses.items[i].name, name))
            return &s->container_statuses.items[i];
    return NULL;
}

/* ---- promises ---- */

static size_t count_in_runtime(const struct world *w, const char *uid, bool running_only)
{
    return rt_fake_count_pod(w->fake, uid, running_only);
}

static void check_conditions(struct world *w, const struct k8s_pod *pod,
                             const struct k8s_pod_status *before, const struct k8s_pod_status *after)
{
    for (size_t i = 0; i < before->conditions.len; i++)
        for (size_t n = 0; n < after->conditions.len; n++) {
            const struct k8s_pod_condition *a = &before->conditions.items[i];
            const struct k8s_pod_condition *b = &after->conditions.items[n];
            if (!w->clock_set && str_eq(a->type, b->type) &&
                b->last_transition_time.unix_ns / NS_PER_S <
                    a->last_transition_time.unix_ns / NS_PER_S)
                broken(w, "a transition time went back", pod);
        }
}

static bool is_terminal(const char *phase)
{
    return str_eq(phase, "Succeeded") || str_eq(phase, "Failed");
}

static void check_report(struct world *w, struct world_pod *p, const struct k8s_pod_status *status)
{
    const struct k8s_pod *pod = pod_of(p);
    if (p->was_terminal && !str_eq(status->phase, pod->status.phase))
        broken(w, "a terminal phase was left", pod);
    if (is_terminal(status->phase) && count_in_runtime(w, pod->metadata.uid, true) &&
        !p->was_terminal)
        broken(w, "a terminal phase was told while something runs", pod);
    p->was_terminal = p->was_terminal || is_terminal(status->phase);
    for (size_t i = 0; i < status->container_statuses.len && i < ARRAY_LEN(p->restarts); i++) {
        int32_t count = status->container_statuses.items[i].restart_count;
        if (count < p->restarts[i])
            broken(w, "a restart count fell", pod);
        p->restarts[i] = count;
    }
    check_conditions(w, pod, &pod->status, status);
    size_t len = strv_len(p->phases);
    if (!len || !str_eq(p->phases[len - 1], status->phase))
        strv_push(&p->phases, str_or(status->phase, ""));
}

/* ---- the port to the cluster ---- */

static struct world *world_of_cluster(struct pod_cluster *c)
{
    return container_of(c, struct world, cluster);
}

static void on_event(struct pod_cluster *c, const struct k8s_pod *pod, const struct pod_event *e)
{
    struct world *w = world_of_cluster(c);
    strv_pushf(&w->events, "%s/%s %s %s", pod->metadata.name, str_or(e->container, ""),
               word_reason(e->word), e->message);
}

static void on_refused(struct pod_cluster *c, const struct k8s_pod *pod, const char *reason,
                       const char *message)
{
    strv_pushf(&world_of_cluster(c)->events, "%s/ %s %s", pod->metadata.name, reason, message);
}

/* As a strategic merge does: by type, and what the agent does not tell stays. */
static void merge_conditions(const struct k8s_pod_status *old, const struct k8s_pod_status *told,
                             struct k8s_pod_condition *list, size_t max, struct k8s_pod_status *ret)
{
    size_t len = 0;
    for (size_t i = 0; i < told->conditions.len && len < max; i++)
        list[len++] = told->conditions.items[i];
    for (size_t i = 0; i < old->conditions.len && len < max; i++)
        if (!condition_is_ours(old->conditions.items[i].type))
            list[len++] = old->conditions.items[i];
    ret->conditions.items = list;
    ret->conditions.len = len;
}

static void run_status(struct answer *a)
{
    struct world *w = a->world;
    const struct k8s_pod *sent = K8S_OBJECT_AS(a->object, k8s_pod);
    struct world_pod *p = world_pod(w, sent->metadata.uid);
    if (w->api_down || sim_chance(w->report_fails)) {
        (void)err_set(&a->err, -EIO, "the server is away");
    } else if (p->gone) {
        (void)err_set(&a->err, -ENOENT, "not found");
    } else {
        check_report(w, p, a->status);
        struct k8s_pod pod = *pod_of(p);
        pod.status = *a->status;
        struct k8s_pod_condition conditions[16];
        merge_conditions(&pod_of(p)->status, a->status, conditions, ARRAY_LEN(conditions), &pod.status);
        replace(p, &pod);
        p->reports++;
        tell_watch(w, sent->metadata.uid, 5);
    }
}

static void on_status(struct pod_cluster *c, struct k8s_object *pod,
                      const struct k8s_pod_status *before, const struct k8s_pod_status *status,
                      pod_done_fn done, void *user)
{
    (void)before;
    struct answer *a = answer_soon(world_of_cluster(c), done, user, 10);
    a->run = run_status;
    a->object = k8s_object_ref(pod);
    a->status = status;
}

static void run_remove(struct answer *a)
{
    struct world *w = a->world;
    const struct k8s_pod *sent = K8S_OBJECT_AS(a->object, k8s_pod);
    struct world_pod *p = world_pod(w, sent->metadata.uid);
    if (w->api_down || sim_chance(w->report_fails)) {
        (void)err_set(&a->err, -EIO, "the server is away");
        return;
    }
    if (!p->gone && !world_is_clean(w, sent->metadata.uid))
        broken(w, "the object was deleted while something of the pod is left", sent);
    if (!p->gone && !is_terminal(pod_of(p)->status.phase))
        broken(w, "the object was deleted before its end was told", sent);
    p->gone = true;
    tell_watch(w, sent->metadata.uid, 5);
}

static void on_remove(struct pod_cluster *c, struct k8s_object *pod, pod_done_fn done, void *user)
{
    struct answer *a = answer_soon(world_of_cluster(c), done, user, 10);
    a->run = run_remove;
    a->object = k8s_object_ref(pod);
}

static const struct pod_cluster_ops cluster_ops = { .has_api = true,
                                                    .event = on_event,
                                                    .refused = on_refused,
                                                    .status = on_status,
                                                    .remove = on_remove };

/* ---- references: runtime classes alone ---- */

static void run_fetched(struct answer *a)
{
    struct k8s_object *class = a->world->runtime_class;
    const struct fetched item = { .kind = REFERENCE_RUNTIME_CLASS, .object = class,
                                  .name = class ? k8s_object_metadata(class)->name : NULL };
    a->fetched(a->user, NULL, &(struct fetched_set){ .items = &item, .len = class ? 1 : 0 });
}

static void run_refs_changed(struct answer *a)
{
    if (a->world->pods)
        pods_refs_changed(a->world->pods, a->uid);
}

void world_set_runtime_class(struct world *w, const char *name, const char *handler)
{
    const struct k8s_runtime_class class = { .metadata = { .name = name }, .handler = handler };
    const char *uid;
    void *value;
    w->runtime_class = k8s_object_unref(w->runtime_class);
    if (handler && k8s_object_new(&k8s_runtime_class_type, &class, NULL, &w->runtime_class, NULL) < 0)
        abort();
    for (size_t n = 0; map_next(&w->objects, &n, &uid, &value);) {
        struct answer *a = answer_soon(w, NULL, NULL, 5);
        a->run = run_refs_changed;
        a->uid = xstrdup(uid);
    }
}

static void on_fetch(struct pod_refs *r, struct k8s_object *pod, const struct references *want,
                     pod_fetched_fn done, void *user)
{
    (void)pod, (void)want;
    struct answer *a = answer_soon(container_of(r, struct world, refs), NULL, user, 3);
    a->run = run_fetched;
    a->fetched = done;
}

static const struct pod_refs_ops refs_ops = { .fetch = on_fetch };

/* ---- volumes ---- */

static void run_prepare(struct answer *a)
{
    struct world *w = a->world;
    static char made;
    if (a->err.code)
        return;
    if (sim_chance(w->volumes_fail))
        (void)err_set_reason(&a->err, -EIO, "FailedMount", "scripted failure");
    else
        (void)map_put(&w->mounted, a->uid, &made);
}

static void on_prepare(struct pod_volumes *v, struct k8s_object *pod, pod_done_fn done, void *user)
{
    struct answer *a = answer_soon(container_of(v, struct world, volumes), done, user, 20);
    a->run = run_prepare;
    a->uid = xstrdup(K8S_OBJECT_AS(pod, k8s_pod)->metadata.uid);
}

static void on_cancel(struct pod_volumes *v, const char *uid)
{
    struct answer *a;
    struct world *w = container_of(v, struct world, volumes);
    list_each(a, &w->pending, struct answer, node)
        if (a->run == run_prepare && str_eq(a->uid, uid))
            (void)err_set(&a->err, -ECANCELED, "cancelled");
}

static void run_teardown(struct answer *a)
{
    (void)map_remove(&a->world->mounted, a->uid);
}

static void on_teardown(struct pod_volumes *v, const char *uid, pod_done_fn done, void *user)
{
    struct answer *a = answer_soon(container_of(v, struct world, volumes), done, user, 20);
    a->run = run_teardown;
    a->uid = xstrdup(uid);
}

static const char *on_path(struct pod_volumes *v, const struct k8s_pod *pod, const char *volume,
                           struct arena *arena)
{
    (void)v;
    return arena_printf(arena, "/volumes/%s/%s", pod->metadata.uid, volume);
}

static const struct pod_volumes_ops volumes_ops = {
    .prepare = on_prepare, .cancel = on_cancel, .teardown = on_teardown, .path = on_path
};

/* ---- files ---- */

static struct world *world_of_files(struct pod_files *f)
{
    return container_of(f, struct world, files);
}

static void on_write(struct pod_files *f, const struct pod_file *files, size_t len,
                     const char *const *folders, pod_done_fn done, void *user)
{
    (void)files, (void)len, (void)folders;
    (void)answer_soon(world_of_files(f), done, user, 3);
}

static void on_link(struct pod_files *f, const char *target, const char *path)
{
    (void)f, (void)target, (void)path;
}

static void on_unlink(struct pod_files *f, const char *path)
{
    (void)f, (void)path;
}

static void on_remove_tree(struct pod_files *f, const char *path, pod_done_fn done, void *user)
{
    (void)path;
    (void)answer_soon(world_of_files(f), done, user, 5);
}

static void run_read(struct answer *a)
{
    const char *text = map_get(&a->world->texts, a->uid);
    a->read(a->user, str_or(text, ""));
}

static void on_read_tail(struct pod_files *f, const char *path, size_t max_bytes, size_t max_lines,
                         void (*done)(void *user, const char *text), void *user)
{
    (void)max_bytes, (void)max_lines;
    struct answer *a = answer_soon(world_of_files(f), NULL, user, 3);
    a->run = run_read;
    a->read = done;
    a->uid = xstrdup(path);
}

static const struct pod_files_ops files_ops = { .write = on_write,
                                                .link = on_link,
                                                .unlink = on_unlink,
                                                .remove_tree = on_remove_tree,
                                                .read_tail = on_read_tail };

/* ---- the disk ---- */

static struct world *world_of_store(struct pod_store *s)
{
    return container_of(s, struct world, store);
}

static int on_load(struct pod_store *s, pod_store_load_fn fn, void *user, struct err *err)
{
    (void)err;
    const char *uid;
    void *value;
    for (size_t n = 0; map_next(&world_of_store(s)->disk, &n, &uid, &value);) {
        struct world_record *r = value;
        fn(user, uid, r->pod_json, r->record_json);
    }
    return 0;
}

void world_damage_record(struct world *w, const char *uid)
{
    struct world_record *r = map_get(&w->disk, uid);
    free(r->record_json);
    r->record_json = xstrdup("");
}

static void record_free(struct world_record *r)
{
    if (r) {
        free(r->pod_json);
        free(r->record_json);
    }
    free(r);
}

static void run_save(struct answer *a)
{
    struct world *w = a->world;
    struct world_record *r = map_get(&w->disk, a->uid);
    if (sim_chance(w->save_fails)) {
        (void)err_set(&a->err, -ENOSPC, "the disk is full");
        return;
    }
    if (!r) {
        r = NEW(struct world_record);
        (void)map_put(&w->disk, a->uid, r);
    }
    if (a->more) {
        free(r->pod_json);
        r->pod_json = TAKE_PTR(a->more);
    }
    free(r->record_json);
    r->record_json = TAKE_PTR(a->text);
}

static void on_save(struct pod_store *s, const char *uid, const char *pod_json,
                    const char *record_json, pod_done_fn done, void *user)
{
    struct answer *a = answer_soon(world_of_store(s), done, user, 10);
    a->run = run_save;
    a->uid = xstrdup(uid);
    a->text = xstrdup(record_json);
    a->more = xstrdup(pod_json);
}

static void on_forget(struct pod_store *s, const char *uid)
{
    struct world *w = world_of_store(s);
    struct answer *a;
    list_each(a, &w->pending, struct answer, node)
        if (a->run == run_save && str_eq(a->uid, uid))
            a->run = NULL;
    record_free(map_remove(&w->disk, uid));
}

static const struct pod_store_ops store_ops = { .load = on_load, .save = on_save, .remove = on_forget };

/* ---- the whole ---- */

static void init_settings(struct world *w)
{
    static const char *const host_ips[] = { "192.0.2.10" };
    w->settings = (struct pod_settings){
        .root_dir = "/root-dir",
        .logs_dir = "/logs",
        .cgroup_root = "/kubepods",
        .node_name = "node-1",
        .cluster_domain = "cluster.local",
        .compute = { .memory_capacity_bytes = 8ll << 30 },
        .policy = { .runtime_name = "oarsman",
                    .host_ips = host_ips,
                    .host_ips_len = 1,
                    .restart_backoff_max_ms = 300000,
                    .pull_backoff_max_ms = 300000 },
        .facts = { .node_name = "node-1", .host_ips = host_ips, .host_ips_len = 1 },
        .node = { .name = "node-1" },
    };
}

void world_init(struct world *w, uint64_t seed)
{
    struct err err = ERR_INIT;
    *w = (struct world){ .pods = NULL };
    sim_reset(seed);
    list_init(&w->pending);
    w->events = strv_new();
    w->broken = strv_new();
    if (loop_new(&w->loop, &err) < 0 || rt_fake_new(w->loop, &w->fake, &err) < 0)
        abort();
    w->cluster.ops = &cluster_ops;
    w->refs.ops = &refs_ops;
    w->volumes.ops = &volumes_ops;
    w->files.ops = &files_ops;
    w->store.ops = &store_ops;
    w->ports = (struct pod_ports){ .loop = w->loop,
                                   .runtime = rt_fake_runtime(w->fake),
                                   .cluster = &w->cluster,
                                   .refs = &w->refs,
                                   .volumes = &w->volumes,
                                   .files = &w->files,
                                   .store = &w->store };
    init_settings(w);
}

static void run_first_list(struct answer *a)
{
    struct world *w = a->world;
    const char *uid;
    void *value;
    if (!w->pods)
        return;
    if (w->api_down) {
        struct answer *again = answer_soon(w, NULL, NULL, 1000);
        again->run = run_first_list;
        return;
    }
    for (size_t n = 0; map_next(&w->objects, &n, &uid, &value);) {
        struct world_pod *p = value;
        if (!p->gone)
            pods_set(w->pods, p->object);
        p->told_gone = p->gone;
    }
    w->listed = true;
    pods_sources_ready(w->pods);
}

void world_start_agent(struct world *w)
{
    struct err err = ERR_INIT;
    if (pods_new(&w->settings, &w->ports, &w->pods, &err) < 0) {
        (void)fprintf(stderr, "pods_new: %s\n", err.msg);
        abort();
    }
    struct answer *a = answer_soon(w, NULL, NULL, 20);
    a->run = run_first_list;
}

void world_kill_agent(struct world *w)
{
    struct answer *a;
    rt_fake_agent_restart(w->fake);
    list_each(a, &w->pending, struct answer, node) {
        /* A request that is on its way may still arrive; nobody waits for the answer. */
        bool arrives = (a->run == run_status || a->run == run_remove) && sim_chance(50);
        if (arrives && a->run == run_remove)
            run_remove(a);
        answer_free(a);
    }
    w->pods = pods_free(w->pods);
    w->listed = false;
}

static void free_objects(struct world *w)
{
    const char *uid;
    void *value;
    for (size_t n = 0; map_next(&w->objects, &n, &uid, &value);) {
        struct world_pod *p = value;
        k8s_object_unref(p->object);
        strv_free(p->phases);
        free(p);
    }
    for (size_t n = 0; map_next(&w->disk, &n, &uid, &value);)
        record_free(value);
    for (size_t n = 0; map_next(&w->texts, &n, &uid, &value);)
        free(value);
}

void world_done(struct world *w)
{
    if (w->pods)
        world_kill_agent(w);
    struct answer *a;
    list_each(a, &w->pending, struct answer, node)
        answer_free(a);
    rt_fake_free(w->fake);
    free_objects(w);
    k8s_object_unref(w->runtime_class);
    map_done(&w->objects);
    map_done(&w->disk);
    map_done(&w->mounted);
    map_done(&w->texts);
    strv_free(w->events);
    strv_free(w->broken);
    loop_free(w->loop);
}

/* ---- looking ---- */

size_t world_count_events(const struct world *w, const char *needle)
{
    size_t count = 0;
    for (size_t i = 0; w->events[i]; i++)
        count += strstr(w->events[i], needle) != NULL;
    return count;
}

bool world_saw_event(const struct world *w, const char *needle)
{
    return world_count_events(w, needle) > 0;
}

bool world_is_clean(const struct world *w, const char *uid)
{
    return count_in_runtime(w, uid, false) == 0 && !map_get(&w->mounted, uid);
}

size_t world_broken(const struct world *w)
{
    for (size_t i = 0; w->broken[i]; i++)
        (void)fprintf(stderr, "broken promise: %s\n", w->broken[i]);
    return strv_len(w->broken);
}
