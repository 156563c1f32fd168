/* SPDX-License-Identifier: Apache-2.0 */
#include "labels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"

static const struct rt_handler handlers[] = { { .name = "" }, { .name = "crun" } };

static char *text(const struct json_map *m)
{
    struct buf b = BUF_INIT(10000);
    for (size_t i = 0; i < m->len; i++)
        buf_printf(&b, "%s=%s ", m->items[i].key, m->items[i].value);
    return buf_take(&b);
}

static void a_new_node_gets_ours_and_the_administrators(void **state)
{
    (void)state;
    struct node_facts facts = { .name = (char[]){ "n1" }, .architecture = "amd64" };
    struct config_pair extra[] = { { (char[]){ "zone" }, (char[]){ "z" } },
                                   { (char[]){ "kubernetes.io/os" }, (char[]){ "plan9" } } };
    struct config config = { .node_labels = { extra, 2 } };
    struct json_map labels;
    AUTO(arena_unref) struct arena *arena = arena_new(100000);
    node_labels(&facts, &config, handlers, 2, NULL, arena, &labels);
    AUTO(free) char *got = text(&labels);
    assert_string_equal(got, "beta.kubernetes.io/arch=amd64 beta.kubernetes.io/os=linux kubernetes.io/arch=amd64 "
                             "kubernetes.io/hostname=n1 kubernetes.io/os=linux node.oarsman.dev/runtime-crun=true zone=z ");
}

static void an_existing_node_keeps_what_is_not_ours(void **state)
{
    (void)state;
    struct node_facts facts = { .name = (char[]){ "n1" }, .architecture = "arm64" };
    struct config_pair extra[] = { { (char[]){ "zone" }, (char[]){ "new" } } };
    struct config config = { .node_labels = { extra, 1 } };
    const struct json_pair before[] = { { "kubernetes.io/arch", "amd64" },
                                        { "node.oarsman.dev/runtime-gone", "true" },
                                        { "team", "blue" },
                                        { "zone", "old" } };
    struct json_map was = { before, 4 }, labels;
    AUTO(arena_unref) struct arena *arena = arena_new(100000);
    node_labels(&facts, &config, handlers, 2, &was, arena, &labels);
    assert_string_equal(json_map_get(&labels, "kubernetes.io/arch"), "arm64");
    assert_string_equal(json_map_get(&labels, "team"), "blue");
    assert_string_equal(json_map_get(&labels, "zone"), "old");
    assert_string_equal(json_map_get(&labels, "node.oarsman.dev/runtime-crun"), "true");
    assert_null(json_map_get(&labels, "node.oarsman.dev/runtime-gone"));
}

static void a_node_for_krustlets_manifests_has_their_architecture_and_stays_linux(void **state)
{
    (void)state;
    struct node_facts facts = { .name = (char[]){ "n1" }, .architecture = "amd64" };
    struct config config = { .wasm_krustlet = true };
    const struct json_pair before[] = { { "beta.kubernetes.io/arch", "amd64" }, { "kubernetes.io/arch", "amd64" } };
    struct json_map was = { before, 2 }, labels;
    AUTO(arena_unref) struct arena *arena = arena_new(100000);
    node_labels(&facts, &config, handlers, 2, &was, arena, &labels);
    AUTO(free) char *got = text(&labels);
    assert_string_equal(got, "beta.kubernetes.io/arch=wasm32-wasi beta.kubernetes.io/os=linux kubernetes.io/arch=wasm32-wasi "
                             "kubernetes.io/hostname=n1 kubernetes.io/os=linux node.oarsman.dev/runtime-crun=true type=krustlet ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_node_gets_ours_and_the_administrators),
        cmocka_unit_test(an_existing_node_keeps_what_is_not_ours),
        cmocka_unit_test(a_node_for_krustlets_manifests_has_their_architecture_and_stays_linux),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
