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
#include "base/mem.h"
#include "place.h"

struct world {
    char dir[64];
    int root_fd;
};

static int set_up(void **state)
{
    struct world *w = NEW(struct world);
    AUTO(free) char *root = NULL;

    (void)snprintf(w->dir, sizeof(w->dir), "/tmp/test_place.XXXXXX");
    if (!mkdtemp(w->dir))
        return -1;
    root = xasprintf("%s/root", w->dir);
    if (mkdir(root, 0755) < 0)
        return -1;
    w->root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    *state = w;
    return w->root_fd < 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    (void)close(w->root_fd);
    (void)path_remove_tree(w->dir, NULL);
    free(w);
    return 0;
}

/* What a path is found to be, below the root's folder: "/etc/x"; above it the whole path. */
static char *found(const struct world *w, const char *path, bool file)
{
    AUTO(close) int fd = -1;
    AUTO(free) char *root = xasprintf("%s/root", w->dir);
    char proc[32], where[4096];
    struct err err = ERR_INIT;
    ssize_t len;

    if (place_find(w->root_fd, path, file, &fd, &err) < 0)
        fail_msg("%s: %s", path, err.msg);
    (void)snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
    len = readlink(proc, where, sizeof(where) - 1);
    assert_true(len > 0);
    where[len] = '\0';
    return xstrdup(strncmp(where, root, strlen(root)) == 0 ? where + strlen(root) : where);
}

static void check(const struct world *w, const char *path, bool file, const char *want)
{
    AUTO(free) char *where = found(w, path, file);
    AUTO(free) char *again = found(w, path, file);
    AUTO(free) char *whole = xasprintf("%s/root%s", w->dir, want);
    struct stat st;

    assert_string_equal(where, want);
    assert_string_equal(again, want); /* and what was made is found the next time */
    assert_int_equal(lstat(whole, &st), 0);
    assert_int_equal(st.st_mode & S_IFMT, file ? S_IFREG : S_IFDIR);
}

static void link_to(const struct world *w, const char *name, const char *target)
{
    AUTO(free) char *path = xasprintf("%s/root/%s", w->dir, name);

    assert_int_equal(symlink(target, path), 0);
}

static void what_is_there_is_found_and_what_is_not_is_made(void **state)
{
    const struct world *w = *state;

    check(w, "/a/b/c", false, "/a/b/c");
    check(w, "/a/b/file", true, "/a/b/file");
    check(w, "/trailing/", false, "/trailing");
    check(w, "//double//slash", true, "/double/slash");
    check(w, "/a/../up", true, "/up");
    check(w, "/../../../above", true, "/above");
    check(w, "/", false, "");
}

static void links_lead_about_within_the_root(void **state)
{
    const struct world *w = *state;

    check(w, "/real/sub", false, "/real/sub");
    link_to(w, "absolute", "/real");
    link_to(w, "relative", "real/sub");
    link_to(w, "far-up", "../../../../../../real");
    check(w, "/absolute/x", false, "/real/x");
    check(w, "/relative/f", true, "/real/sub/f");
    check(w, "/far-up/g", true, "/real/g");
}

static void a_link_that_leads_nowhere_has_its_target_made(void **state)
{
    const struct world *w = *state;

    check(w, "/etc", false, "/etc");
    link_to(w, "etc/resolv.conf", "../run/systemd/resolv.conf");
    link_to(w, "etc/absolute", "/var/new/place");
    link_to(w, "etc/chain", "absolute-2");
    link_to(w, "etc/absolute-2", "/chained");
    link_to(w, "etc/out", "../../../../../../../tmp/out-of-place");
    check(w, "/etc/resolv.conf", true, "/run/systemd/resolv.conf");
    check(w, "/etc/absolute", false, "/var/new/place");
    check(w, "/etc/chain", true, "/chained");
    check(w, "/etc/out", true, "/tmp/out-of-place");
    assert_int_equal(access("/tmp/out-of-place", F_OK), -1);
}

static void links_without_end_are_refused(void **state)
{
    const struct world *w = *state;
    struct err err = ERR_INIT;
    int fd = -1;

    link_to(w, "a", "b");
    link_to(w, "b", "a");
    assert_int_equal(place_find(w->root_fd, "/a", false, &fd, &err), -ELOOP);
    link_to(w, "grows", "grows/x");
    err_clear(&err);
    assert_true(place_find(w->root_fd, "/grows", false, &fd, &err) < 0);
    assert_int_equal(fd, -1);
}

static void a_file_on_the_way_is_an_error(void **state)
{
    const struct world *w = *state;
    struct err err = ERR_INIT;
    int fd = -1;

    check(w, "/file", true, "/file");
    assert_int_equal(place_find(w->root_fd, "/file/below", false, &fd, &err), -ENOTDIR);
    assert_true(err.msg[0] != '\0');
}

static void a_pipe_is_found_and_not_waited_for(void **state)
{
    const struct world *w = *state;
    AUTO(free) char *path = xasprintf("%s/root/pipe", w->dir);
    AUTO(free) char *where = NULL;

    assert_int_equal(mkfifo(path, 0600), 0);
    where = found(w, "/pipe", true);
    assert_string_equal(where, "/pipe");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_there_is_found_and_what_is_not_is_made, set_up, tear_down),
        cmocka_unit_test_setup_teardown(links_lead_about_within_the_root, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_link_that_leads_nowhere_has_its_target_made, set_up, tear_down),
        cmocka_unit_test_setup_teardown(links_without_end_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_on_the_way_is_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_pipe_is_found_and_not_waited_for, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
