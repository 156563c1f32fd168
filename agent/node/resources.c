/* SPDX-License-Identifier: Apache-2.0 */
/* resources.c - capacity and allocatable, by the table of what we own. */
#include "resources.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "pressure.h"

struct own {
    const char *name;
    const char *eviction_signal; /* NULL: none is held back */
};
static const struct own own[] = {
    { "cpu", NULL },
    { "ephemeral-storage", "nodefs.available" },
    { "memory", "memory.available" },
    { "pods", NULL },
};

static struct k8s_quantity capacity_of(size_t i, const struct node_facts *f, const struct config *c)
{
    const struct k8s_quantity all[ARRAY_LEN(own)] = {
        k8s_quantity_from_value(f->cpus, K8S_DECIMAL_SI),
        k8s_quantity_from_value(f->nodefs_bytes, K8S_BINARY_SI),
        k8s_quantity_from_value(f->memory_bytes, K8S_BINARY_SI),
        k8s_quantity_from_value(c->max_pods, K8S_DECIMAL_SI),
    };
    return all[i];
}

static void subtract(struct k8s_quantity *from, const struct k8s_quantity *q)
{
    *from = k8s_quantity_sub(from, q);
    if (from->whole < 0 || from->nano < 0)
        *from = k8s_quantity_from_value(0, from->format);
}

static void subtract_map(struct k8s_quantity *from, const struct config_map *map, const char *name)
{
    for (size_t i = 0; i < map->len; i++) {
        struct k8s_quantity q;
        if (str_eq(map->items[i].key, name) &&
            k8s_quantity_parse(map->items[i].value, strlen(map->items[i].value), &q) == 0)
            subtract(from, &q);
    }
}

static struct k8s_quantity allocatable_of(size_t i, const struct k8s_quantity *capacity, const struct node_facts *f,
                                          const struct config *c)
{
    struct k8s_quantity left = *capacity;
    subtract_map(&left, &c->kube_reserved, own[i].name);
    subtract_map(&left, &c->system_reserved, own[i].name);
    if (own[i].eviction_signal) {
        int64_t amount = node_threshold(&c->eviction_hard, own[i].eviction_signal, k8s_quantity_value(capacity));
        struct k8s_quantity q = k8s_quantity_from_value(amount, K8S_BINARY_SI);
        subtract(&left, &q);
    }
    if (str_eq(own[i].name, "memory") && f->hugepages_bytes > 0) {
        struct k8s_quantity q = k8s_quantity_from_value(f->hugepages_bytes, K8S_BINARY_SI);
        subtract(&left, &q);
    }
    return left;
}

static bool is_own(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        if (str_eq(own[i].name, name))
            return true;
    }
    return false;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct k8s_resource *)a)->name, ((const struct k8s_resource *)b)->name);
}

static struct k8s_resource_list merged(const struct k8s_quantity *values, const struct k8s_resource_list *before,
                                       struct arena *arena)
{
    size_t n = 0, len = ARRAY_LEN(own) + (before ? before->len : 0);
    struct k8s_resource *items = arena_alloc(arena, len * sizeof *items);
    if (!items)
        return (struct k8s_resource_list){ .len = 0 };
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        items[n++] = (struct k8s_resource){ .name = own[i].name, .quantity = values[i] };
    for (size_t i = 0; before && i < before->len; i++) {
        if (!is_own(before->items[i].name))
            items[n++] = before->items[i];
    }
    qsort(items, n, sizeof *items, by_name);
    return (struct k8s_resource_list){ .items = items, .len = n };
}

void node_resources(const struct node_facts *facts, const struct config *config,
                    const struct k8s_resource_list *before_capacity, const struct k8s_resource_list *before_allocatable,
                    struct arena *arena, struct k8s_resource_list *ret_capacity,
                    struct k8s_resource_list *ret_allocatable)
{
    struct k8s_quantity capacity[ARRAY_LEN(own)], allocatable[ARRAY_LEN(own)];
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        capacity[i] = capacity_of(i, facts, config);
        allocatable[i] = allocatable_of(i, &capacity[i], facts, config);
    }
    *ret_capacity = merged(capacity, before_capacity, arena);
    *ret_allocatable = merged(allocatable, before_allocatable, arena);
}
