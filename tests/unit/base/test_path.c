/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "test.h"

static char root[32];
static int root_fd = -1;

static int make_root(void **state)
{
    (void)state;
    (void)snprintf(root, sizeof(root), "/tmp/test-path-XXXXXX");
    if (!mkdtemp(root))
        return -1;
    root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return root_fd < 0 ? -1 : 0;
}

static int remove_root(void **state)
{
    (void)state;
    (void)close(root_fd);
    return path_remove_tree(root, NULL);
}

static void touch(const char *name)
{
    AUTO(close) int fd = openat(root_fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

    assert_true(fd >= 0);
}

static bool there(const char *name)
{
    struct stat st;

    return fstatat(root_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void names_are_single_and_plain(void **state)
{
    static const struct {
        const char *name;
        bool good;
    } cases[] = {
        { "a", true },    { "..a", true }, { ".hidden", true }, { "a b", true },
        { NULL, false },  { "", false },   { ".", false },      { "..", false },
        { "a/b", false }, { "/", false },  { "a/", false },
    };
    char longest[257];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(path_is_name(cases[i].name), cases[i].good);
    memset(longest, 'n', 256);
    longest[256] = '\0';
    assert_false(path_is_name(longest));
    longest[255] = '\0';
    assert_true(path_is_name(longest));
}

static void folders_are_made_with_all_parents(void **state)
{
    char path[64];
    struct err err = ERR_INIT;

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/a//b/c/", root);
    assert_int_equal(path_mkdirs(path, 0755, NULL), 0);
    assert_int_equal(path_mkdirs(path, 0755, NULL), 0);
    assert_true(path_exists(path));
    touch("a/file");
    (void)snprintf(path, sizeof(path), "%s/a/file/x", root);
    assert_int_equal(path_mkdirs(path, 0755, &err), -ENOTDIR);
    assert_non_null(strstr(err.msg, "a/file/x: Not a directory"));
    assert_int_equal(path_mkdirs("", 0755, NULL), -EINVAL);
    assert_int_equal(path_mkdirs("/", 0755, NULL), 0);
}

/* Below root: in/ with a file, and links that try to leave. */
static void make_links(void)
{
    char outside[64];

    assert_int_equal(mkdirat(root_fd, "in", 0755), 0);
    touch("in/file");
    assert_int_equal(symlinkat("/in", root_fd, "absolute"), 0);
    assert_int_equal(symlinkat("../../../../in", root_fd, "in/upward"), 0);
    (void)snprintf(outside, sizeof(outside), "%s-outside", root);
    assert_int_equal(symlinkat(outside, root_fd, "outside"), 0);
    assert_int_equal(symlinkat("/proc/self/root/etc", root_fd, "magic"), 0);
}

static void opening_beneath_never_leaves_the_root(void **state)
{
    static const struct {
        const char *path;
        int want;
    } cases[] = {
        { "in/file", 0 },          { "/in/file", 0 },
        { "../../in/file", 0 },    { "absolute/file", 0 }, /* "/in" means below the root */
        { "in/upward/file", 0 },                           /* ".." at the root stays there */
        { "outside/x", -ENOENT },  { "magic/passwd", -ENOENT },
        { "etc/passwd", -ENOENT }, { "in/file/x", -ENOTDIR },
        { "", -ENOENT },
    };

    (void)state;
    make_links();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(close) int fd = -1;
        int r = path_open_beneath(root_fd, cases[i].path, O_RDONLY, 0, &fd, NULL);

        if (r != cases[i].want)
            fail_msg("\"%s\": %d", cases[i].path, r);
        assert_int_equal(fd >= 0, r == 0);
        assert_true(r < 0 || (fcntl(fd, F_GETFD) & FD_CLOEXEC));
    }
}

static void magic_links_are_refused(void **state)
{
    AUTO(close) int proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = -1;

    (void)state;
    assert_int_equal(path_open_beneath(proc_fd, "self/root/etc/passwd", O_RDONLY, 0, &fd, NULL),
                     -ELOOP);
    assert_int_equal(path_open_beneath(proc_fd, "self/fd/0", O_RDONLY, 0, &fd, NULL), -ELOOP);
}

static void files_are_created_beneath(void **state)
{
    AUTO(close) int fd = -1;
    struct err err = ERR_INIT;

    (void)state;
    make_links();
    assert_int_equal(
        path_open_beneath(root_fd, "absolute/new", O_WRONLY | O_CREAT | O_EXCL, 0600, &fd, NULL),
        0);
    assert_true(there("in/new"));
    assert_int_equal(path_open_beneath(root_fd, "no/new", O_WRONLY | O_CREAT, 0600, &fd, &err),
                     -ENOENT);
    assert_string_equal(err.msg, "open no/new: No such file or directory");
}

static void folders_beneath_are_made_where_links_point_inside(void **state)
{
    static const struct {
        const char *path, *made;
        int want;
    } cases[] = {
        { "x/y/z", "x/y/z", 0 },
        { "/x/y/z/", "x/y/z", 0 },
        { "absolute/deep/er", "in/deep/er", 0 },
        { "in/upward/up", "in/up", 0 },
        { "../../dots/a", "dots/a", 0 },
        { "/", ".", 0 },
        { "outside/x", NULL, -ENOENT },
        { "in/file/x", NULL, -ENOTDIR },
        { "", NULL, -EINVAL },
    };
    char outside[64];

    (void)state;
    make_links();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(close) int fd = -1;
        int r = path_mkdirs_beneath(root_fd, cases[i].path, 0755, &fd, NULL);
        struct stat made, opened;

        if (r != cases[i].want)
            fail_msg("\"%s\": %d", cases[i].path, r);
        if (r < 0)
            continue;
        assert_int_equal(fstatat(root_fd, cases[i].made, &made, 0), 0);
        assert_int_equal(fstat(fd, &opened), 0);
        assert_int_equal(made.st_ino, opened.st_ino);
    }
    (void)snprintf(outside, sizeof(outside), "%s-outside", root);
    assert_false(path_exists(outside));
}

static void removal_refuses_what_cannot_be_meant(void **state)
{
    static const char *const cases[] = { "",    "/",       "//",     "///", "relative",
                                         "./x", "/tmp/..", "/tmp/.", NULL };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;

        if (path_remove_tree(cases[i], &err) != -EINVAL)
            fail_msg("\"%s\"", cases[i] ? cases[i] : "(null)");
        assert_non_null(strstr(err.msg, "remove \""));
    }
}

static const char *below(const char *name)
{
    static char path[128];

    (void)snprintf(path, sizeof(path), "%s/%s", root, name);
    return path;
}

static void an_absent_tree_is_removed_already(void **state)
{
    (void)state;
    assert_int_equal(path_remove_tree(below("absent"), NULL), 0);
    assert_int_equal(path_remove_tree(below("absent/too"), NULL), 0);
}

static void links_are_removed_not_followed(void **state)
{
    (void)state;
    make_links();
    assert_int_equal(mkdirat(root_fd, "tree", 0755), 0);
    assert_int_equal(symlinkat("../in", root_fd, "tree/link"), 0);
    assert_int_equal(path_remove_tree(below("tree/"), NULL), 0);
    assert_false(there("tree"));
    assert_true(there("in/file"));
    assert_int_equal(symlinkat("in", root_fd, "link"), 0);
    assert_int_equal(path_remove_tree(below("link"), NULL), 0);
    assert_false(there("link"));
    assert_true(there("in/file"));
    assert_int_equal(path_remove_tree(below("in/file"), NULL), 0);
    assert_false(there("in/file"));
}

static void wide_trees_and_closed_folders_go_too(void **state)
{
    (void)state;
    for (int i = 0; i < 300; i++) {
        char name[64];

        (void)snprintf(name, sizeof(name), "tree/%d/sub", i);
        assert_int_equal(path_mkdirs(below(name), 0755, NULL), 0);
        (void)snprintf(name, sizeof(name), "tree/%d/file", i);
        touch(name);
    }
    assert_int_equal(fchmodat(root_fd, "tree/7", 0500, 0), 0);
    if (geteuid() == 0)
        assert_int_equal(path_remove_tree(below("tree"), NULL), 0);
    (void)fchmodat(root_fd, "tree/7", 0700, 0);
    assert_int_equal(path_remove_tree(below("tree"), NULL), 0);
    assert_false(there("tree"));
}

/* Deeper than any path can say and than descriptors last, with siblings on the way. */
static void a_very_deep_tree_goes_too(void **state)
{
    AUTO(close) int fd = -1;

    (void)state;
    assert_int_equal(mkdirat(root_fd, "tree", 0755), 0);
    fd = openat(root_fd, "tree", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < 700; i++) {
        int next;

        assert_int_equal(mkdirat(fd, "d", 0755), 0);
        assert_int_equal(mkdirat(fd, ".removed.0", 0755),
                         0); /* the name a moved folder would get */
        next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(next >= 0);
        (void)close(fd);
        fd = next;
    }
    assert_int_equal(path_remove_tree(below("tree"), NULL), 0);
    assert_false(there("tree"));
}

enum { MOUNT_OK, MOUNT_NO_NAMESPACE, MOUNT_NOT_REFUSED, MOUNT_LOST_FILE };

/* Runs in a child with a mount namespace of its own: bind-mounts in/ on inner/ and tries to remove
 * around it. */
static int try_removal_around_mount(const char *inner, const char *victim)
{
    char target[128];

    if (unshare(CLONE_NEWNS) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
        return MOUNT_NO_NAMESPACE;
    (void)snprintf(target, sizeof(target), "%s", below(inner));
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount(below("in"), target, NULL, MS_BIND, NULL) < 0)
        return MOUNT_NO_NAMESPACE;
    if (path_remove_tree(below(victim), NULL) != -EBUSY)
        return MOUNT_NOT_REFUSED;
    return there("in/file") ? MOUNT_OK : MOUNT_LOST_FILE;
}

static void what_is_mounted_in_a_tree_keeps_its_contents(void **state)
{
    static const struct {
        const char *inner, *victim;
    } cases[] = { { "tree/mnt", "tree" }, { "tree/mnt", "tree/mnt" }, { "tree", "tree" } };

    (void)state;
    make_links();
    assert_int_equal(path_mkdirs(below("tree/mnt"), 0755, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        pid_t pid = fork();
        int status = -1;

        assert_true(pid >= 0);
        if (pid == 0)
            _exit(try_removal_around_mount(cases[i].inner, cases[i].victim));
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == MOUNT_NO_NAMESPACE)
            skip();
        assert_int_equal(WEXITSTATUS(status), MOUNT_OK);
        assert_int_equal(path_mkdirs(below("tree/mnt"), 0755, NULL), 0);
    }
}

static int collect(int dirfd, const char *name, void *user)
{
    assert_int_equal(faccessat(dirfd, name, F_OK, 0), 0);
    *(int *)user += name[0];
    return name[0] == 's' ? 42 : 0;
}

static void each_entry_is_visited_until_told_to_stop(void **state)
{
    int sum = 0;

    (void)state;
    assert_int_equal(path_each(below("absent"), collect, &sum, NULL), 0);
    touch("a");
    touch("b");
    assert_int_equal(path_each(root, collect, &sum, NULL), 0);
    assert_int_equal(sum, 'a' + 'b');
    touch("stop");
    assert_int_equal(path_each(root, collect, &sum, NULL), 42);
    assert_int_equal(path_each(below("a"), collect, &sum, NULL), -ENOTDIR);
}

#define PATH_TEST(fn) cmocka_unit_test_setup_teardown(fn, make_root, remove_root)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_single_and_plain),
        PATH_TEST(folders_are_made_with_all_parents),
        PATH_TEST(opening_beneath_never_leaves_the_root),
        cmocka_unit_test(magic_links_are_refused),
        PATH_TEST(files_are_created_beneath),
        PATH_TEST(folders_beneath_are_made_where_links_point_inside),
        cmocka_unit_test(removal_refuses_what_cannot_be_meant),
        PATH_TEST(an_absent_tree_is_removed_already),
        PATH_TEST(links_are_removed_not_followed),
        PATH_TEST(wide_trees_and_closed_folders_go_too),
        PATH_TEST(a_very_deep_tree_goes_too),
        PATH_TEST(what_is_mounted_in_a_tree_keeps_its_contents),
        PATH_TEST(each_entry_is_visited_until_told_to_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
