/* SPDX-License-Identifier: Apache-2.0 */
#include "taints.h"

#include "base/mem.h"
#include "base/str.h"
#include "labels.h"

static bool is_given(const struct config_taints *given, const struct k8s_taint *taint)
{
    for (size_t i = 0; i < given->len; i++)
        if (str_eq(given->items[i].key, taint->key) && str_eq(given->items[i].effect, taint->effect))
            return true;
    return false;
}

size_t node_taints(const struct config *config, struct arena *arena, const struct k8s_taint **ret)
{
    const struct {
        bool wanted;
        struct k8s_taint taint;
    } ours[] = {
        /* A manifest of Krustlet's time tolerates Krustlet's taints, and none of ours. */
        { config->register_taint && !config->wasm_krustlet, { .key = NODE_TAINT, .effect = "NoSchedule" } },
        { config->wasm_krustlet, { .key = NODE_ARCH_LABEL, .value = NODE_KRUSTLET_ARCH, .effect = "NoSchedule" } },
        { config->wasm_krustlet, { .key = NODE_ARCH_LABEL, .value = NODE_KRUSTLET_ARCH, .effect = "NoExecute" } },
    };
    const struct config_taints *given = &config->register_with_taints;
    struct k8s_taint *items = arena_alloc(arena, (ARRAY_LEN(ours) + given->len) * sizeof(*items));
    size_t len = 0;
    *ret = items;
    if (!items)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(ours); i++)
        if (ours[i].wanted && !is_given(given, &ours[i].taint))
            items[len++] = ours[i].taint;
    for (size_t i = 0; i < given->len; i++)
        items[len++] = (struct k8s_taint){ .key = given->items[i].key, .value = given->items[i].value,
                                           .effect = given->items[i].effect };
    return len;
}
