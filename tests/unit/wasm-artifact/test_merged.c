/* SPDX-License-Identifier: Apache-2.0 */
#include "merged.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "tree.h"

/* What is in a file: the name of the entry that made it. */
static void make(const char *const *entries, size_t len)
{
    for (size_t i = 0; i < len; i++)
        tree_add(entries[i], entries[i], strlen(entries[i]));
}

/* l0 is the topmost of three. */
static int make_tree(void **state)
{
    static const char *const entries[] = {
        "l2/bin/deep/program", "l2/bin/low", "l2/gone", "l2/dir/below", "l2/was-dir/x", "l2/shadow/x", "l2/opaque/old", "l2/opaque/sub/old",
        "l2/usr/lib/m.wasm", "l2/gone-dir/x", "l2/back/old", "l2/link-target",
        "l1/bin/middle", "l1/gone !", "l1/was-dir", "l1/up -> ../../../bin/low", "l1/absolute -> /usr/lib/m.wasm",
        "l1/gone-dir !", "l1/back !", "l1/dir-link -> usr/lib", "l1/etc -> nowhere", "l1/shadow -> usr/lib", "l1/upper-link -> link-target",
        "l0/top", "l0/bin/low", "l0/cross -> bin/middle", "l0/loop -> loop", "l0/a -> b", "l0/b -> a", "l0/self -> .",
        "l0/dir/", "l0/shadow/y", "l0/opaque/ y", "l0/opaque/new", "l0/back/new", "l0/link-target !", "l0/through -> dir-link/m.wasm",
        "l0/up-and-down -> bin/../bin/deep/../deep/program", "l0/host -> /proc/self/root/etc/passwd",
        "l0/out -> ../../../../../../etc/passwd", "l0/slash -> top/",
    };
    if (tree_setup(state) < 0)
        return -1;
    make(entries, ARRAY_LEN(entries));
    return 0;
}

struct lookup {
    const char *path, *want; /* the entry that made it; NULL: absent */
};

static void check(const struct lookup *c)
{
    AUTO(arena_unref) struct arena *arena = arena_new(64 * KIB);
    const struct rt_strings layers = tree_layers(3);
    struct merged_file file = { .fd = -1 };
    struct err err = ERR_INIT;
    char text[128] = "", path[512];
    int rc = merged_open(&layers, c->path, arena, &file, &err);
    if (rc < 0)
        fail_msg("%s: %s", c->path, err.msg);
    if ((rc == 0) != (c->want != NULL))
        fail_msg("%s: %s", c->path, rc == 0 ? file.path : "absent");
    if (rc != 0)
        return;
    assert_true(read(file.fd, text, sizeof(text) - 1) > 0);
    (void)close(file.fd);
    (void)snprintf(path, sizeof(path), "%s/%s", tree_root(), c->want);
    if (!str_eq(text, c->want) || !str_eq(file.path, path) || !str_eq(file.inside, c->want + 2))
        fail_msg("%s: %s (%s, %s)", c->path, text, file.path, file.inside);
}

static void upper_layers_hide_what_is_below(void **state)
{
    static const struct lookup cases[] = {
        { "top", "l0/top" },
        { "/top", "l0/top" },
        { "//./top", "l0/top" },
        { "bin/low", "l0/bin/low" },
        { "bin/middle", "l1/bin/middle" },
        { "bin/deep/program", "l2/bin/deep/program" },
        { "dir/below", "l2/dir/below" },
        { "gone", NULL },
        { "gone-dir/x", NULL },
        { "was-dir", "l1/was-dir" },
        { "was-dir/x", NULL },
        { "back/new", "l0/back/new" },
        { "back/old", NULL },
        { "nowhere", NULL },
        { "top/", NULL },
        { "top/x", NULL },
        { "bin", NULL },
        { "", NULL },
        { "/", NULL },
        { "..", NULL },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check(&cases[i]);
}

static void links_are_followed_in_all_layers_and_never_out(void **state)
{
    static const struct lookup cases[] = {
        { "up", "l0/bin/low" },
        { "absolute", "l2/usr/lib/m.wasm" },
        { "cross", "l1/bin/middle" },
        { "through", "l2/usr/lib/m.wasm" },
        { "dir-link/m.wasm", "l2/usr/lib/m.wasm" },
        { "dir-link/../lib/m.wasm", "l2/usr/lib/m.wasm" }, /* from where the link leads, not from where it is */
        { "self/self/top", "l0/top" },
        { "up-and-down", "l2/bin/deep/program" },
        { "upper-link", NULL },
        { "shadow/y", "l0/shadow/y" },
        { "shadow/m.wasm", NULL }, /* the link below a directory leads nobody anywhere */
        { "shadow/x", NULL },
        { "loop", NULL },
        { "a", NULL },
        { "etc/passwd", NULL },
        { "out", NULL },
        { "host", NULL },
        { "slash", NULL },
        { "../../../etc/passwd", NULL },
        { "../../top", "l0/top" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check(&cases[i]);
}

static void opaque_directories_hide_their_namesakes(void **state)
{
    static const struct lookup cases[] = {
        { "opaque/new", "l0/opaque/new" },
        { "opaque/old", NULL },
        { "opaque/sub/old", NULL },
        { "opaque/../bin/deep/program", "l2/bin/deep/program" }, /* beside it everything is as it was */
    };
    (void)state;
    if (!tree_has_opaque()) {
        print_message("no directory can be marked opaque here: that takes root\n");
        skip();
    }
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check(&cases[i]);
}

static void a_way_without_end_is_given_up(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(64 * KIB);
    const char *items[LIMIT_IMAGE_LAYERS], *layer = tree_layers(1).items[0];
    struct rt_strings layers = { items, LIMIT_IMAGE_LAYERS };
    struct merged_file file;
    struct err err = ERR_INIT;
    char path[LIMIT_PATH_BYTES] = "";
    (void)state;
    for (size_t i = 0; i < layers.len; i++)
        items[i] = layer;
    for (size_t i = 0; i < 200; i++)
        (void)strncat(path, "bin/../", sizeof(path) - strlen(path) - 1);
    assert_int_equal(merged_open(&layers, path, arena, &file, &err), -ELOOP);
    assert_non_null(strstr(err.msg, "too many steps"));
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(merged_open(&layers, path, arena, &file, &err), MERGED_ABSENT);
}

static void a_layer_that_is_not_there_is_an_error(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(64 * KIB);
    const char *nowhere = "/nowhere/at/all";
    const struct rt_strings layers = { &nowhere, 1 };
    struct merged_file file;
    struct err err = ERR_INIT;
    (void)state;
    assert_int_equal(merged_open(&layers, "x", arena, &file, &err), -ENOENT);
    assert_non_null(strstr(err.msg, nowhere));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(upper_layers_hide_what_is_below),
        cmocka_unit_test(links_are_followed_in_all_layers_and_never_out),
        cmocka_unit_test(opaque_directories_hide_their_namesakes),
        cmocka_unit_test(a_way_without_end_is_given_up),
        cmocka_unit_test(a_layer_that_is_not_there_is_an_error),
    };
    return cmocka_run_group_tests(tests, make_tree, tree_teardown);
}
