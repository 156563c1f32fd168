/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contents.c - objects to files: keys of ConfigMaps and Secrets, fields of the pod, tokens.
 */
#include <errno.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/config_map.h"
#include "k8s/object.h"
#include "k8s/secret.h"
#include "k8s/token_request.h"
#include "kind.h"

static int add(const struct payload_args *a, const char *path, const void *data, size_t len, struct opt_i32 mode,
               struct opt_i64 user, struct err *err)
{
    struct opt_i64 owner = user.has ? user : a->user;

    if (payload_add(a->payload, path, data, len, mode.has ? (mode_t)mode.value : a->mode, err) < 0)
        return err->code;
    if (owner.has) {
        struct payload_file *f = (struct payload_file *)payload_find(a->payload, path);
        f->has_uid = true;
        f->uid = (uid_t)owner.value;
    }
    return 0;
}

static const struct opt_i32 no_mode;
static const struct opt_i64 no_user;

/* One key of an object with text and bytes: false when it has none of that name. */
struct keys {
    const struct json_map *text;
    const struct json_bytes_map *bytes;
};

static bool key_get(const struct keys *k, const char *key, const void **data, size_t *len)
{
    const char *text = json_map_get(k->text, key);
    const struct json_bytes *bytes = json_bytes_map_get(k->bytes, key);

    if (text) {
        *data = text;
        *len = strlen(text);
    } else if (bytes) {
        *data = bytes->data;
        *len = bytes->len;
    }
    return text || bytes;
}

static int add_all_keys(const struct payload_args *a, const struct keys *k, struct err *err)
{
    for (size_t i = 0; i < k->bytes->len; i++) {
        const struct json_bytes_pair *p = &k->bytes->items[i];
        if (add(a, p->key, p->value.data, p->value.len, no_mode, no_user, err) < 0)
            return err->code;
    }
    for (size_t i = 0; i < k->text->len; i++) {
        const struct json_pair *p = &k->text->items[i];
        if (add(a, p->key, p->value, strlen(p->value), no_mode, no_user, err) < 0)
            return err->code;
    }
    return 0;
}

static int add_keys(const struct payload_args *a, const struct keys *k, const struct k8s_key_to_path *items,
                    size_t items_len, bool optional, const char *what, struct err *err)
{
    if (!items_len)
        return add_all_keys(a, k, err);
    for (size_t i = 0; i < items_len; i++) {
        const void *data = NULL;
        size_t len = 0;
        if (key_get(k, items[i].key, &data, &len)) {
            if (add(a, items[i].path, data, len, items[i].mode, items[i].user, err) < 0)
                return err->code;
        } else if (!optional) {
            return err_set(err, -ENOENT, "%s key: %s", what, items[i].key);
        }
    }
    return 0;
}

int payload_add_config_map(const struct payload_args *a, const char *name, bool optional,
                           const struct k8s_key_to_path *items, size_t items_len, struct err *err)
{
    const struct k8s_config_map *map =
        K8S_OBJECT_AS(fetched_get(a->req->fetched, REFERENCE_CONFIG_MAP, name), k8s_config_map);

    if (!map)
        return optional ? 0 : err_set(err, -ENOENT, "configmap \"%s\" not found", str_or(name, ""));
    const struct keys keys = { .text = &map->data, .bytes = &map->binary_data };
    return add_keys(a, &keys, items, items_len, optional, "configmap references non-existent config", err);
}

int payload_add_secret(const struct payload_args *a, const char *name, bool optional,
                       const struct k8s_key_to_path *items, size_t items_len, struct err *err)
{
    const struct k8s_secret *secret =
        K8S_OBJECT_AS(fetched_get(a->req->fetched, REFERENCE_SECRET, name), k8s_secret);

    if (!secret)
        return optional ? 0 : err_set(err, -ENOENT, "secret \"%s\" not found", str_or(name, ""));
    const struct keys keys = { .text = &secret->string_data, .bytes = &secret->data };
    return add_keys(a, &keys, items, items_len, optional, "references non-existent secret", err);
}

int payload_add_downward_api(const struct payload_args *a, const struct k8s_downward_api_volume_file *items,
                             size_t items_len, struct err *err)
{
    AUTO(arena_unref) struct arena *arena = arena_new(2 * LIMIT_DOWNWARD_BYTES);

    for (size_t i = 0; i < items_len; i++) {
        const char *value = "";
        int r = 0;
        if (items[i].field_ref)
            r = field_value(a->req->pod, a->req->facts, items[i].field_ref->field_path, true, arena, &value, err);
        else if (items[i].resource_field_ref)
            r = resource_value(a->req->pod, NULL, a->req->facts, items[i].resource_field_ref, arena, &value, err);
        if (r < 0 || add(a, items[i].path, value, strlen(value), items[i].mode, items[i].user, err) < 0)
            return err->code;
    }
    return 0;
}

/* A token is readable by the one user that all containers run as, if there is such a user. */
static bool common_user(const struct k8s_pod *pod, int64_t *ret_uid)
{
    const struct k8s_pod_security_context *psc = pod->spec.security_context;
    size_t init = pod->spec.init_containers.len, len = init + pod->spec.containers.len;
    bool found = false;

    for (size_t i = 0; i < len; i++) {
        const struct k8s_container *c =
            i < init ? &pod->spec.init_containers.items[i] : &pod->spec.containers.items[i - init];
        const struct k8s_security_context *sc = c->security_context;
        struct opt_i64 user = sc && sc->run_as_user.has ? sc->run_as_user : psc ? psc->run_as_user : no_user;
        if (!user.has || (found && user.value != *ret_uid))
            return false;
        *ret_uid = user.value;
        found = true;
    }
    return found;
}

int payload_add_token(const struct payload_args *a, const struct k8s_service_account_token_projection *t,
                      struct err *err)
{
    const struct k8s_token_request *token = K8S_OBJECT_AS(
        fetched_token(a->req->fetched, t->audience, t->expiration_seconds.has ? t->expiration_seconds.value : 0),
        k8s_token_request);
    struct opt_i64 user = t->user;
    struct opt_i32 mode = no_mode;

    if (!token || str_empty(token->status.token))
        return err_set(err, -ENOENT, "failed to fetch token: there is no API server to ask");
    if (!user.has && common_user(a->req->pod, &user.value)) {
        user.has = true;
        mode = (struct opt_i32){ .has = true, .value = 0600 };
    }
    return add(a, t->path, token->status.token, strlen(token->status.token), mode, user, err);
}
