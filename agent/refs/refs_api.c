/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refs_api.c - what pods refer to, from the API server.
 *
 * For each pod on the node the objects it names are watched (held), so that a fetch is most often answered from
 * memory. A fetch is complete when the server has answered for each of its references: present, absent, or a
 * refusal. It is looked at again whenever one of them moves; nothing is remembered between two looks.
 */
#include <errno.h>
#include <stdlib.h>

#include "auths.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "fetched.h"
#include "k8s/client.h"
#include "k8s/interest.h"
#include "k8s/watch.h"
#include "refs/refs.h"
#include "token.h"

enum { FETCH_TIMEOUT_MS = 10000 };

struct refs_api {
    struct pod_refs port;
    struct k8s_client *client;
    struct k8s_interests *interests;
    struct k8s_watch services;
    struct refs_events events;
    struct map held; /* uid → struct held */
    struct list fetches;
    char *docker_config;
};

struct held_object {
    struct list node;
    struct held *held;
    struct k8s_interest interest;
    enum reference_kind kind;
    char *name;
};
struct held { /* for one pod */
    struct refs_api *refs;
    char *uid;
    struct list objects, tokens;
};

struct fetch {
    struct list node;
    struct refs_api *refs;
    struct loop_defer soon;
    struct loop_timer deadline;
    struct k8s_object *pod;
    const struct references *want;
    pod_fetched_fn done;
    void *user;
};

static void look_at_fetches(struct refs_api *r, const char *uid)
{
    struct fetch *f;

    list_each(f, &r->fetches, struct fetch, node) {
        if (!uid || str_eq(k8s_object_metadata(f->pod)->uid, uid))
            loop_defer_start(&f->soon);
    }
}

/* ---- what is held for a pod ---- */

static void tell(struct held *h)
{
    look_at_fetches(h->refs, h->uid);
    h->refs->events.changed(h->refs->events.user, h->uid);
}

static void on_interest(struct k8s_interest *i)
{
    tell(container_of(i, struct held_object, interest)->held);
}

static void on_token(void *user)
{
    tell(user);
}

static struct held_object *held_get(const struct held *h, const struct reference *ref)
{
    struct held_object *o;

    list_each(o, &h->objects, struct held_object, node) {
        if (o->kind == ref->kind && str_eq(o->name, ref->name))
            return o;
    }
    return NULL;
}

/* The references that are objects to be watched. */
static const struct {
    bool watched;
    enum k8s_kind_id kind;
} objects[REFERENCE_KIND_NR] = {
    [REFERENCE_CONFIG_MAP] = { true, K8S_KIND_CONFIG_MAP },
    [REFERENCE_SECRET] = { true, K8S_KIND_SECRET },
    [REFERENCE_RUNTIME_CLASS] = { true, K8S_KIND_RUNTIME_CLASS },
};

static void hold(struct held *h, const char *namespace_, const struct reference *ref)
{
    enum k8s_kind_id kind = objects[ref->kind].kind;

    if (!objects[ref->kind].watched || held_get(h, ref))
        return;
    struct held_object *o = NEW(struct held_object);
    *o = (struct held_object){ .held = h, .kind = ref->kind, .name = xstrdup(ref->name) };
    list_push_back(&h->objects, &o->node);
    k8s_interest_init(&o->interest, on_interest);
    k8s_interest_start(&o->interest, h->refs->interests, kind, k8s_kinds[kind].namespaced ? namespace_ : NULL,
                       ref->name);
}

static struct held *hold_all(struct refs_api *r, struct k8s_object *object, const struct references *refs)
{
    const struct k8s_object_meta *meta = k8s_object_metadata(object);
    struct held *h = map_get(&r->held, meta->uid);

    if (!h) {
        h = NEW(struct held);
        *h = (struct held){ .refs = r, .uid = xstrdup(meta->uid) };
        list_init(&h->objects);
        list_init(&h->tokens);
        (void)map_put(&r->held, meta->uid, h);
    }
    for (size_t i = 0; i < refs->len; i++)
        hold(h, meta->namespace, &refs->items[i]);
    return h;
}

static void acquire(struct pod_refs *port, struct k8s_object *object)
{
    struct refs_api *r = container_of(port, struct refs_api, port);
    const struct k8s_pod *pod = K8S_OBJECT_AS(object, k8s_pod);
    AUTO(references_done) struct references refs = { 0 };

    references_of_sandbox(&refs, pod);
    references_of_volumes(&refs, pod);
    references_of_pull_secrets(&refs, pod);
    for (size_t i = 0; i < pod->spec.init_containers.len; i++)
        references_of_container(&refs, pod, &pod->spec.init_containers.items[i]);
    for (size_t i = 0; i < pod->spec.containers.len; i++)
        references_of_container(&refs, pod, &pod->spec.containers.items[i]);
    struct held *h = hold_all(r, object, &refs);
    for (size_t i = 0; i < refs.len; i++) /* a token takes a round trip: asked for at once */
        if (refs.items[i].kind == REFERENCE_TOKEN)
            (void)token_get(&h->tokens, r->client, pod, &refs.items[i], on_token, h);
}

static void held_free(struct held *h)
{
    struct held_object *o;

    list_each(o, &h->objects, struct held_object, node) {
        k8s_interest_stop(&o->interest);
        free(o->name);
        free(o);
    }
    tokens_free(&h->tokens);
    free(h->uid);
    free(h);
}

static void release(struct pod_refs *port, const char *uid)
{
    struct held *h = map_remove(&container_of(port, struct refs_api, port)->held, uid);

    if (h)
        held_free(h);
}

/* ---- fetching ---- */

static void fetch_free(struct fetch *f)
{
    loop_defer_stop(&f->soon);
    loop_timer_stop(&f->deadline);
    list_remove(&f->node);
    free(f);
}

enum look { LOOK_READY, LOOK_WAIT, LOOK_FAILED };

static enum look look_at_token(struct fetch *f, struct held *h, const struct reference *ref, struct fetched_list *list,
                               struct err *err)
{
    struct token *t = token_get(&h->tokens, f->refs->client, K8S_OBJECT_AS(f->pod, k8s_pod), ref, on_token, h);

    if (token_object(t)) {
        fetched_list_add(list, ref, token_object(t));
        return LOOK_READY;
    }
    if (!token_error(t))
        return LOOK_WAIT;
    err_copy(err, token_error(t));
    err_wrap(err, "failed to fetch token");
    return LOOK_FAILED;
}

static enum look look_at_object(struct held *h, const struct reference *ref, struct fetched_list *list, struct err *err)
{
    struct held_object *o = held_get(h, ref);

    switch (k8s_interest_state(&o->interest)) {
    case K8S_INTEREST_PRESENT:
        fetched_list_add(list, ref, k8s_interest_object(&o->interest));
        return LOOK_READY;
    case K8S_INTEREST_ABSENT:
        return LOOK_READY;
    case K8S_INTEREST_FAILED:
        err_copy(err, k8s_interest_error(&o->interest));
        return ref->optional ? LOOK_READY : LOOK_FAILED;
    default:
        return LOOK_WAIT;
    }
}

static enum look look_at_services(struct refs_api *r, struct fetched_list *list)
{
    struct k8s_object *service;

    if (!k8s_watch_listed(&r->services))
        return LOOK_WAIT;
    for (size_t i = 0; k8s_watch_next(&r->services, &i, &service);)
        fetched_list_add_service(list, service);
    return LOOK_READY;
}

static enum look look(struct fetch *f, struct fetched_list *list, struct err *err)
{
    struct held *h = hold_all(f->refs, f->pod, f->want);
    enum look worst = LOOK_READY;

    for (size_t i = 0; i < f->want->len && worst != LOOK_FAILED; i++) {
        const struct reference *ref = &f->want->items[i];
        enum look one = ref->kind == REFERENCE_TOKEN      ? look_at_token(f, h, ref, list, err)
                        : ref->kind == REFERENCE_SERVICES ? look_at_services(f->refs, list)
                                                          : look_at_object(h, ref, list, err);
        if (one > worst)
            worst = one;
    }
    return worst;
}

static void finish(struct fetch *f, const struct err *err, const struct fetched_set *set)
{
    pod_fetched_fn done = f->done;
    void *user = f->user;

    fetch_free(f);
    done(user, err, set);
}

static void on_soon(struct loop_defer *d)
{
    struct fetch *f = container_of(d, struct fetch, soon);
    AUTO(fetched_list_done) struct fetched_list list = { 0 };
    struct err err = ERR_INIT;
    enum look outcome = look(f, &list, &err);
    const struct fetched_set set = fetched_list_set(&list);

    if (outcome != LOOK_WAIT)
        finish(f, outcome == LOOK_FAILED ? &err : NULL, outcome == LOOK_FAILED ? NULL : &set);
}

static void on_deadline(struct loop_timer *t)
{
    struct fetch *f = container_of(t, struct fetch, deadline);
    struct err err = ERR_INIT;

    err_set(&err, -ETIMEDOUT, "failed to sync objects the pod refers to: timed out waiting for the condition");
    finish(f, &err, NULL);
}

static void fetch(struct pod_refs *port, struct k8s_object *pod, const struct references *want, pod_fetched_fn done,
                  void *user)
{
    struct refs_api *r = container_of(port, struct refs_api, port);
    struct loop *loop = k8s_client_loop(r->client);
    struct fetch *f = NEW(struct fetch);

    *f = (struct fetch){ .refs = r, .pod = pod, .want = want, .done = done, .user = user };
    list_push_back(&r->fetches, &f->node);
    loop_defer_init(&f->soon, loop, "refs.fetch", on_soon);
    loop_timer_init(&f->deadline, loop, "refs.fetch", on_deadline);
    loop_timer_start(&f->deadline, FETCH_TIMEOUT_MS);
    loop_defer_start(&f->soon);
}

static void get_auths(struct pod_refs *port, const char *image, const struct fetched_set *set, struct arena *arena,
                      struct rt_auths *ret)
{
    auths_for(image, set, container_of(port, struct refs_api, port)->docker_config, arena, ret);
}

static const struct pod_refs_ops ops = { .acquire = acquire, .release = release, .fetch = fetch, .auths = get_auths };

static void on_service(struct k8s_watch *w, struct k8s_object *before, struct k8s_object *after,
                       struct k8s_object *last)
{
    (void)w; /* containers see services as they were at their start */
    (void)before;
    (void)after;
    (void)last;
}

static void on_services_listed(struct k8s_watch *w, bool first)
{
    if (first)
        look_at_fetches(container_of(w, struct refs_api, services), NULL);
}

struct refs_api *refs_api_new(struct k8s_client *client, const struct refs_events *events, const char *docker_config)
{
    struct refs_api *r = NEW(struct refs_api);

    *r = (struct refs_api){ .port = { .ops = &ops }, .client = client, .events = *events,
                            .interests = k8s_interests_new(client), .docker_config = xstrdup(docker_config) };
    list_init(&r->fetches);
    k8s_watch_init(&r->services, on_service, on_services_listed, NULL);
    k8s_watch_start(&r->services, client, &(struct k8s_watch_opts){ .kind = K8S_KIND_SERVICE });
    return r;
}

struct refs_api *refs_api_free(struct refs_api *r)
{
    struct fetch *f;
    const char *uid;
    void *held;

    if (!r)
        return NULL;
    list_each(f, &r->fetches, struct fetch, node)
        fetch_free(f);
    for (size_t i = 0; map_next(&r->held, &i, &uid, &held);)
        held_free(held);
    map_done(&r->held);
    k8s_watch_stop(&r->services);
    k8s_interests_free(r->interests);
    free(r->docker_config);
    free(r);
    return NULL;
}

struct pod_refs *refs_api_port(struct refs_api *r)
{
    return &r->port;
}
