/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "digest.h"
#include "layer_writer.h"
#include "tree.h"
#include "unpack.h"

struct world {
    char dir[64];
    int dir_fd;
    struct unpack_limits limits;
    struct unpack_result result;
    struct err err;
};

static int set_up(void **state)
{
    struct world *w = NEW(struct world);
    (void)snprintf(w->dir, sizeof(w->dir), "/tmp/test_unpack.XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    w->dir_fd = open(w->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(mkdirat(w->dir_fd, "1", 0755), 0);
    assert_int_equal(mkdirat(w->dir_fd, "2", 0755), 0);
    w->limits = unpack_limits_default;
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    struct tree t;
    struct place p = { .dir_fd = AT_FDCWD };
    tree_init(&t, w->dir_fd, NULL, 0);
    (void)snprintf(p.name, sizeof(p.name), "%s", w->dir);
    assert_int_equal(tree_remove(&t, &p, NULL), 0);
    tree_done(&t);
    buf_done(&w->result.opaque);
    (void)close(w->dir_fd);
    free(w);
    return 0;
}

/* into: "1", or "2" on top of it. Takes fd. */
static int unpack_fd(struct world *w, int fd, const char *into)
{
    AUTO(close) int in = fd, root = openat(w->dir_fd, into, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    AUTO(close) int below = openat(w->dir_fd, "1", O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct unpack_request r = {
        .in_fd = in,
        .root_fd = root,
        .parent_fds = &below,
        .parents_len = str_eq(into, "2") ? 1 : 0,
        .limits = w->limits,
    };
    buf_done(&w->result.opaque);
    err_clear(&w->err);
    return unpack_layer(&r, &w->result, &w->err);
}

static int unpack(struct world *w, const char *entries, const char *into)
{
    return unpack_fd(w, layer_write(entries, "gzip"), into);
}

static bool has(struct world *w, const char *path)
{
    struct stat st;
    return fstatat(w->dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool holds(struct world *w, const char *path, const char *content)
{
    char data[64] = "";
    AUTO(close) int fd = openat(w->dir_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    return fd >= 0 && read(fd, data, sizeof(data) - 1) >= 0 && str_eq(data, content);
}

static void every_compression_gives_the_same(void **state)
{
    static const char *const filters[] = { "none", "gzip", "zstd" };
    struct world *w = *state;
    char first[136] = "";
    for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
        assert_int_equal(
            unpack_fd(w, layer_write("d a\nf a/b hello\nl a/c b\np a/p", filters[i]), "1"), 0);
        assert_true(holds(w, "1/a/b", "hello"));
        assert_int_equal(w->result.entries, 4);
        assert_int_equal(w->result.bytes, 5);
        if (i)
            assert_string_equal(w->result.diff_id, first);
        (void)snprintf(first, sizeof(first), "%s", w->result.diff_id);
    }
}

static void the_diff_id_is_the_digest_of_all_bytes(void **state)
{
    struct world *w = *state;
    char data[65536], want[DIGEST_TEXT_MAX];
    int fd = layer_write("f a x", "none");
    off_t end = lseek(fd, 0, SEEK_END);
    assert_int_equal(pwrite(fd, "trailing rubbish", 16, end), 16);
    ssize_t n = pread(fd, data, sizeof(data), 0);
    digest_of(NULL, data, (size_t)n, want);
    (void)lseek(fd, 0, SEEK_SET);
    assert_int_equal(unpack_fd(w, fd, "1"), 0);
    assert_string_equal(w->result.diff_id, want);
}

static void times_modes_and_hard_links_are_kept(void **state)
{
    struct world *w = *state;
    struct stat a, b, d;
    assert_int_equal(unpack(w, "d dir\nf dir/a x\nh dir/b dir/a", "1"), 0);
    assert_int_equal(fstatat(w->dir_fd, "1/dir/a", &a, 0), 0);
    assert_int_equal(fstatat(w->dir_fd, "1/dir/b", &b, 0), 0);
    assert_int_equal(fstatat(w->dir_fd, "1/dir", &d, 0), 0);
    assert_int_equal(a.st_ino, b.st_ino);
    assert_int_equal(a.st_mode & 07777, 0640);
    assert_int_equal(d.st_mode & 07777, 0750);
    assert_int_equal(a.st_mtim.tv_sec, 1700000000);
    assert_int_equal(d.st_mtim.tv_sec, 1700000000);
}

static void later_entries_replace_earlier_ones(void **state)
{
    struct world *w = *state;
    assert_int_equal(
        unpack(w, "d a\nf a/b 1\nf a file\nd c\nl c/l x\nf c/l now-a-file\nl d c\nd d\nf d/e 2",
               "1"),
        0);
    assert_true(holds(w, "1/a", "file"));
    assert_true(holds(w, "1/c/l", "now-a-file"));
    assert_true(holds(w, "1/d/e", "2"));
    assert_false(has(w, "1/c/e"));
}

static void whiteouts_become_devices_and_opaque_is_reported(void **state)
{
    struct world *w = *state;
    struct stat st;
    assert_int_equal(unpack(w, "d a\nf a/x 1\nd b\nf b/y 1\nf c 1", "1"), 0);
    assert_int_equal(
        unpack(
            w,
            "f a/.wh.x\nf b/.wh..wh..opq\nf b/.wh.y\nf b/z 2\nf .wh.c\nf .wh..wh.plnk\nf .wh.never",
            "2"),
        0);
    assert_int_equal(fstatat(w->dir_fd, "2/a/x", &st, 0), 0);
    assert_true(S_ISCHR(st.st_mode) && st.st_rdev == 0);
    assert_int_equal(fstatat(w->dir_fd, "2/c", &st, 0), 0);
    assert_true(S_ISCHR(st.st_mode));
    assert_string_equal(w->result.opaque.data, "b");
    assert_false(has(w, "2/b/y")); /* hidden by the opaque directory: a device would show */
    assert_true(holds(w, "2/b/z", "2"));
    assert_false(has(w, "2/never"));
}

static void whiteouts_spare_what_came_with_the_layer(void **state)
{
    struct world *w = *state;
    assert_int_equal(unpack(w, "d a\nf a/x 1\nf b 1", "1"), 0);
    assert_int_equal(unpack(w, "d a\nf a/new 2\nf .wh.a\nf .wh.b\nf b 2", "2"), 0);
    assert_true(holds(w, "2/a/new", "2"));
    assert_true(holds(w, "2/b", "2"));
    assert_string_equal(w->result.opaque.data, "a");
}

static void nothing_escapes(void **state)
{
    static const struct {
        const char *entries, *why; /* why NULL: it is unpacked, but inside */
    } cases[] = {
        { "f ../escaped x", "\"..\" is refused" },
        { "f a/../../escaped x", "\"..\" is refused" },
        { "f /escaped x", NULL },
        { "l out /tmp\nf out/escaped x", NULL },
        { "l out ../../..\nf out/escaped x", NULL },
        { "l out /proc/self/root\nf out/escaped x", NULL },
        { "l a b\nl b a\nf a/escaped x", "too many symbolic links" },
        { "l out /etc\nh passwd out/passwd", "is not in this layer" },
        { "h passwd /etc/passwd", "not in this layer" },
        { "h passwd ../../etc/passwd", "\"..\" is refused" },
        { "h self .", "is no file of this layer" },
        { "l out /tmp\nf out/.wh.escaped x", NULL },
        { "f .wh... x", "a whiteout of nothing" },
        { "f .wh.. x", "a whiteout of nothing" },
        { "f .wh. x", "a whiteout of nothing" },
        { "l out /tmp\nf out/.wh..wh..opq", NULL },
        { "l out /tmp\nd out\nf out/escaped x", NULL },
        { "f file x\nf file/escaped x", "is not a directory" },
    };
    struct world *w = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char before[4][32] = { "/tmp/escaped", "/escaped", "/etc/escaped", "/tmp/passwd" };
        int rc = unpack(w, cases[i].entries, "1");
        if (cases[i].why ? rc >= 0 || !strstr(w->err.msg, cases[i].why) : rc < 0)
            fail_msg("%s: %d %s", cases[i].entries, rc, rc < 0 ? w->err.msg : "");
        for (size_t k = 0; k < ARRAY_LEN(before); k++)
            if (access(before[k], F_OK) == 0)
                fail_msg("%s: made %s", cases[i].entries, before[k]);
        assert_false(has(w, "escaped"));
        (void)unlinkat(w->dir_fd, "1/out", 0);
        (void)unlinkat(w->dir_fd, "1/a", 0);
        (void)unlinkat(w->dir_fd, "1/b", 0);
        (void)unlinkat(w->dir_fd, "1/out", AT_REMOVEDIR);
    }
}

static void devices_are_not_made(void **state)
{
    struct world *w = *state;
    assert_int_equal(unpack(w, "d dev\nc dev/null\nb dev/sda\nc whiteout", "1"), 0);
    assert_int_equal(w->result.devices_skipped, 3);
    assert_false(has(w, "1/dev/null"));
    assert_false(has(w, "1/whiteout"));
}

static void attributes_that_steer_this_machine_are_left_out(void **state)
{
    struct world *w = *state;
    assert_int_equal(
        unpack(w, "f a x trusted.overlay.redirect\nf b x security.selinux\nf c x system.other",
               "1"),
        0);
    assert_true(w->result.xattrs_skipped >= 3); /* libarchive writes each twice, in two dialects */
}

static void bombs_are_stopped(void **state)
{
    struct world *w = *state;
    w->limits.entries = 2;
    assert_int_equal(unpack(w, "f a 1\nf b 2", "1"), 0);
    assert_int_equal(unpack(w, "f a 1\nf b 2\nf c 3", "1"), -E2BIG);
    w->limits = unpack_limits_default;
    w->limits.bytes = 1024;
    assert_int_equal(unpack(w, "f a 1\nf b 2", "1"), -E2BIG);
    assert_non_null(strstr(w->err.msg, "larger than is allowed"));
    w->limits = unpack_limits_default;
    w->limits.ratio = 2;
    w->limits.ratio_from_bytes = 1024;
    assert_int_equal(unpack(w, "f a 1\nf b 2\nf c 3\nf d 4\nf e 5", "1"), -E2BIG);
    assert_non_null(strstr(w->err.msg, "expands beyond all measure"));
}

static void what_is_no_layer_is_an_error(void **state)
{
    struct world *w = *state;
    int fd = layer_write("f a 1", "gzip");
    assert_int_equal(ftruncate(fd, 40), 0);
    assert_true(unpack_fd(w, fd, "1") < 0);
    fd = layer_write("", "none");
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(unpack_fd(w, fd, "1"), -EINVAL);
    assert_string_equal(w->err.msg, "the layer is empty");
    fd = layer_write("", "none");
    assert_int_equal(pwrite(fd, "this is no archive, whatever its name says", 42, 0), 42);
    assert_true(unpack_fd(w, fd, "1") < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_compression_gives_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_diff_id_is_the_digest_of_all_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(times_modes_and_hard_links_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(later_entries_replace_earlier_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(whiteouts_become_devices_and_opaque_is_reported, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(whiteouts_spare_what_came_with_the_layer, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(nothing_escapes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(devices_are_not_made, set_up, tear_down),
        cmocka_unit_test_setup_teardown(attributes_that_steer_this_machine_are_left_out, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(bombs_are_stopped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_layer_is_an_error, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
