/* SPDX-License-Identifier: Apache-2.0 */
#include "resources.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

static char *text(const struct k8s_resource_list *l)
{
    struct buf b = BUF_INIT(10000);
    for (size_t i = 0; i < l->len; i++) {
        char q[K8S_QUANTITY_TEXT_BYTES];
        buf_printf(&b, "%s=%s ", l->items[i].name, k8s_quantity_print(&l->items[i].quantity, q));
    }
    return buf_take(&b);
}

static void what_is_held_back_is_not_allocatable(void **state)
{
    (void)state;
    struct config_pair kube[] = { { (char[]){ "cpu" }, (char[]){ "250m" } }, { (char[]){ "memory" }, (char[]){ "1Gi" } } };
    struct config_pair sys[] = { { (char[]){ "memory" }, (char[]){ "1Gi" } } };
    struct config_pair hard[] = { { (char[]){ "memory.available" }, (char[]){ "100Mi" } },
                                  { (char[]){ "nodefs.available" }, (char[]){ "10%" } } };
    const struct config config = { .max_pods = 110, .kube_reserved = { kube, 2 }, .system_reserved = { sys, 1 },
                                   .eviction_hard = { hard, 2 } };
    const struct node_facts facts = { .cpus = 2, .memory_bytes = 24684084ll * 1024, .hugepages_bytes = 4 << 20,
                                      .nodefs_bytes = 1000 * 1024 };
    struct k8s_resource_list capacity, allocatable;
    AUTO(arena_unref) struct arena *arena = arena_new(100000);
    node_resources(&facts, &config, NULL, NULL, arena, &capacity, &allocatable);
    AUTO(free) char *a = text(&capacity);
    AUTO(free) char *b = text(&allocatable);
    assert_string_equal(a, "cpu=2 ephemeral-storage=1000Ki memory=24684084Ki pods=110 ");
    assert_string_equal(b, "cpu=1750m ephemeral-storage=900Ki memory=22480436Ki pods=110 ");
}

static void resources_of_others_stay_and_none_is_negative(void **state)
{
    (void)state;
    struct config_pair kube[] = { { (char[]){ "memory" }, (char[]){ "99Gi" } }, { (char[]){ "cpu" }, (char[]){ "x" } } };
    const struct config config = { .max_pods = 5, .kube_reserved = { kube, 2 } };
    const struct node_facts facts = { .cpus = 1, .memory_bytes = 1 << 30, .nodefs_bytes = 1 << 30 };
    const struct k8s_resource foreign[] = { { "cpu", k8s_quantity_from_value(999, K8S_DECIMAL_SI) },
                                            { "example.com/thing", k8s_quantity_from_value(3, K8S_DECIMAL_SI) },
                                            { "zzz.com/x", k8s_quantity_from_value(1, K8S_DECIMAL_SI) } };
    const struct k8s_resource_list before = { foreign, 3 };
    struct k8s_resource_list capacity, allocatable;
    AUTO(arena_unref) struct arena *arena = arena_new(100000);
    node_resources(&facts, &config, &before, &before, arena, &capacity, &allocatable);
    AUTO(free) char *a = text(&capacity);
    AUTO(free) char *b = text(&allocatable);
    assert_string_equal(a, "cpu=1 ephemeral-storage=1Gi example.com/thing=3 memory=1Gi pods=5 zzz.com/x=1 ");
    assert_string_equal(b, "cpu=1 ephemeral-storage=1Gi example.com/thing=3 memory=0 pods=5 zzz.com/x=1 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_held_back_is_not_allocatable),
        cmocka_unit_test(resources_of_others_stay_and_none_is_negative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
