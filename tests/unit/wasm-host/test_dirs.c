/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "dirs.h"

static char root[64];

static int set_up(void **state)
{
    static const char *const folders[] = { "work/sub", "etc", "data", "tmp" };
    AUTO(free) char *file = NULL;
    AUTO(free) char *link = NULL;

    (void)state;
    (void)snprintf(root, sizeof(root), "/tmp/test_dirs.XXXXXX");
    if (!mkdtemp(root))
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        AUTO(free) char *path = xasprintf("%s/%s", root, folders[i]);

        if (path_mkdirs(path, 0755, NULL) < 0)
            return -1;
    }
    file = xasprintf("%s/file", root);
    link = xasprintf("%s/link", root);
    return file_write_atomic(AT_FDCWD, file, "", 0, 0644, 0, NULL) < 0 || symlink("data", link) < 0;
}

static int tear_down(void **state)
{
    (void)state;
    return path_remove_tree(root, NULL);
}

static int by_name(const void *a, const void *b)
{
    const struct component_dir *one = a, *other = b;

    return strcmp(one->guest_path, other->guest_path);
}

/* "NAME=PLACE NAME=PLACE!", sorted; "!": nothing can be written there. */
static void check(const struct dirs_input *in, const char *want)
{
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);
    AUTO(buf_done) struct buf text = BUF_INIT(64 * KIB);
    AUTO(free) struct component_dir *sorted = NULL;
    const struct component_dir *dirs;
    struct err err = ERR_INIT;
    size_t len;

    if (dirs_choose(in, arena, &dirs, &len, &err) < 0)
        fail_msg("%s: %s", want, err.msg);
    sorted = xcalloc(len + 1, sizeof(*sorted));
    memcpy(sorted, dirs, len * sizeof(*sorted));
    qsort(sorted, len, sizeof(*sorted), by_name);
    for (size_t i = 0; i < len; i++) {
        assert_true(str_has_prefix(sorted[i].host_path, root));
        (void)buf_printf(&text, "%s%s=%s%s", i ? " " : "", sorted[i].guest_path, sorted[i].host_path + strlen(root),
                         sorted[i].writable ? "" : "!");
    }
    assert_string_equal(buf_str(&text), want);
}

static void at_the_root_it_is_the_root_and_every_volume(void **state)
{
    const struct view_mount mounts[] = {
        { .destination = "/data" },
        { .destination = "/etc/hosts", .file = true, .system = true },
        { .destination = "/config", .readonly = true },
        { .destination = "/dev/shm", .system = true },
    };
    const struct dirs_input in = { .root = root, .cwd = "/", .mounts = mounts, .mounts_len = ARRAY_LEN(mounts) };

    (void)state;
    check(&in, "/=/ /config=/config! /data=/data");
}

static void elsewhere_it_is_that_place_and_every_directory_of_the_root(void **state)
{
    const struct view_mount mounts[] = { { .destination = "/data" }, { .destination = "/srv/deep/volume" } };
    const struct dirs_input in = { .root = root, .cwd = "/work/sub", .mounts = mounts, .mounts_len = ARRAY_LEN(mounts) };

    (void)state;
    check(&in, ".=/work/sub /data=/data /etc=/etc /link=/link /srv/deep/volume=/srv/deep/volume /tmp=/tmp /work=/work");
}

static void what_is_read_only_as_a_whole_is_not_to_be_written(void **state)
{
    struct view_mount mounts[] = {
        { .destination = "/etc/hosts", .file = true, .system = true, .readonly = true },
        { .destination = "/data", .readonly = false },
        { .destination = "/work", .readonly = true },
        { .destination = "/work/sub/rw", .readonly = false },
    };
    struct dirs_input in = { .root = root, .cwd = "/work/sub", .readonly = true, .mounts = mounts, .mounts_len = ARRAY_LEN(mounts) };

    (void)state;
    check(&in, ".=/work/sub! /data=/data /etc=/etc! /link=/link! /tmp=/tmp! /work=/work! /work/sub/rw=/work/sub/rw");
    mounts[0].readonly = false; /* a file that can be written, which has no directory of its own */
    check(&in, ".=/work/sub! /data=/data /etc=/etc /link=/link! /tmp=/tmp! /work=/work! /work/sub/rw=/work/sub/rw");
    in.cwd = "/";
    check(&in, "/=/ /data=/data /work=/work! /work/sub/rw=/work/sub/rw");
    mounts[0].readonly = true;
    check(&in, "/=/! /data=/data /work=/work! /work/sub/rw=/work/sub/rw");
    in.readonly = false;
    check(&in, "/=/ /data=/data /work=/work! /work/sub/rw=/work/sub/rw");
}

static void names_that_only_begin_alike_are_not_one_below_the_other(void **state)
{
    const struct view_mount mounts[] = { { .destination = "/da", .readonly = true }, { .destination = "/data" },
                                         { .destination = "/w/", .readonly = true }, { .destination = "/w/x" } };
    const struct dirs_input in = { .root = root, .cwd = "/", .mounts = mounts, .mounts_len = ARRAY_LEN(mounts) };

    (void)state;
    check(&in, "/=/ /da=/da! /data=/data /w/=/w/! /w/x=/w/x");
}

static void a_working_directory_that_cannot_be_entered_is_refused(void **state)
{
    static const struct {
        const char *cwd;
        int rc;
    } rows[] = { { "/nowhere", -ENOENT }, { "/file", -ENOTDIR }, { "/file/below", -ENOTDIR } };
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct dirs_input in = { .root = root, .cwd = rows[i].cwd };
        const struct component_dir *dirs = NULL;
        struct err err = ERR_INIT;
        size_t len;

        (void)chmod(root, 0755);
        /* A file may be executable or not: it is no directory, or cannot be entered. */
        if (dirs_choose(&in, arena, &dirs, &len, &err) != rows[i].rc && !(i == 1 && err.code == -EACCES))
            fail_msg("%s: %d %s", rows[i].cwd, err.code, err.msg);
        assert_non_null(strstr(err.msg, rows[i].cwd));
        assert_null(dirs);
    }
}

static void there_are_not_more_than_there_may_be(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);
    AUTO(free) struct view_mount *mounts = xcalloc(LIMIT_WASM_DIRS, sizeof(*mounts));
    struct dirs_input in = { .root = root, .cwd = "/", .mounts = mounts, .mounts_len = LIMIT_WASM_DIRS - 1 };
    const struct component_dir *dirs;
    struct err err = ERR_INIT;
    size_t len;

    (void)state;
    for (size_t i = 0; i < LIMIT_WASM_DIRS; i++)
        mounts[i].destination = arena_printf(arena, "/v%zu", i);
    assert_int_equal(dirs_choose(&in, arena, &dirs, &len, &err), 0);
    assert_int_equal(len, LIMIT_WASM_DIRS);
    in.mounts_len = LIMIT_WASM_DIRS;
    assert_int_equal(dirs_choose(&in, arena, &dirs, &len, &err), -E2BIG);
    assert_non_null(strstr(err.msg, "directories"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_the_root_it_is_the_root_and_every_volume),
        cmocka_unit_test(elsewhere_it_is_that_place_and_every_directory_of_the_root),
        cmocka_unit_test(what_is_read_only_as_a_whole_is_not_to_be_written),
        cmocka_unit_test(names_that_only_begin_alike_are_not_one_below_the_other),
        cmocka_unit_test(a_working_directory_that_cannot_be_entered_is_refused),
        cmocka_unit_test(there_are_not_more_than_there_may_be),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
