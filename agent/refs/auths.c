/* SPDX-License-Identifier: Apache-2.0 */
#include "auths.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "k8s/object.h"
#include "k8s/secret.h"
#include "rt/keyring.h"

static const struct {
    const char *type, *key;
    enum rt_keyring_form form;
} forms[] = {
    { "kubernetes.io/dockerconfigjson", ".dockerconfigjson", RT_DOCKERCONFIGJSON },
    { "kubernetes.io/dockercfg", ".dockercfg", RT_DOCKERCFG },
};

static void add_secret(struct rt_keyring *k, const struct k8s_secret *secret)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        const struct json_bytes *bytes = json_bytes_map_get(&secret->data, forms[i].key);
        const char *text = json_map_get(&secret->string_data, forms[i].key);
        if (!str_eq(secret->type, forms[i].type))
            continue;
        if (bytes)
            (void)rt_keyring_add(k, forms[i].form, (const char *)bytes->data, bytes->len, NULL);
        if (text)
            (void)rt_keyring_add(k, forms[i].form, text, strlen(text), NULL);
    }
}

/* What the keyring lends lives no longer than it: the answer is copied. */
static void copy(const struct rt_auths *found, struct arena *arena, struct rt_auths *ret)
{
    struct rt_auth *items = arena_alloc(arena, (found->len + 1) * sizeof(*items));

    *ret = (struct rt_auths){ .items = items, .len = items ? found->len : 0 };
    for (size_t i = 0; i < ret->len; i++)
        items[i] = (struct rt_auth){ .username = arena_strdup(arena, found->items[i].username),
                                     .password = arena_strdup(arena, found->items[i].password),
                                     .identity_token = arena_strdup(arena, found->items[i].identity_token),
                                     .registry_token = arena_strdup(arena, found->items[i].registry_token) };
}

void auths_for(const char *image, const struct fetched_set *set, const char *docker_config, struct arena *arena,
               struct rt_auths *ret)
{
    AUTO(rt_keyring_free) struct rt_keyring *k = rt_keyring_new();

    for (size_t i = 0; set && i < set->len; i++)
        if (set->items[i].kind == REFERENCE_SECRET && set->items[i].object)
            add_secret(k, K8S_OBJECT_AS(set->items[i].object, k8s_secret));
    if (docker_config)
        (void)rt_keyring_add(k, RT_DOCKERCONFIGJSON, docker_config, strlen(docker_config), NULL);
    const struct rt_auths found = rt_keyring_find(k, image);
    copy(&found, arena, ret);
}
