/* SPDX-License-Identifier: Apache-2.0 */
#include "environment/environment.h"

#include <ctype.h>
#include <errno.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/config_map.h"
#include "k8s/object.h"
#include "k8s/secret.h"

static const char reason[] = "CreateContainerConfigError";

struct build {
    struct env *env;
    struct env visible; /* env and services: what $(NAME) sees */
    const struct k8s_pod *pod;
    const struct k8s_container *container;
    const struct pod_facts *facts;
    const struct fetched_set *fetched;
    struct buf skipped;
    struct err *err;
};

void env_init(struct env *e, struct arena *arena)
{
    *e = (struct env){ .arena = arena };
}

void env_done(struct env *e)
{
    free(e->items);
    map_done(&e->index);
    *e = (struct env){ .arena = e->arena };
}

static struct env_var *find(const struct env *e, const char *name)
{
    size_t place = (size_t)(uintptr_t)map_get(&e->index, name);
    return place ? &e->items[place - 1] : NULL;
}

const char *env_get(const struct env *e, const char *name)
{
    const struct env_var *v = find(e, name);
    return v ? v->value : NULL;
}

int env_set(struct env *e, const char *name, const char *value, struct err *err)
{
    struct env_var *v = find(e, name);
    const char *copy = arena_strdup(e->arena, value);
    const char *key = v ? v->name : arena_strdup(e->arena, name);

    if (!copy || !key || e->len >= LIMIT_ENV_VARS)
        return err_set_reason(err, -E2BIG, reason, "the environment is too large");
    if (!v) {
        e->items = xgrow(e->items, &e->cap, e->len + 1, sizeof(*e->items));
        v = &e->items[e->len++];
        (void)map_put(&e->index, name, (void *)(uintptr_t)e->len);
    }
    *v = (struct env_var){ .name = key, .value = copy };
    return 0;
}

static int set(struct build *b, const char *name, const char *value)
{
    if (env_set(b->env, name, value, b->err) < 0)
        return b->err->code;
    return env_set(&b->visible, name, value, b->err);
}

static bool is_env_name(const char *s)
{
    for (const char *p = s; *p; p++)
        if (*p == '=' || !isprint((unsigned char)*p))
            return false;
    return *s != '\0';
}

static int set_from(struct build *b, const char *prefix, const char *key, const char *value, struct buf *skipped)
{
    AUTO(free) char *name = xasprintf("%s%s", str_or(prefix, ""), key);

    if (is_env_name(name))
        return set(b, name, value);
    (void)buf_printf(skipped, "%s%s", skipped->len ? ", " : "", name);
    return 0;
}

static int set_bytes_from(struct build *b, const char *prefix, const struct json_bytes_pair *pair, struct buf *skipped)
{
    AUTO(free) char *value = xstrndup((const char *)pair->value.data, pair->value.len);
    return set_from(b, prefix, pair->key, value, skipped);
}

static int not_found(struct build *b, const char *what, const char *name)
{
    return err_set_reason(b->err, -ENOENT, reason, "%s \"%s\" not found", what, name);
}

static void tell_skipped(struct build *b, const struct buf *keys, const char *what, const char *name)
{
    if (keys->len)
        (void)buf_printf(&b->skipped,
                         "%sKeys [%s] from the EnvFrom %s %s/%s were skipped since they are considered invalid "
                         "environment variable names.",
                         b->skipped.len ? " " : "", buf_str(keys), what, b->pod->metadata.namespace, name);
}

static int from_config_map(struct build *b, const char *prefix, const struct k8s_config_map_env_source *ref)
{
    const struct k8s_config_map *map =
        K8S_OBJECT_AS(fetched_get(b->fetched, REFERENCE_CONFIG_MAP, ref->name), k8s_config_map);
    AUTO(buf_done) struct buf skipped = BUF_INIT(4 * KIB);

    if (!map)
        return ref->optional.has && ref->optional.value ? 0 : not_found(b, "configmap", ref->name);
    for (size_t i = 0; i < map->data.len; i++)
        if (set_from(b, prefix, map->data.items[i].key, map->data.items[i].value, &skipped) < 0)
            return b->err->code;
    tell_skipped(b, &skipped, "configMap", ref->name);
    return 0;
}

static int from_secret(struct build *b, const char *prefix, const struct k8s_secret_env_source *ref)
{
    const struct k8s_secret *secret = K8S_OBJECT_AS(fetched_get(b->fetched, REFERENCE_SECRET, ref->name), k8s_secret);
    AUTO(buf_done) struct buf skipped = BUF_INIT(4 * KIB);

    if (!secret)
        return ref->optional.has && ref->optional.value ? 0 : not_found(b, "secret", ref->name);
    for (size_t i = 0; i < secret->data.len; i++)
        if (set_bytes_from(b, prefix, &secret->data.items[i], &skipped) < 0)
            return b->err->code;
    for (size_t i = 0; i < secret->string_data.len; i++)
        if (set_from(b, prefix, secret->string_data.items[i].key, secret->string_data.items[i].value, &skipped) < 0)
            return b->err->code;
    tell_skipped(b, &skipped, "secret", ref->name);
    return 0;
}

static int add_env_from(struct build *b)
{
    for (size_t i = 0; i < b->container->env_from.len; i++) {
        const struct k8s_env_from_source *from = &b->container->env_from.items[i];
        if (from->config_map_ref && from_config_map(b, from->prefix, from->config_map_ref) < 0)
            return b->err->code;
        if (from->secret_ref && from_secret(b, from->prefix, from->secret_ref) < 0)
            return b->err->code;
    }
    return 0;
}

/* The value of a key, or NULL with absent set when that is allowed, or an error. */
static int missing(struct build *b, bool has_object, struct opt_bool optional, const char *kind, const char *name,
                   const char *key)
{
    static const char *const lower[] = { "configmap", "secret" };

    if (optional.has && optional.value)
        return 0;
    if (!has_object)
        return not_found(b, lower[str_eq(kind, "Secret")], name);
    return err_set_reason(b->err, -ENOENT, reason, "couldn't find key %s in %s %s/%s", key, kind,
                          b->pod->metadata.namespace, name);
}

static int config_map_key(struct build *b, const struct k8s_config_map_key_selector *ref, const char **ret)
{
    const struct k8s_config_map *map =
        K8S_OBJECT_AS(fetched_get(b->fetched, REFERENCE_CONFIG_MAP, ref->name), k8s_config_map);

    *ret = map ? json_map_get(&map->data, ref->key) : NULL;
    return *ret ? 0 : missing(b, map, ref->optional, "ConfigMap", ref->name, ref->key);
}

static int secret_key(struct build *b, const struct k8s_secret_key_selector *ref, const char **ret)
{
    const struct k8s_secret *secret = K8S_OBJECT_AS(fetched_get(b->fetched, REFERENCE_SECRET, ref->name), k8s_secret);
    const struct json_bytes *bytes = secret ? json_bytes_map_get(&secret->data, ref->key) : NULL;

    *ret = secret ? json_map_get(&secret->string_data, ref->key) : NULL;
    if (!*ret && bytes)
        *ret = arena_strndup(b->env->arena, (const char *)bytes->data, bytes->len);
    return *ret ? 0 : missing(b, secret, ref->optional, "Secret", ref->name, ref->key);
}

/* *ret NULL: the variable is left out. */
static int value_from(struct build *b, const struct k8s_env_var_source *from, const char **ret)
{
    int r = 0;

    *ret = NULL;
    if (from->field_ref)
        r = field_value(b->pod, b->facts, from->field_ref->field_path, false, b->env->arena, ret, b->err);
    else if (from->resource_field_ref)
        r = resource_value(b->pod, b->container, b->facts, from->resource_field_ref, b->env->arena, ret, b->err);
    else if (from->config_map_key_ref)
        r = config_map_key(b, from->config_map_key_ref, ret);
    else if (from->secret_key_ref)
        r = secret_key(b, from->secret_key_ref, ret);
    else if (from->file_key_ref)
        r = err_set(b->err, -ENOTSUP, "fileKeyRef is not supported by this node");
    if (r < 0)
        err_reason_default(b->err, reason);
    return r;
}

static int add_env(struct build *b)
{
    for (size_t i = 0; i < b->container->env.len; i++) {
        const struct k8s_env_var *v = &b->container->env.items[i];
        const char *value = NULL;
        if (v->value_from && str_empty(v->value)) {
            if (value_from(b, v->value_from, &value) < 0)
                return b->err->code;
            if (!value)
                continue;
        } else {
            value = env_expand(&b->visible, str_or(v->value, ""), b->env->arena);
            if (!value)
                return err_set_reason(b->err, -E2BIG, reason, "the value of %s is too long", v->name);
        }
        if (set(b, v->name, value) < 0)
            return b->err->code;
    }
    return 0;
}

static int build_all(struct build *b)
{
    bool links = !b->pod->spec.enable_service_links.has || b->pod->spec.enable_service_links.value;

    if (env_add_services(&b->visible, b->pod->metadata.namespace, links, b->fetched, b->err) < 0) {
        err_reason_default(b->err, reason);
        return b->err->code;
    }
    if (add_env_from(b) < 0 || add_env(b) < 0)
        return b->err->code;
    for (size_t i = 0; i < b->visible.len; i++) /* the services that nothing has overridden */
        if (!env_get(b->env, b->visible.items[i].name) &&
            env_set(b->env, b->visible.items[i].name, b->visible.items[i].value, b->err) < 0)
            return b->err->code;
    return 0;
}

int env_build(struct env *e, const struct k8s_pod *pod, const struct k8s_container *c, const struct pod_facts *facts,
              const struct fetched_set *fetched, const char **ret_skipped, struct err *err)
{
    struct err unwanted = ERR_INIT; /* the caller may need the code alone */
    struct build b = {
        .env = e, .pod = pod, .container = c, .facts = facts, .fetched = fetched, .err = err ? err : &unwanted,
        .skipped = BUF_INIT(8 * KIB),
    };

    env_init(&b.visible, e->arena);
    int r = build_all(&b);
    if (r == 0) {
        *ret_skipped = arena_strdup(e->arena, buf_str(&b.skipped));
        if (!*ret_skipped)
            r = err_set_reason(err, -E2BIG, reason, "the environment is too large");
    }
    env_done(&b.visible);
    buf_done(&b.skipped);
    return r;
}
