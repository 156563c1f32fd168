/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/record.h"

#include "base/mem.h"
#include "base/str.h"

static const char *const phase_names[PHASE_NR] = {
    [PHASE_PENDING] = "Pending",
    [PHASE_RUNNING] = "Running",
    [PHASE_SUCCEEDED] = "Succeeded",
    [PHASE_FAILED] = "Failed",
};

const char *phase_name(enum pod_phase phase)
{
    return phase_names[phase];
}

enum pod_phase phase_from_name(const char *name)
{
    for (size_t i = PHASE_PENDING; i < PHASE_NR; i++)
        if (str_eq(phase_names[i], name))
            return (enum pod_phase)i;
    return PHASE_NONE;
}

void record_string(char **dst, const char *src)
{
    if (str_empty(src))
        src = NULL;
    if (str_eq(*dst, src))
        return;
    char *copy = xstrdup(src); /* first: src may be a part of *dst */
    free(*dst);
    *dst = copy;
}

void retry_clear(struct retry *r)
{
    free(r->reason);
    free(r->message);
    *r = (struct retry){ .delay_ms = 0 };
}

void pod_instance_done(struct pod_instance *i)
{
    free(i->id);
    free(i->sandbox_id);
    free(i->image_id);
    free(i->image_ref);
    free(i->reason);
    free(i->message);
    free(i->stop_signal);
    container_user_done(&i->user);
    *i = (struct pod_instance){ .state = INSTANCE_NONE };
}

struct pod_record *pod_record_new(const char *uid, const char *namespace_, const char *name)
{
    struct pod_record *r = NEW(struct pod_record);
    r->uid = xstrdup(uid);
    r->namespace_ = xstrdup(namespace_);
    r->name = xstrdup(name);
    return r;
}

static void container_record_done(struct container_record *c)
{
    free(c->name);
    free(c->spec_image);
    pod_instance_done(&c->current);
    pod_instance_done(&c->previous);
    free(c->live.image_id);
    free(c->live.image_ref);
    retry_clear(&c->live.pull);
    retry_clear(&c->live.create);
    retry_clear(&c->live.stop);
}

static void pod_live_done(struct pod_live *l)
{
    retry_clear(&l->volumes);
    retry_clear(&l->sandbox);
    retry_clear(&l->api);
    retry_clear(&l->remains);
    free(l->unsupported);
}

struct pod_record *pod_record_free(struct pod_record *r)
{
    if (!r)
        return NULL;
    for (size_t i = 0; i < r->containers_len; i++)
        container_record_done(&r->containers[i]);
    for (size_t i = 0; i < r->conditions_len; i++) {
        struct condition_record *c = &r->conditions[i];
        free(c->type);
        free(c->status);
        free(c->reason);
        free(c->message);
    }
    free(r->containers);
    free(r->conditions);
    strv_free(r->pod_ips);
    free(r->uid);
    free(r->name);
    free(r->namespace_);
    free(r->verdict_reason);
    free(r->verdict_message);
    free(r->reason);
    free(r->message);
    pod_live_done(&r->live);
    free(r);
    return NULL;
}

struct container_record *pod_record_container(const struct pod_record *r, const char *name)
{
    for (size_t i = 0; i < r->containers_len; i++)
        if (str_eq(r->containers[i].name, name))
            return &r->containers[i];
    return NULL;
}

struct container_record *pod_record_add_container(struct pod_record *r, const char *name,
                                                  enum container_kind kind)
{
    struct container_record *c = pod_record_container(r, name);
    if (!c) {
        r->containers =
            xgrow(r->containers, &r->containers_cap, r->containers_len + 1, sizeof(*c));
        c = &r->containers[r->containers_len++];
        *c = (struct container_record){ .name = xstrdup(name) };
    }
    c->kind = kind;
    return c;
}

struct condition_record *pod_record_condition(const struct pod_record *r, const char *type)
{
    for (size_t i = 0; i < r->conditions_len; i++)
        if (str_eq(r->conditions[i].type, type))
            return &r->conditions[i];
    return NULL;
}

struct condition_record *pod_record_add_condition(struct pod_record *r, const char *type)
{
    struct condition_record *c = pod_record_condition(r, type);
    if (c)
        return c;
    r->conditions = xgrow(r->conditions, &r->conditions_cap, r->conditions_len + 1, sizeof(*c));
    c = &r->conditions[r->conditions_len++];
    *c = (struct condition_record){ .type = xstrdup(type) };
    return c;
}
