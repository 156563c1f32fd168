/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node.c - registration and status, level-triggered.
 *
 * Whatever happens (the watch of our own object says something, a timer, an answer, the runtime's health), the same
 * look decides what is missing, and at most one request is under way:
 *
 *   no object          → create it, with labels, taints and a first status
 *   labels not as ours → patch them (once for each object we meet)
 *   status not as ours → patch the difference; every nodeStatusReportFrequency the heartbeat times, too
 *
 * An object that somebody has deleted is made again by the same rule.
 */
#include "node/node.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/effect.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "events/events.h"
#include "k8s/backoff.h"
#include "k8s/patch.h"
#include "k8s/watch.h"
#include "labels.h"
#include "lease.h"
#include "node_images.h"
#include "pressure.h"
#include "resources.h"
#include "status.h"
#include "taints.h"

#define FAST_MS 100        /* between looks until the node is Ready for the first time */
#define FAST_FOR_MS 120000 /* at most so long */
#define ARENA_BYTES (4 * MIB)
#define REPEAT_LOG_MS 60000 /* the same trouble is not told more often */
#define ATTACH_ANNOTATION "volumes.kubernetes.io/controller-managed-attach-detach"

enum node_doing { NODE_CREATES, NODE_PATCHES_LABELS, NODE_PATCHES_STATUS };

struct node {
    struct node_opts opts;
    const struct node_facts *facts;
    const struct config *config;
    struct k8s_watch watch;
    struct k8s_object *object; /* newest known; NULL: there is none, or not known */
    struct k8s_object *told;   /* what changed() was called for last */
    struct loop_timer timer;
    struct loop_defer look_soon;
    struct k8s_call call;
    enum node_doing doing;
    struct backoff backoff;
    char *labelled_uid;   /* of the object whose labels are as they should be */
    bool was_ready;       /* it was Ready once, and the API server knows */
    int64_t started_ms, reported_ms;
    struct node_pressures pressures;
    struct node_lease lease;
    struct arena *status_arena;
    struct k8s_node_status status; /* as sent or about to be sent last; parts lie in status_arena and in status_of */
    struct k8s_object *status_of;
    struct arena *allocatable_arena;
    struct k8s_resource_list allocatable;
    struct listing *listing; /* NULL: none is under way */
    bool images_dirty;
    struct arena *images_arena, *status_images; /* the newest, and the ones that status names */
    const struct k8s_container_image *images;
    size_t images_len;
    bool ready, reboot_checked, failing;
    int64_t trouble_told_ms;
};

/* Outlives the node, since an answer always comes. */
struct listing {
    struct node *node; /* NULL: gone */
};

static void look(struct node *n);

static const struct k8s_node *as_node(struct k8s_object *o)
{
    return K8S_OBJECT_AS(o, k8s_node);
}

/* ---- events ---------------------------------------------------------------------------------------------- */

static void record(struct node *n, const char *type, const char *reason, const char *message)
{
    /* kubectl describe looks for events whose involved UID is the node's name, as the kubelet writes them. */
    const struct k8s_object_reference about = { .kind = "Node", .name = n->facts->name, .uid = n->facts->name };
    events_record(n->opts.events, &about, type, reason, "%s", message);
}

static void record_status(void *user, const char *reason)
{
    struct node *n = user;
    AUTO(free) char *message = xasprintf("Node %s status is now: %s", n->facts->name, reason);
    record(n, EVENT_NORMAL, reason, message);
}

static void check_reboot(struct node *n, const struct k8s_node *node)
{
    const char *before = node->status.node_info.boot_id;
    if (n->reboot_checked)
        return;
    n->reboot_checked = true;
    if (str_empty(before) || str_eq(before, n->facts->boot_id))
        return;
    AUTO(free) char *message = xasprintf("Node %s has been rebooted, boot id: %s", n->facts->name, n->facts->boot_id);
    record(n, EVENT_WARNING, "Rebooted", message);
}

/* ---- what others want to know ---------------------------------------------------------------------------- */

static bool same_json(const struct json_type *type, const void *a, const void *b)
{
    AUTO(buf_done) struct buf x = BUF_INIT(LIMIT_K8S_OBJECT_BYTES);
    AUTO(buf_done) struct buf y = BUF_INIT(LIMIT_K8S_OBJECT_BYTES);
    (void)json_encode(type, a, &x);
    (void)json_encode(type, b, &y);
    return str_eq(buf_str(&x), buf_str(&y));
}

static void keep_allocatable(struct node *n, const struct k8s_resource_list *now)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct k8s_resource *items = arena_alloc(arena, (now->len + 1) * sizeof *items);
    for (size_t i = 0; items && i < now->len; i++) {
        items[i] = now->items[i];
        items[i].name = arena_strdup(arena, now->items[i].name);
    }
    arena_unref(n->allocatable_arena);
    n->allocatable_arena = arena;
    n->allocatable = (struct k8s_resource_list){ .items = items, .len = items ? now->len : 0 };
}

static void tell(struct node *n)
{
    const struct k8s_node *now = as_node(n->object), *before = as_node(n->told);
    const struct k8s_resource_list *allocatable = &n->status.allocatable;
    bool resources = allocatable->len > 0 && !same_json(&k8s_resource_list_type, allocatable, &n->allocatable);
    bool object = now && (!before || !str_eq(now->metadata.uid, before->metadata.uid) ||
                          !same_json(&json_map_type, &now->metadata.labels, &before->metadata.labels) ||
                          !same_json(&k8s_node_spec_type, &now->spec, &before->spec));
    if (!resources && !object)
        return;
    if (object && before && str_eq(now->metadata.uid, before->metadata.uid) &&
        now->spec.unschedulable != before->spec.unschedulable)
        record_status(n, now->spec.unschedulable ? "NodeNotSchedulable" : "NodeSchedulable");
    /* What was told before stays alive until the listener has taken the new. */
    struct k8s_object *old = object ? TAKE_PTR(n->told) : NULL;
    struct arena *old_arena = arena_ref(n->allocatable_arena);
    if (object)
        n->told = k8s_object_ref(n->object);
    if (resources)
        keep_allocatable(n, allocatable);
    if (n->opts.changed)
        n->opts.changed(n->opts.user);
    k8s_object_unref(old);
    arena_unref(old_arena);
}

/* ---- images ---------------------------------------------------------------------------------------------- */

static void on_images(void *user, const struct err *err, const void *result)
{
    struct listing *listing = user;
    struct node *n = listing->node;
    free(listing);
    if (!n)
        return;
    n->listing = NULL;
    if (err) {
        log_debug("node", "images cannot be listed", "error=" LOG_Q, LOG_QUOTE(err->msg));
        return;
    }
    arena_unref(n->images_arena);
    n->images_arena = arena_new(ARENA_BYTES);
    node_images_pick(result, n->config->status_max_images, n->images_arena, &n->images, &n->images_len);
    loop_defer_start(&n->look_soon);
}

static void list_images(struct node *n)
{
    struct rt_images *images = n->opts.runtime->images;
    if (!n->images_dirty || n->listing)
        return;
    n->images_dirty = false;
    n->listing = NEW(struct listing);
    n->listing->node = n;
    (void)images->ops->list(images, &(struct rt_call){ .done = on_images, .user = n->listing });
}

/* ---- the status ------------------------------------------------------------------------------------------ */

static void build_status(struct node *n, bool beat)
{
    static const struct k8s_node_status none;
    const struct k8s_node *now = as_node(n->object);
    struct rt_runtime *rt = n->opts.runtime;
    const struct node_status_in in = {
        .facts = n->facts,
        .config = n->config,
        .runtime_name = rt->name,
        .runtime_version = rt->version,
        .health = rt->health(rt),
        .handlers = rt->handlers,
        .handlers_len = rt->handlers_len,
        .images = n->images,
        .images_len = n->images_len,
        .declared_features = n->opts.declared_features,
        .supplemental_groups_policy = n->opts.supplemental_groups_policy,
        .pressures = &n->pressures,
        .wall_ns = clock_wall_ns(),
        .beat = beat,
    };
    arena_unref(n->status_arena);
    arena_unref(n->status_images);
    k8s_object_unref(n->status_of);
    n->status_arena = arena_new(ARENA_BYTES);
    n->status_images = n->images_arena ? arena_ref(n->images_arena) : NULL;
    n->status_of = n->object ? k8s_object_ref(n->object) : NULL;
    node_status_build(&in, now ? &now->status : &none, n->status_arena, &n->status);
    bool ready = node_status_ready(&n->status);
    if (ready != n->ready)
        log_info("node", ready ? "ready" : "not ready", "node=%s reason=" LOG_Q, n->facts->name,
                 LOG_QUOTE(ready ? "" : n->status.conditions.items[n->status.conditions.len - 1].message));
    n->ready = ready;
}

static void measure(struct node *n)
{
    struct node_usage usage;
    node_usage_measure(n->config->root_dir, n->config->state_dir, &usage);
    node_pressures_look(&n->pressures, &n->config->eviction_hard, &usage, clock_boot_ms());
}

/* ---- requests -------------------------------------------------------------------------------------------- */

static void fail(struct node *n, const struct err *why)
{
    static const char *const doing[] = { "registration", "labels", "status" };
    int64_t wait_ms = backoff_next_ms(&n->backoff, backoff_chance(n->facts->name));
    loop_timer_start(&n->timer, wait_ms);
    if (!n->failing)
        log_warn("node", "failed, trying again", "node=%s doing=%s retry_ms=%lld error=" LOG_Q, n->facts->name,
                 doing[n->doing], (long long)wait_ms, LOG_QUOTE(why->msg));
    n->failing = true;
}

static void send(struct node *n, enum node_doing doing, const struct k8s_request *request)
{
    struct err err = ERR_INIT;
    n->doing = doing;
    if (k8s_call_start(&n->call, n->opts.client, request, &err) < 0)
        fail(n, &err);
}

static void send_patch(struct node *n, enum node_doing doing, const char *subresource, const struct buf *patch)
{
    send(n, doing,
         &(struct k8s_request){ .verb = K8S_PATCH,
                                .purpose = K8S_FOR_HEARTBEAT,
                                .kind = K8S_KIND_NODE,
                                .name = n->facts->name,
                                .subresource = subresource,
                                .body = buf_str(patch),
                                .body_len = patch->len });
}

static void create(struct node *n)
{
    const struct config *c = n->config;
    struct rt_runtime *rt = n->opts.runtime;
    AUTO(arena_unref) struct arena *arena = arena_new(ARENA_BYTES);
    const struct k8s_taint *taints;
    size_t taints_len = node_taints(c, arena, &taints);
    const struct json_pair annotation = { ATTACH_ANNOTATION, "true" };
    struct k8s_node node = { .kind = "Node", .api_version = "v1" };
    if (!c->register_node || !taints)
        return;
    node.metadata.name = n->facts->name;
    node_labels(n->facts, c, rt->handlers, rt->handlers_len, NULL, arena, &node.metadata.labels);
    node.metadata.annotations = (struct json_map){ &annotation, 1 };
    node.spec.provider_id = str_empty(c->provider_id) ? NULL : c->provider_id;
    node.spec.taints.items = taints;
    node.spec.taints.len = taints_len;
    build_status(n, true);
    node.status = n->status;
    effect("register node");
    send(n, NODE_CREATES,
         &(struct k8s_request){
             .verb = K8S_CREATE, .purpose = K8S_FOR_HEARTBEAT, .kind = K8S_KIND_NODE, .object = &node });
}

/* True: a request is under way. */
static bool patch_labels(struct node *n, const struct k8s_node *now)
{
    struct rt_runtime *rt = n->opts.runtime;
    AUTO(arena_unref) struct arena *arena = arena_new(ARENA_BYTES);
    AUTO(buf_done) struct buf patch = BUF_INIT(LIMIT_K8S_OBJECT_BYTES);
    struct k8s_node before = { .metadata.labels = now->metadata.labels }, after = before;
    if (str_eq(n->labelled_uid, now->metadata.uid))
        return false;
    node_labels(n->facts, n->config, rt->handlers, rt->handlers_len, &now->metadata.labels, arena,
                &after.metadata.labels);
    const struct json_pair annotation = { ATTACH_ANNOTATION, "true" };
    if (!json_map_get(&now->metadata.annotations, ATTACH_ANNOTATION))
        after.metadata.annotations = (struct json_map){ &annotation, 1 };
    if (k8s_patch_diff(K8S_STRATEGIC_MERGE_PATCH, &k8s_node_type, &before, &after, &patch, NULL) == 0) {
        send_patch(n, NODE_PATCHES_LABELS, NULL, &patch);
        return true;
    }
    free(n->labelled_uid);
    n->labelled_uid = xstrdup(now->metadata.uid);
    return false;
}

static bool patch_status(struct node *n, const struct k8s_node *now)
{
    int64_t now_ms = clock_boot_ms();
    bool beat = now_ms - n->reported_ms >= n->config->status_report_ms;
    AUTO(buf_done) struct buf patch = BUF_INIT(LIMIT_K8S_OBJECT_BYTES);
    build_status(n, beat);
    if (!beat && k8s_patch_diff(K8S_STRATEGIC_MERGE_PATCH, &k8s_node_status_type, &now->status, &n->status, &patch,
                                NULL) == K8S_PATCH_NOTHING)
        return false;
    if (!beat)
        build_status(n, true);
    buf_clear(&patch);
    if (k8s_patch_status(&k8s_node_status_type, &now->status, &n->status, now->metadata.uid, &patch, NULL) != 0)
        return false;
    send_patch(n, NODE_PATCHES_STATUS, "status", &patch);
    return true;
}

/* ---- the look -------------------------------------------------------------------------------------------- */

static int64_t next_look_ms(const struct node *n)
{
    bool fast = !n->was_ready && clock_boot_ms() - n->started_ms < FAST_FOR_MS;
    return fast ? FAST_MS : n->config->status_update_ms;
}

static void look(struct node *n)
{
    const struct k8s_node *now = as_node(n->object);
    if (k8s_call_running(&n->call))
        return; /* its answer looks again */
    loop_timer_start(&n->timer, next_look_ms(n));
    list_images(n);
    measure(n);
    if (!k8s_watch_listed(&n->watch))
        return;
    if (!now) {
        create(n);
        return;
    }
    check_reboot(n, now);
    node_lease_run(&n->lease, now->metadata.uid);
    if (!patch_labels(n, now) && !patch_status(n, now) && n->ready)
        n->was_ready = true;
    tell(n);
}

static void on_timer(struct loop_timer *t)
{
    look(container_of(t, struct node, timer));
}

static void on_look_soon(struct loop_defer *d)
{
    look(container_of(d, struct node, look_soon));
}

/* Answers and watch events cross: the newer one stays. */
static void learn(struct node *n, struct k8s_object *o)
{
    const struct k8s_object_meta *new = k8s_object_metadata(o), *old = n->object ? k8s_object_metadata(n->object) : NULL;
    uint64_t new_version, old_version;
    if (old && str_eq(old->uid, new->uid) && str_to_u64(new->resource_version, UINT64_MAX, &new_version) == 0 &&
        str_to_u64(old->resource_version, UINT64_MAX, &old_version) == 0 && new_version < old_version)
        return;
    k8s_object_unref(n->object);
    n->object = k8s_object_ref(o);
}

static void on_answer(struct k8s_call *c, const struct k8s_result *r)
{
    static const struct k8s_node_status none;
    struct node *n = container_of(c, struct node, call);
    const struct k8s_node *before = as_node(n->status_of);
    bool refused = r->outcome == K8S_FORBIDDEN || r->outcome == K8S_INVALID;
    if (n->doing == NODE_PATCHES_LABELS && refused) { /* NodeRestriction: a node without its labels is still a node */
        log_warn("node", "labels refused, going on without", "node=%s error=" LOG_Q, n->facts->name,
                 LOG_QUOTE(r->err.msg));
        free(n->labelled_uid);
        n->labelled_uid = n->object ? xstrdup(k8s_object_metadata(n->object)->uid) : NULL;
        loop_defer_start(&n->look_soon);
        return;
    }
    if (r->outcome != K8S_OK) {
        /* Created by a predecessor, or gone meanwhile: the watch is about to say so. */
        fail(n, &r->err);
        return;
    }
    if (n->failing)
        log_info("node", "the API server takes it again", "node=%s", n->facts->name);
    n->failing = false;
    backoff_reset(&n->backoff);
    if (n->doing == NODE_CREATES)
        log_info("node", "registered", "node=%s", n->facts->name);
    if (n->doing != NODE_PATCHES_LABELS) {
        node_status_events(before ? &before->status : &none, &n->status, record_status, n);
        n->reported_ms = clock_boot_ms();
    }
    learn(n, r->object);
    loop_defer_start(&n->look_soon);
}

/* ---- the watch ------------------------------------------------------------------------------------------- */

static void on_change(struct k8s_watch *w, struct k8s_object *before, struct k8s_object *after,
                      struct k8s_object *last)
{
    struct node *n = container_of(w, struct node, watch);
    (void)before;
    if (after) {
        learn(n, after);
    } else if (n->object && str_eq(k8s_object_metadata(n->object)->uid, k8s_object_metadata(last)->uid)) {
        log_warn("node", "the node's object was deleted, registering again", "node=%s", n->facts->name);
        n->object = k8s_object_unref(n->object);
    }
    loop_defer_start(&n->look_soon);
}

static void on_listed(struct k8s_watch *w, bool first)
{
    struct node *n = container_of(w, struct node, watch);
    (void)first;
    loop_defer_start(&n->look_soon);
}

static void on_trouble(struct k8s_watch *w, enum k8s_outcome outcome, const struct err *err, int64_t retry_ms)
{
    struct node *n = container_of(w, struct node, watch);
    int64_t now_ms = clock_boot_ms();
    if (n->trouble_told_ms && now_ms - n->trouble_told_ms < REPEAT_LOG_MS)
        return;
    n->trouble_told_ms = now_ms;
    log_warn("node", "the node's object cannot be watched, trying again", "node=%s outcome=%s retry_ms=%lld error=" LOG_Q,
             n->facts->name, k8s_outcome_str(outcome), (long long)retry_ms, LOG_QUOTE(err->msg));
}

/* ---- the header's functions ------------------------------------------------------------------------------ */

struct node *node_new(const struct node_opts *opts)
{
    struct node *n = NEW(struct node);
    struct loop *loop = k8s_client_loop(opts->client);
    n->opts = *opts;
    n->facts = opts->facts;
    n->config = opts->config;
    n->started_ms = clock_boot_ms();
    n->reported_ms = n->started_ms - n->config->status_report_ms; /* the first status is sent in any case */
    n->backoff = (struct backoff){ .first_ms = 100, .max_ms = 2000, .jitter_percent = 30 };
    n->images_dirty = true;
    loop_timer_init(&n->timer, loop, "node", on_timer);
    loop_defer_init(&n->look_soon, loop, "node", on_look_soon);
    k8s_call_init(&n->call, on_answer);
    node_lease_init(&n->lease, opts->client, n->facts->name, n->config->lease_duration_s);
    measure(n);
    build_status(n, true);
    keep_allocatable(n, &n->status.allocatable);
    record(n, EVENT_NORMAL, "Starting", "Starting kubelet.");
    AUTO(free) char *selector = xasprintf("metadata.name=%s", n->facts->name);
    k8s_watch_init(&n->watch, on_change, on_listed, on_trouble);
    k8s_watch_start(&n->watch, opts->client,
                    &(struct k8s_watch_opts){ .kind = K8S_KIND_NODE, .field_selector = selector });
    loop_defer_start(&n->look_soon);
    return n;
}

struct node *node_free(struct node *n)
{
    if (!n)
        return NULL;
    k8s_watch_stop(&n->watch);
    k8s_call_cancel(&n->call);
    loop_timer_stop(&n->timer);
    loop_defer_stop(&n->look_soon);
    node_lease_done(&n->lease);
    k8s_object_unref(n->object);
    k8s_object_unref(n->told);
    k8s_object_unref(n->status_of);
    arena_unref(n->status_arena);
    arena_unref(n->allocatable_arena);
    arena_unref(n->images_arena);
    arena_unref(n->status_images);
    if (n->listing)
        n->listing->node = NULL;
    free(n->labelled_uid);
    free(n);
    return NULL;
}

void node_status_soon(struct node *n)
{
    loop_defer_start(&n->look_soon);
}

void node_images_changed(struct node *n)
{
    n->images_dirty = true;
}

const struct k8s_node *node_object(const struct node *n)
{
    return as_node(n->told);
}

const struct k8s_resource_list *node_allocatable(const struct node *n)
{
    return &n->allocatable;
}

bool node_registered(const struct node *n)
{
    return n->object != NULL;
}

bool node_ready(const struct node *n)
{
    return n->ready;
}
