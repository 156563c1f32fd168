/* SPDX-License-Identifier: Apache-2.0 */
/* labels.c - the labels that a node gives itself. */
#include "labels.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

static void put(struct json_pair *items, size_t *len, const char *key, const char *value)
{
    for (size_t i = 0; i < *len; i++) {
        if (!str_eq(items[i].key, key))
            continue;
        items[i].value = value;
        return;
    }
    items[(*len)++] = (struct json_pair){ key, value };
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct json_pair *)a)->key, ((const struct json_pair *)b)->key);
}

void node_labels(const struct node_facts *facts, const struct config *config, const struct rt_handler *handlers,
                 size_t handlers_len, const struct json_map *before, struct arena *arena, struct json_map *ret)
{
    const char *arch = config->wasm_krustlet ? NODE_KRUSTLET_ARCH : facts->architecture;
    const struct json_pair fixed[] = {
        { "kubernetes.io/hostname", facts->name }, { "kubernetes.io/os", "linux" },    { NODE_ARCH_LABEL, arch },
        { "beta.kubernetes.io/os", "linux" },      { "beta.kubernetes.io/arch", arch },
    };
    size_t room = ARRAY_LEN(fixed) + 1 + handlers_len + (before ? before->len : config->node_labels.len), n = 0;
    struct json_pair *items = arena_alloc(arena, room * sizeof *items);
    *ret = (struct json_map){ .len = 0 };
    if (!items)
        return;
    for (size_t i = 0; before && i < before->len; i++) {
        if (!str_has_prefix(before->items[i].key, NODE_LABEL_RUNTIME))
            items[n++] = before->items[i];
    }
    for (size_t i = 0; !before && i < config->node_labels.len; i++)
        put(items, &n, config->node_labels.items[i].key, config->node_labels.items[i].value);
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        put(items, &n, fixed[i].key, fixed[i].value);
    if (config->wasm_krustlet)
        put(items, &n, "type", "krustlet");
    for (size_t i = 0; i < handlers_len; i++) {
        char *key = arena_printf(arena, NODE_LABEL_RUNTIME "%s", handlers[i].name);
        if (key && !str_empty(handlers[i].name))
            put(items, &n, key, "true");
    }
    qsort(items, n, sizeof *items, by_key);
    *ret = (struct json_map){ .items = items, .len = n };
}
