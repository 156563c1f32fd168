/* SPDX-License-Identifier: Apache-2.0 */
#include "environment/reference.h"

#include "base/mem.h"
#include "base/str.h"
#include "k8s/object.h"

enum { TOKEN_EXPIRATION_S = 3600 };

void references_done(struct references *r)
{
    free(r->items);
    *r = (struct references){ 0 };
}

static bool is_same(const struct reference *a, const struct reference *b)
{
    return a->kind == b->kind && str_eq(a->name, b->name) && str_eq(a->audience, b->audience) &&
           a->expiration_s == b->expiration_s;
}

static void add(struct references *r, struct reference ref)
{
    for (size_t i = 0; i < r->len; i++)
        if (is_same(&r->items[i], &ref)) {
            r->items[i].optional = r->items[i].optional && ref.optional;
            return;
        }
    r->items = xgrow(r->items, &r->cap, r->len + 1, sizeof(*r->items));
    r->items[r->len++] = ref;
}

static void add_named(struct references *r, enum reference_kind kind, const char *name, struct opt_bool optional)
{
    if (!str_empty(name))
        add(r, (struct reference){ .kind = kind, .name = name, .optional = optional.has && optional.value });
}

void references_of_container(struct references *r, const struct k8s_pod *pod, const struct k8s_container *c)
{
    (void)pod;
    add(r, (struct reference){ .kind = REFERENCE_SERVICES, .optional = true });
    for (size_t i = 0; i < c->env_from.len; i++) {
        const struct k8s_env_from_source *from = &c->env_from.items[i];
        if (from->config_map_ref)
            add_named(r, REFERENCE_CONFIG_MAP, from->config_map_ref->name, from->config_map_ref->optional);
        if (from->secret_ref)
            add_named(r, REFERENCE_SECRET, from->secret_ref->name, from->secret_ref->optional);
    }
    for (size_t i = 0; i < c->env.len; i++) {
        const struct k8s_env_var_source *from = c->env.items[i].value_from;
        if (from && from->config_map_key_ref)
            add_named(r, REFERENCE_CONFIG_MAP, from->config_map_key_ref->name, from->config_map_key_ref->optional);
        if (from && from->secret_key_ref)
            add_named(r, REFERENCE_SECRET, from->secret_key_ref->name, from->secret_key_ref->optional);
    }
}

static void add_projection(struct references *r, const struct k8s_volume_projection *p)
{
    if (p->config_map)
        add_named(r, REFERENCE_CONFIG_MAP, p->config_map->name, p->config_map->optional);
    if (p->secret)
        add_named(r, REFERENCE_SECRET, p->secret->name, p->secret->optional);
    if (p->service_account_token) {
        const struct k8s_service_account_token_projection *t = p->service_account_token;
        add(r, (struct reference){ .kind = REFERENCE_TOKEN,
                                   .audience = str_empty(t->audience) ? NULL : t->audience,
                                   .expiration_s = t->expiration_seconds.has ? t->expiration_seconds.value
                                                                             : TOKEN_EXPIRATION_S });
    }
}

void references_of_volumes(struct references *r, const struct k8s_pod *pod)
{
    for (size_t i = 0; i < pod->spec.volumes.len; i++) {
        const struct k8s_volume *v = &pod->spec.volumes.items[i];
        if (v->config_map)
            add_named(r, REFERENCE_CONFIG_MAP, v->config_map->name, v->config_map->optional);
        if (v->secret)
            add_named(r, REFERENCE_SECRET, v->secret->secret_name, v->secret->optional);
        for (size_t k = 0; v->projected && k < v->projected->sources.len; k++)
            add_projection(r, &v->projected->sources.items[k]);
    }
}

void references_of_pull_secrets(struct references *r, const struct k8s_pod *pod)
{
    static const struct opt_bool optional = { .has = true, .value = true };

    for (size_t i = 0; i < pod->spec.image_pull_secrets.len; i++)
        add_named(r, REFERENCE_SECRET, pod->spec.image_pull_secrets.items[i].name, optional);
}

void references_of_sandbox(struct references *r, const struct k8s_pod *pod)
{
    add_named(r, REFERENCE_RUNTIME_CLASS, pod->spec.runtime_class_name, (struct opt_bool){ .has = false });
}

const struct k8s_object *fetched_get(const struct fetched_set *set, enum reference_kind kind, const char *name)
{
    for (size_t i = 0; i < set->len; i++)
        if (set->items[i].kind == kind && str_eq(set->items[i].name, name))
            return set->items[i].object;
    return NULL;
}

const struct k8s_object *fetched_token(const struct fetched_set *set, const char *audience, int64_t expiration_s)
{
    if (str_empty(audience))
        audience = NULL;
    for (size_t i = 0; i < set->len; i++)
        if (set->items[i].kind == REFERENCE_TOKEN && str_eq(set->items[i].audience, audience) &&
            set->items[i].expiration_s == (expiration_s ? expiration_s : TOKEN_EXPIRATION_S))
            return set->items[i].object;
    return NULL;
}
