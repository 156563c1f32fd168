/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interest.c - one watch per referenced object, shared.
 *
 * An entry lives as long as somebody is interested, and LINGER_MS longer: pods of a burst come and go, and their
 * common objects (kube-root-ca.crt) need not be asked for each time. Changes are told in a later round of the loop,
 * so that an owner may start and stop interests wherever it is.
 */
#include "k8s/interest.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "k8s/watch.h"

#define LINGER_MS 30000
#define QUIET_MS 1000 /* how long the Node authorizer may lag behind a binding */

struct k8s_interests {
    struct k8s_client *client;
    struct map entries; /* by "KIND NAMESPACE/NAME" */
};

struct entry {
    struct k8s_interests *set;
    char *key;
    const struct k8s_kind *kind;
    char *name;
    struct k8s_watch watch;
    struct loop_timer linger;
    struct loop_defer tell;
    struct list interests;
    struct k8s_object *object; /* NULL: absent, or not known */
    enum k8s_interest_state state;
    struct err *err; /* NULL: none */
};

static void entry_free(struct entry *e)
{
    assert(list_empty(&e->interests));
    (void)map_remove(&e->set->entries, e->key);
    k8s_watch_stop(&e->watch);
    loop_timer_stop(&e->linger);
    loop_defer_stop(&e->tell);
    k8s_object_unref(e->object);
    free(e->err);
    free(e->key);
    free(e->name);
    free(e);
}

/* ---- telling --------------------------------------------------------------------------------------------- */

static void tell_all(struct entry *e)
{
    struct k8s_interest *i;
    list_each(i, &e->interests, struct k8s_interest, node)
        i->told = false;
    loop_defer_start(&e->tell);
}

/* One at a time from the start: fn may stop any interest, and the entry with the last one. */
static void on_tell(struct loop_defer *d)
{
    struct entry *e = container_of(d, struct entry, tell);
    struct k8s_interest *i, *next = NULL;
    list_each(i, &e->interests, struct k8s_interest, node) {
        if (!i->told) {
            next = i;
            break;
        }
    }
    if (!next)
        return;
    next->told = true;
    loop_defer_start(&e->tell);
    next->fn(next);
}

static void set_state(struct entry *e, enum k8s_interest_state state, struct k8s_object *object,
                      const struct err *why)
{
    k8s_object_unref(e->object);
    e->object = object ? k8s_object_ref(object) : NULL;
    e->state = state;
    free(e->err);
    e->err = why ? NEW(struct err) : NULL;
    if (why)
        err_copy(e->err, why);
    tell_all(e);
}

static void set_absent(struct entry *e)
{
    struct err err = ERR_INIT;
    err_set(&err, -ENOENT, "%s \"%s\" not found", e->kind->plural, e->name);
    set_state(e, K8S_INTEREST_ABSENT, NULL, &err);
}

/* ---- the watch ------------------------------------------------------------------------------------------- */

static void on_change(struct k8s_watch *w, struct k8s_object *before, struct k8s_object *after,
                      struct k8s_object *last)
{
    struct entry *e = container_of(w, struct entry, watch);
    (void)before;
    (void)last;
    if (after)
        set_state(e, K8S_INTEREST_PRESENT, after, NULL);
    else
        set_absent(e);
}

static void on_listed(struct k8s_watch *w, bool first)
{
    struct entry *e = container_of(w, struct entry, watch);
    (void)first;
    if (!e->object && e->state != K8S_INTEREST_ABSENT)
        set_absent(e);
}

/* What is known stays known; only who waits for the first answer is told. */
static void on_trouble(struct k8s_watch *w, enum k8s_outcome outcome, const struct err *err, int64_t retry_ms)
{
    struct entry *e = container_of(w, struct entry, watch);
    (void)outcome;
    (void)retry_ms;
    if (k8s_watch_listed(w))
        return;
    set_state(e, K8S_INTEREST_FAILED, NULL, err);
}

static void on_linger(struct loop_timer *t)
{
    entry_free(container_of(t, struct entry, linger));
}

static struct entry *entry_new(struct k8s_interests *s, enum k8s_kind_id kind, const char *namespace,
                               const char *name, const char *key)
{
    struct entry *e = NEW(struct entry);
    struct loop *loop = k8s_client_loop(s->client);
    e->set = s;
    e->key = xstrdup(key);
    e->kind = &k8s_kinds[kind];
    e->name = xstrdup(name);
    list_init(&e->interests);
    loop_timer_init(&e->linger, loop, "interest", on_linger);
    loop_defer_init(&e->tell, loop, "interest", on_tell);
    k8s_watch_init(&e->watch, on_change, on_listed, on_trouble);
    AUTO(free) char *selector = xasprintf("metadata.name=%s", name);
    k8s_watch_start(&e->watch, s->client,
                    &(struct k8s_watch_opts){
                        .kind = kind, .namespace = namespace, .field_selector = selector, .quiet_ms = QUIET_MS });
    (void)map_put(&s->entries, key, e);
    return e;
}

/* ---- the header's functions ------------------------------------------------------------------------------ */

struct k8s_interests *k8s_interests_new(struct k8s_client *client)
{
    struct k8s_interests *s = NEW(struct k8s_interests);
    s->client = client;
    return s;
}

struct k8s_interests *k8s_interests_free(struct k8s_interests *s)
{
    void *e;
    if (!s)
        return NULL;
    for (size_t i = 0; map_next(&s->entries, &i, NULL, &e);)
        entry_free(e);
    map_done(&s->entries);
    free(s);
    return NULL;
}

void k8s_interest_init(struct k8s_interest *i, k8s_interest_fn fn)
{
    *i = (struct k8s_interest){ .fn = fn };
}

void k8s_interest_start(struct k8s_interest *i, struct k8s_interests *s, enum k8s_kind_id kind, const char *namespace,
                        const char *name)
{
    assert(!i->entry);
    AUTO(free) char *key = xasprintf("%s %s/%s", k8s_kinds[kind].kind, namespace ? namespace : "", name);
    struct entry *e = map_get(&s->entries, key);
    if (!e)
        e = entry_new(s, kind, namespace, name, key);
    loop_timer_stop(&e->linger);
    i->entry = e;
    i->told = e->state == K8S_INTEREST_PENDING;
    list_push_back(&e->interests, &i->node);
    if (!i->told)
        loop_defer_start(&e->tell);
}

void k8s_interest_stop(struct k8s_interest *i)
{
    struct entry *e = i->entry;
    if (!e)
        return;
    i->entry = NULL;
    list_remove(&i->node);
    if (list_empty(&e->interests))
        loop_timer_start(&e->linger, LINGER_MS);
}

enum k8s_interest_state k8s_interest_state(const struct k8s_interest *i)
{
    const struct entry *e = i->entry;
    return e ? e->state : K8S_INTEREST_PENDING;
}

struct k8s_object *k8s_interest_object(const struct k8s_interest *i)
{
    const struct entry *e = i->entry;
    return e ? e->object : NULL;
}

const struct err *k8s_interest_error(const struct k8s_interest *i)
{
    static const struct err none;
    const struct entry *e = i->entry;
    return e && e->err ? e->err : &none;
}
