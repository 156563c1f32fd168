/* SPDX-License-Identifier: Apache-2.0 */
/* node_images.c - which images a node's status names. The scheduler prefers nodes that have a pod's image. */
#include "node_images.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static int larger_first(const void *a, const void *b)
{
    const struct k8s_container_image *x = a, *y = b;
    if (x->size_bytes != y->size_bytes)
        return x->size_bytes < y->size_bytes ? 1 : -1;
    return strcmp(x->names.items[0], y->names.items[0]); /* a stable order makes no patches */
}

static void add_names(const char **names, size_t *len, const struct rt_strings *from, struct arena *arena)
{
    for (size_t i = 0; i < from->len && *len < NODE_IMAGE_NAMES_MAX; i++) {
        names[*len] = arena_strdup(arena, from->items[i]);
        if (names[*len])
            (*len)++;
    }
}

void node_images_pick(const struct rt_image_list *list, int64_t max, struct arena *arena,
                      const struct k8s_container_image **ret_items, size_t *ret_len)
{
    struct k8s_container_image *items = arena_alloc(arena, (list->len ? list->len : 1) * sizeof *items);
    size_t n = 0;
    for (size_t i = 0; items && i < list->len; i++) {
        const struct rt_image *image = &list->items[i];
        const char **names = arena_alloc(arena, NODE_IMAGE_NAMES_MAX * sizeof *names);
        size_t len = 0;
        if (!names)
            break;
        add_names(names, &len, &image->repo_digests, arena);
        add_names(names, &len, &image->repo_tags, arena);
        if (len == 0)
            continue;
        items[n].names.items = names;
        items[n].names.len = len;
        items[n++].size_bytes = image->size_bytes < INT64_MAX ? (int64_t)image->size_bytes : INT64_MAX;
    }
    if (n > 0)
        qsort(items, n, sizeof *items, larger_first);
    *ret_items = items;
    *ret_len = max >= 0 && n > (size_t)max ? (size_t)max : n;
}
