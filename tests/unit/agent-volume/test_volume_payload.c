/* SPDX-License-Identifier: Apache-2.0 */
/* test_volume_payload.c - the atomic writer, in a folder of its own. */
#include "volume/payload.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

static char dir[32];

static int setup(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/payload-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}
static int teardown(void **state)
{
    (void)state;
    return path_remove_tree(dir, NULL);
}

static void add(struct payload *p, const char *path, const char *text, mode_t mode)
{
    struct err err = ERR_INIT;
    if (payload_add(p, path, text, strlen(text), mode, &err) < 0)
        fail_msg("%s", err.msg);
}

static void write_it(const struct payload *p)
{
    struct err err = ERR_INIT;
    if (payload_write(dir, p, &err) < 0)
        fail_msg("%s", err.msg);
}

static char *in_dir(const char *name)
{
    return xasprintf("%s/%s", dir, name);
}

static void assert_content(const char *name, const char *want)
{
    AUTO(free) char *path = in_dir(name);
    AUTO(buf_done) struct buf text = BUF_INIT(1 << 20);
    struct err err = ERR_INIT;

    if (file_read(AT_FDCWD, path, &text, &err) < 0)
        fail_msg("%s", err.msg);
    assert_string_equal(buf_str(&text), want);
}

static void assert_link(const char *name, const char *want)
{
    AUTO(free) char *path = in_dir(name);
    char target[PATH_MAX] = "";

    assert_true(readlink(path, target, sizeof(target) - 1) > 0);
    if (want)
        assert_string_equal(target, want);
    else
        assert_true(str_has_prefix(target, "..") && !strchr(target, '/'));
}

static char *shown_folder(void)
{
    AUTO(free) char *path = in_dir("..data");
    char target[PATH_MAX] = "";
    assert_true(readlink(path, target, sizeof(target) - 1) > 0);
    return xstrdup(target);
}

static int count(int dirfd, const char *name, void *user)
{
    (void)dirfd;
    (void)name;
    (*(unsigned *)user)++;
    return 0;
}

static unsigned entries(void)
{
    unsigned n = 0;
    assert_int_equal(path_each(dir, count, &n, NULL), 0);
    return n;
}

static void files_are_shown_through_one_link(void **state)
{
    AUTO(payload_done) struct payload p = { 0 };

    (void)state;
    add(&p, "a", "one", 0644);
    add(&p, "sub/deep/b", "two", 0400);
    add(&p, "sub/c", "three", 0600);
    write_it(&p);
    assert_link("..data", NULL);
    assert_link("a", "..data/a");
    assert_link("sub", "..data/sub");
    assert_content("a", "one");
    assert_content("sub/deep/b", "two");
    assert_content("sub/c", "three");
    assert_int_equal(entries(), 4); /* the folder, ..data, a, sub */
}

static void modes_are_exact_whatever_the_umask(void **state)
{
    AUTO(payload_done) struct payload p = { 0 };
    struct stat st;
    mode_t old = umask(077);

    (void)state;
    add(&p, "a", "x", 0644);
    add(&p, "b/c", "x", 0777);
    add(&p, "d", "x", 0107644); /* no more than rights */
    write_it(&p);
    umask(old);
    AUTO(free) char *a = in_dir("a"), *b = in_dir("b"), *c = in_dir("b/c"), *d = in_dir("d");
    assert_int_equal(stat(a, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
    assert_int_equal(stat(c, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0777);
    assert_int_equal(stat(d, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
    assert_int_equal(stat(b, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
}

static void what_has_not_changed_is_not_touched(void **state)
{
    AUTO(payload_done) struct payload p = { 0 };

    (void)state;
    add(&p, "a", "one", 0644);
    add(&p, "b/c", "two", 0600);
    write_it(&p);
    AUTO(free) char *before = shown_folder();
    write_it(&p);
    AUTO(free) char *after = shown_folder();
    assert_string_equal(before, after);
}

static void any_change_shows_a_new_folder(void **state)
{
    static const struct {
        const char *path, *text;
        mode_t mode;
    } changes[] = {
        { "a", "ONE", 0644 },       /* the same length */
        { "a", "one more", 0644 },
        { "a", "ONE", 0600 },
        { "new", "x", 0644 },
        { "b/c/d", "x", 0644 },
    };
    AUTO(payload_done) struct payload p = { 0 };

    (void)state;
    add(&p, "a", "one", 0644);
    write_it(&p);
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        AUTO(free) char *before = shown_folder();
        add(&p, changes[i].path, changes[i].text, changes[i].mode);
        write_it(&p);
        AUTO(free) char *after = shown_folder();
        AUTO(free) char *old = in_dir(before);
        assert_string_not_equal(before, after);
        assert_content(changes[i].path, changes[i].text);
        assert_false(path_exists(old));
    }
}

static void names_that_are_gone_vanish(void **state)
{
    AUTO(payload_done) struct payload more = { 0 }, less = { 0 }, none = { 0 };

    (void)state;
    add(&more, "a", "x", 0644);
    add(&more, "b/c", "x", 0644);
    add(&less, "a", "x", 0644);
    write_it(&more);
    write_it(&less);
    AUTO(free) char *b = in_dir("b");
    assert_int_equal(access(b, F_OK), -1);
    assert_int_equal(entries(), 3);
    write_it(&none);
    assert_int_equal(entries(), 2); /* ..data and an empty folder */
}

static void a_reader_sees_old_or_new_together(void **state)
{
    AUTO(payload_done) struct payload p = { 0 };
    AUTO(free) char *data = in_dir("..data");

    (void)state;
    add(&p, "a", "old", 0644);
    add(&p, "b", "old", 0644);
    write_it(&p);
    AUTO(close) int held = open(data, O_DIRECTORY | O_CLOEXEC); /* a reader amid its work */
    add(&p, "a", "new", 0644);
    add(&p, "b", "new", 0644);
    write_it(&p);
    assert_int_equal(openat(held, "b", O_RDONLY | O_CLOEXEC), -1); /* it may vanish, but never be mixed */
    assert_content("a", "new");
    assert_content("b", "new");
}

static void what_a_killed_writer_left_is_taken_up(void **state)
{
    AUTO(payload_done) struct payload p = { 0 };
    AUTO(free) char *half = in_dir("..123"), *tmp = in_dir("..data_tmp"), *b = in_dir("b"), *stale = in_dir("stale");

    (void)state;
    add(&p, "a", "x", 0644);
    add(&p, "b", "y", 0644);
    write_it(&p);
    assert_int_equal(mkdir(half, 0755), 0); /* a folder half written, */
    assert_int_equal(symlink("..123", tmp), 0); /* a link not yet renamed, */
    assert_int_equal(unlink(b), 0); /* a name not yet linked, */
    assert_int_equal(symlink("..data/stale", stale), 0); /* and one not yet swept */
    write_it(&p);
    assert_content("b", "y");
    assert_int_equal(access(half, F_OK), -1);
    assert_int_equal(entries(), 4);
}

static void paths_are_cleaned_and_replaced(void **state)
{
    AUTO(payload_done) struct payload p = { 0 };

    (void)state;
    add(&p, "a//./b", "first", 0644);
    add(&p, "./a/b/", "second", 0600);
    assert_int_equal(p.len, 1);
    assert_string_equal(p.files[0].path, "a/b");
    assert_int_equal(p.files[0].mode, 0600);
    assert_non_null(payload_find(&p, "a/b"));
    assert_null(payload_find(&p, "a"));
}

static void paths_that_lead_away_are_refused(void **state)
{
    static const char *const bad[] = { "", "/", "/etc/passwd", "..", "../x", "a/../../x", "a/..", "..data", "..hidden/x", ".", "./..",
                                       "./..data" };
    AUTO(payload_done) struct payload p = { 0 };
    AUTO(free) char *huge = xmalloc(5001), *long_name = xmalloc(301);

    (void)state;
    memset(huge, 'a', 5000);
    huge[5000] = '\0';
    memset(long_name, 'a', 300);
    long_name[300] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct err err = ERR_INIT;
        AUTO(free) char *want = xasprintf("invalid path \"%s\": must be relative, without \"..\"", bad[i]);
        assert_int_equal(payload_add(&p, bad[i], "x", 1, 0644, &err), -EINVAL);
        assert_string_equal(err.msg, want);
    }
    assert_int_equal(payload_add(&p, huge, "x", 1, 0644, NULL), -EINVAL);
    assert_int_equal(payload_add(&p, long_name, "x", 1, 0644, NULL), -EINVAL);
    assert_int_equal(payload_add(&p, NULL, "x", 1, 0644, NULL), -EINVAL);
    assert_int_equal(p.len, 0);
    add(&p, "x.y/..z", "x", 0644); /* dots elsewhere are fine */
    add(&p, ".hidden", "x", 0644);
}

static void a_file_and_a_folder_of_one_name_leave_the_old_content(void **state)
{
    AUTO(payload_done) struct payload good = { 0 }, bad = { 0 };
    struct err err = ERR_INIT;

    (void)state;
    add(&good, "a", "x", 0644);
    write_it(&good);
    add(&bad, "a", "x", 0644);
    add(&bad, "a/b", "y", 0644);
    for (int i = 0; i < 3; i++)
        assert_true(payload_write(dir, &bad, &err) < 0);
    assert_true(str_has_prefix(err.msg, dir));
    assert_content("a", "x");
    assert_int_equal(entries(), 3); /* failed tries leave nothing */
}

static void bytes_are_bytes(void **state)
{
    AUTO(payload_done) struct payload p = { 0 };
    struct err err = ERR_INIT;
    AUTO(free) char *path = in_dir("bin");
    struct stat st;

    (void)state;
    assert_int_equal(payload_add(&p, "bin", "\0\xff\0x", 4, 0644, &err), 0);
    assert_int_equal(payload_add(&p, "empty", NULL, 0, 0644, &err), 0);
    write_it(&p);
    write_it(&p);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 4);
}

int main(void)
{
#define IN_DIR(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_DIR(files_are_shown_through_one_link),
        IN_DIR(modes_are_exact_whatever_the_umask),
        IN_DIR(what_has_not_changed_is_not_touched),
        IN_DIR(any_change_shows_a_new_folder),
        IN_DIR(names_that_are_gone_vanish),
        IN_DIR(a_reader_sees_old_or_new_together),
        IN_DIR(what_a_killed_writer_left_is_taken_up),
        IN_DIR(paths_are_cleaned_and_replaced),
        IN_DIR(paths_that_lead_away_are_refused),
        IN_DIR(a_file_and_a_folder_of_one_name_leave_the_old_content),
        IN_DIR(bytes_are_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
