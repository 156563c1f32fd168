/* SPDX-License-Identifier: Apache-2.0 */
/* copies.c - values that outlive the object they were taken from. */
#include <fcntl.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "daemon_private.h"

void json_map_copy(struct owned_map *dst, const struct json_map *src)
{
    struct arena *arena = src ? arena_new(LIMIT_K8S_OBJECT_BYTES) : NULL;
    struct json_pair *items = src ? arena_alloc(arena, (src->len + 1) * sizeof(*items)) : NULL;
    struct json_map copy = { .items = items };

    for (size_t i = 0; items && i < src->len; i++)
        items[copy.len++] = (struct json_pair){ .key = arena_strdup(arena, src->items[i].key),
                                                .value = arena_strdup(arena, src->items[i].value) };
    arena_unref(dst->arena);
    *dst = (struct owned_map){ .map = copy, .arena = arena };
}

void resources_copy(struct owned_resources *dst, const struct k8s_resource_list *src)
{
    struct arena *arena = src ? arena_new(LIMIT_K8S_OBJECT_BYTES) : NULL;
    struct k8s_resource *items = src ? arena_alloc(arena, (src->len + 1) * sizeof(*items)) : NULL;
    struct k8s_resource_list copy = { .items = items };

    for (size_t i = 0; items && i < src->len; i++)
        items[copy.len++] = (struct k8s_resource){ .name = arena_strdup(arena, src->items[i].name),
                                                   .quantity = src->items[i].quantity };
    arena_unref(dst->arena);
    *dst = (struct owned_resources){ .list = copy, .arena = arena };
}

void taints_copy(struct owned_taints *dst, const struct k8s_taint *src, size_t len)
{
    struct arena *arena = len ? arena_new(LIMIT_K8S_OBJECT_BYTES) : NULL;
    struct k8s_taint *items = len ? arena_alloc(arena, len * sizeof(*items)) : NULL;

    for (size_t i = 0; items && i < len; i++)
        items[i] = (struct k8s_taint){ .key = arena_strdup(arena, src[i].key), .value = arena_strdup(arena, src[i].value),
                                       .effect = arena_strdup(arena, src[i].effect) };
    arena_unref(dst->arena);
    *dst = (struct owned_taints){ .items = items, .len = items ? len : 0, .arena = arena };
}

char *docker_config_read(const char *root_dir)
{
    AUTO(free) char *own = xasprintf("%s/config.json", root_dir);
    const char *const paths[] = { own, "/root/.docker/config.json" };

    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_KUBECONFIG_BYTES);
        if (file_read(AT_FDCWD, paths[i], &text, NULL) == 0)
            return xstrdup(buf_str(&text));
    }
    return NULL;
}
