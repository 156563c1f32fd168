/* SPDX-License-Identifier: Apache-2.0 */
/* correlate.c - three kinds of memory in one map, told apart by the first letter of their keys. */
#include "correlate.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/rate_limit.h"

#define FLOOD_BURST 25
#define FLOOD_SECONDS 300 /* for one more */
#define SIMILAR_MAX 10
#define SIMILAR_QUIET_NS (600 * NS_PER_S)
#define NAME_BYTES 236 /* of the object's name; with "." and 16 digits it is a valid object name */

struct memory {
    struct list node; /* least recently used first */
    char *key;
    struct rate_limit flood;         /* 'f': one object */
    uint64_t messages[SIMILAR_MAX];  /* 's': one object, type and reason */
    unsigned messages_len;
    int64_t last_wall_ns;
    char *name;                      /* 'e': one event */
    int32_t count;
    int64_t first_wall_ns;
};

struct correlator {
    struct map known;
    struct list used;
    int64_t last_name_ns;
};

static void memory_free(struct correlator *c, struct memory *m)
{
    (void)map_remove(&c->known, m->key);
    list_remove(&m->node);
    free(m->key);
    free(m->name);
    free(m);
}

/* Found or made; ret_new tells which. */
static struct memory *remember(struct correlator *c, const char *key, bool *ret_new)
{
    struct memory *m = map_get(&c->known, key);
    *ret_new = !m;
    if (!m) {
        if (map_len(&c->known) >= LIMIT_EVENTS_KNOWN)
            memory_free(c, list_first(&c->used, struct memory, node));
        m = NEW(struct memory);
        m->key = xstrdup(key);
        (void)map_put(&c->known, key, m);
    }
    list_remove(&m->node);
    list_push_back(&c->used, &m->node);
    return m;
}

/* ---- the three rules ------------------------------------------------------------------------------------- */

static bool floods(struct correlator *c, const char *object, int64_t now_ms)
{
    AUTO(free) char *key = xasprintf("f%s", object);
    int64_t unit = now_ms / FLOOD_SECONDS; /* a thousand of these are FLOOD_SECONDS: one token */
    bool is_new;
    struct memory *m = remember(c, key, &is_new);
    if (is_new)
        rate_limit_init(&m->flood, 1, FLOOD_BURST, unit);
    return !rate_limit_try(&m->flood, unit);
}

/* The message is one of too many different ones. */
static bool is_combined(struct correlator *c, const char *key, const struct event_occurrence *o)
{
    uint64_t hash = str_hash(o->message, strlen(o->message));
    bool is_new, known = false;
    struct memory *m = remember(c, key, &is_new);
    if (o->at.wall_ns - m->last_wall_ns > SIMILAR_QUIET_NS)
        m->messages_len = 0;
    m->last_wall_ns = o->at.wall_ns;
    for (unsigned i = 0; i < m->messages_len; i++)
        known |= m->messages[i] == hash;
    if (!known && m->messages_len < SIMILAR_MAX)
        m->messages[m->messages_len++] = hash;
    return m->messages_len >= SIMILAR_MAX;
}

static char *new_name(struct correlator *c, const struct event_occurrence *o)
{
    int64_t ns = o->at.wall_ns > c->last_name_ns ? o->at.wall_ns : c->last_name_ns + 1;
    size_t len = strnlen(str_or(o->about->name, "unnamed"), NAME_BYTES);
    const char *name = str_or(o->about->name, "unnamed");
    while (len > 0 && (name[len - 1] == '.' || name[len - 1] == '-'))
        len--;
    c->last_name_ns = ns;
    return xasprintf("%.*s.%llx", (int)len, name, (unsigned long long)ns);
}

/* ---- the header's functions ------------------------------------------------------------------------------ */

void correlator_decide(struct correlator *c, const struct event_occurrence *o, struct event_decision *ret)
{
    const struct k8s_object_reference *a = o->about;
    AUTO(free) char *object =
        xasprintf("%s/%s/%s/%s/%s", str_or(a->api_version, ""), str_or(a->kind, ""), str_or(a->namespace, ""),
                  str_or(a->name, ""), str_or(a->uid, ""));
    AUTO(free) char *similar = xasprintf("s%s %s %s", object, o->type, o->reason);
    *ret = (struct event_decision){ .verdict = EVENT_DROP };
    bool combined = is_combined(c, similar, o), is_new;
    ret->key = combined ? xasprintf("e%s", similar + 1)
                        : xasprintf("e%s %s %s", similar + 1, str_or(a->field_path, ""), o->message);
    struct memory *m = remember(c, ret->key, &is_new);
    if (is_new) {
        m->name = new_name(c, o);
        m->first_wall_ns = o->at.wall_ns;
    }
    m->count++;
    ret->message = xasprintf("%s%s", combined ? "(combined from similar events): " : "", o->message);
    ret->name = xstrdup(m->name);
    ret->count = m->count;
    ret->first_wall_ns = m->first_wall_ns;
    if (!floods(c, object, o->at.boot_ns / NS_PER_MS))
        ret->verdict = is_new ? EVENT_CREATE : EVENT_COUNT;
    else if (is_new)
        memory_free(c, m); /* it was never created: nothing to count up */
}

void correlator_forget(struct correlator *c, const char *key)
{
    struct memory *m = map_get(&c->known, key);
    if (m)
        memory_free(c, m);
}

void event_decision_done(struct event_decision *d)
{
    free(d->message);
    free(d->name);
    free(d->key);
    *d = (struct event_decision){ .verdict = EVENT_DROP };
}

struct correlator *correlator_new(void)
{
    struct correlator *c = NEW(struct correlator);
    list_init(&c->used);
    return c;
}

struct correlator *correlator_free(struct correlator *c)
{
    if (!c)
        return NULL;
    for (struct memory *m; (m = list_first(&c->used, struct memory, node));)
        memory_free(c, m);
    map_done(&c->known);
    free(c);
    return NULL;
}
