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
#include "tree.h"

static void paths_are_cleaned_or_refused(void **state)
{
    static const struct {
        const char *path, *clean; /* NULL: refused */
    } cases[] = {
        { "a", "a" },
        { "./a/./b/", "a/b" },
        { "/a//b", "a/b" },
        { "///", "" },
        { ".", "" },
        { "", "" },
        { "a..b/...", "a..b/..." },
        { "..", NULL },
        { "a/../b", NULL },
        { "a/..", NULL },
        { "/../a", NULL },
        { ".../a", ".../a" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char clean[LIMIT_PATH_BYTES];
        int rc = tree_clean_path(cases[i].path, clean, NULL);
        if (rc == 0 ? !str_eq(clean, cases[i].clean) : cases[i].clean != NULL)
            fail_msg("'%s': %d '%s'", cases[i].path, rc, rc ? "" : clean);
    }
}

static void long_and_deep_paths_are_refused(void **state)
{
    static const char *const parts[] = {
        "a/", "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn/"
    };
    char clean[LIMIT_PATH_BYTES];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        AUTO(buf_done) struct buf b = BUF_INIT(MIB);
        for (int n = 0; n < 300; n++)
            (void)buf_puts(&b, parts[i]);
        assert_int_equal(tree_clean_path(buf_str(&b), clean, NULL), -ENAMETOOLONG);
    }
    AUTO(buf_done) struct buf name = BUF_INIT(MIB);
    for (int n = 0; n < 256; n++)
        (void)buf_putc(&name, 'n');
    assert_int_equal(tree_clean_path(buf_str(&name), clean, NULL), -ENAMETOOLONG);
    assert_int_equal(tree_clean_path(buf_str(&name) + 1, clean, NULL), 0);
}

struct world {
    char dir[64];
    int root_fd, below_fd;
    struct tree tree;
};

static int set_up(void **state)
{
    struct world *w = NEW(struct world);
    (void)snprintf(w->dir, sizeof(w->dir), "/tmp/test_tree.XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    int fd = open(w->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(mkdirat(fd, "root", 0755), 0);
    assert_int_equal(mkdirat(fd, "below", 0755), 0);
    w->root_fd = openat(fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    w->below_fd = openat(fd, "below", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    (void)close(fd);
    tree_init(&w->tree, w->root_fd, &w->below_fd, 1);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    struct err err = ERR_INIT;
    struct place p = { .dir_fd = AT_FDCWD };
    tree_done(&w->tree);
    (void)close(w->root_fd);
    (void)close(w->below_fd);
    (void)snprintf(p.name, sizeof(p.name), "%s", w->dir);
    assert_int_equal(tree_remove(&w->tree, &p, &err), 0);
    free(w);
    return 0;
}

/* Where a path ends up: its directory, as the root sees it. */
static const char *placed(struct world *w, const char *path)
{
    static struct place p;
    struct err err = ERR_INIT;
    static char text[LIMIT_PATH_BYTES + 300];
    if (tree_place(&w->tree, path, &p, &err) < 0)
        (void)snprintf(text, sizeof(text), "refused: %s", err.msg);
    else
        (void)snprintf(text, sizeof(text), "%s|%s", p.dir, p.name);
    return text;
}

static void links_are_followed_within_the_root(void **state)
{
    static const struct {
        const char *link, *target;
    } links[] = {
        { "up", "../../../../../../.." },
        { "etc", "/etc" },
        { "self", "self" },
        { "a", "b" },
        { "b", "c/d" },
        { "abs", "/a/x" },
        { "proc", "/proc/self/root" },
        { "dot", "." },
        { "chain", "up/up/etc" },
    };
    static const struct {
        const char *path, *placed;
    } cases[] = {
        { "up/f", "|f" },
        { "up/etc/f", "etc2|f" },
        { "a/f", "c/d|f" },
        { "abs/f", "c/d/x|f" },
        { "proc/f", "proc2/self/root|f" },
        { "dot/dot/f", "|f" },
        { "self/f", "refused: 'self/f': too many symbolic links" },
        { "new/deep/f", "new/deep|f" },
    };
    struct world *w = *state;
    for (size_t i = 0; i < ARRAY_LEN(links); i++)
        assert_int_equal(symlinkat(links[i].target, w->root_fd, links[i].link), 0);
    (void)unlinkat(w->root_fd, "etc", 0);
    assert_int_equal(symlinkat("/etc2", w->root_fd, "etc"), 0);
    (void)unlinkat(w->root_fd, "proc", 0);
    assert_int_equal(symlinkat("/proc2/self/root", w->root_fd, "proc"), 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (!str_eq(placed(w, cases[i].path), cases[i].placed))
            fail_msg("%s: '%s' instead of '%s'", cases[i].path, placed(w, cases[i].path),
                     cases[i].placed);
}

static void implied_directories_look_like_those_below(void **state)
{
    struct world *w = *state;
    struct stat st;
    assert_int_equal(mkdirat(w->below_fd, "tmp", 0755), 0);
    assert_int_equal(fchmodat(w->below_fd, "tmp", 01777, 0), 0);
    assert_string_equal(placed(w, "tmp/f"), "tmp|f");
    assert_int_equal(fstatat(w->root_fd, "tmp", &st, 0), 0);
    assert_int_equal(st.st_mode & 07777, 01777);
}

static void links_below_are_followed(void **state)
{
    struct world *w = *state;
    assert_int_equal(symlinkat("usr/lib", w->below_fd, "lib"), 0);
    assert_string_equal(placed(w, "lib/f"), "usr/lib|f");
    assert_int_equal(tree_kind_at(w->root_fd, "lib"), TREE_NONE);
}

static void a_file_is_no_directory(void **state)
{
    struct world *w = *state;
    (void)close(openat(w->root_fd, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    assert_string_equal(placed(w, "file/f"), "refused: 'file/f': 'file' is not a directory");
}

static void finding_makes_nothing(void **state)
{
    struct world *w = *state;
    struct place p;
    assert_int_equal(tree_find(&w->tree, "not/there", &p, NULL), -ENOENT);
    assert_int_equal(tree_kind_at(w->root_fd, "not"), TREE_NONE);
}

static void a_whiteout_hides_only_what_is_below(void **state)
{
    struct world *w = *state;
    struct place p;
    (void)close(openat(w->below_fd, "old", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    assert_int_equal(tree_place(&w->tree, "old", &p, NULL), 0);
    assert_int_equal(tree_whiteout(&w->tree, &p, NULL), 0);
    assert_int_equal(tree_kind_at(w->root_fd, "old"), TREE_WHITEOUT);
    assert_int_equal(tree_place(&w->tree, "never", &p, NULL), 0);
    assert_int_equal(tree_whiteout(&w->tree, &p, NULL), 0);
    assert_int_equal(tree_kind_at(w->root_fd, "never"), TREE_NONE);
}

static void a_directory_over_a_whiteout_is_opaque(void **state)
{
    struct world *w = *state;
    struct place p;
    assert_int_equal(mkdirat(w->below_fd, "d", 0755), 0);
    assert_int_equal(tree_place(&w->tree, "d", &p, NULL), 0);
    assert_int_equal(tree_whiteout(&w->tree, &p, NULL), 0);
    assert_string_equal(placed(w, "d/f"), "d|f");
    assert_string_equal(w->tree.opaque.data, "d");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_cleaned_or_refused),
        cmocka_unit_test(long_and_deep_paths_are_refused),
        cmocka_unit_test_setup_teardown(links_are_followed_within_the_root, set_up, tear_down),
        cmocka_unit_test_setup_teardown(implied_directories_look_like_those_below, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(links_below_are_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_is_no_directory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(finding_makes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_whiteout_hides_only_what_is_below, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_directory_over_a_whiteout_is_opaque, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
