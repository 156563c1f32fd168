/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "wasm_state.h"

#undef fork /* a child that goes on in this program is the point */

struct world {
    char root[64];
    struct arena *arena;
    struct wasm_state state;
    pid_t pid;
    int told_fd; /* a byte comes when the guest has been let go */
};

static int set_up(void **state)
{
    struct world *w = NEW(struct world);

    (void)snprintf(w->root, sizeof(w->root), "/tmp/test_wasm_state.XXXXXX");
    w->arena = arena_new(64 * KIB);
    *state = w;
    return mkdtemp(w->root) == NULL;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    if (w->pid > 0) {
        (void)kill(w->pid, SIGKILL);
        (void)waitpid(w->pid, NULL, 0);
    }
    (void)path_remove_tree(w->root, NULL);
    arena_unref(w->arena);
    free(w);
    return 0;
}

/* As guest.c waits: for one byte, then it closes the fifo. */
static void be_guest(int fifo_fd, int tell_fd)
{
    char byte;

    while (read(fifo_fd, &byte, 1) < 0 && errno == EINTR)
        ;
    (void)close(fifo_fd);
    (void)!write(tell_fd, "s", 1);
    for (;;)
        (void)pause();
}

static void make_guest(struct world *w, const char *id)
{
    int fifo_fd = -1, tell[2];
    struct err err = ERR_INIT;

    if (wasm_state_new(w->root, id, &fifo_fd, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(pipe(tell), 0);
    w->pid = fork();
    if (w->pid == 0)
        be_guest(fifo_fd, tell[1]);
    (void)close(fifo_fd);
    (void)close(tell[1]);
    w->told_fd = tell[0];
    w->state = (struct wasm_state){ .version = STATE_VERSION, .id = id, .bundle = "/bundle", .pid = w->pid, .cgroup = "/g" };
    assert_int_equal(proc_start_time(w->pid, &w->state.start_ticks), 0);
    assert_int_equal(wasm_state_write(w->root, &w->state, NULL), 0);
}

static enum wasm_status status(const struct world *w)
{
    return wasm_state_status(w->root, &w->state);
}

static void a_guest_is_created_then_running_then_stopped(void **state)
{
    struct world *w = *state;
    char byte;

    make_guest(w, "a");
    assert_int_equal(status(w), WASM_CREATED);
    assert_int_equal(wasm_state_let_go(w->root, &w->state, NULL), 0);
    assert_int_equal(read(w->told_fd, &byte, 1), 1);
    assert_int_equal(status(w), WASM_RUNNING);
    assert_int_equal(wasm_state_let_go(w->root, &w->state, NULL), -EALREADY);
    assert_int_equal(wasm_state_signal(&w->state, SIGTERM, NULL), 0);
    assert_true(wasm_state_wait(&w->state, 10000));
    assert_int_equal(status(w), WASM_STOPPED); /* though nobody has collected it */
    assert_int_equal(wasm_state_let_go(w->root, &w->state, NULL), -ESRCH);
    assert_int_equal(wasm_state_signal(&w->state, SIGTERM, NULL), -ESRCH);
    assert_int_equal(waitpid(w->pid, NULL, 0), w->pid);
    w->pid = 0;
    assert_int_equal(status(w), WASM_STOPPED);
    (void)close(w->told_fd);
}

static void a_byte_that_is_not_read_yet_has_let_it_go(void **state)
{
    struct world *w = *state;

    make_guest(w, "a");
    (void)kill(w->pid, SIGSTOP);
    assert_int_equal(waitpid(w->pid, NULL, WUNTRACED), w->pid);
    assert_int_equal(wasm_state_let_go(w->root, &w->state, NULL), 0);
    assert_int_equal(status(w), WASM_RUNNING);
    assert_int_equal(wasm_state_let_go(w->root, &w->state, NULL), -EALREADY);
    (void)close(w->told_fd);
}

static void what_is_written_is_read(void **state)
{
    struct world *w = *state;
    struct wasm_state read;

    make_guest(w, "some.id-1");
    assert_int_equal(wasm_state_read(w->root, "some.id-1", w->arena, &read, NULL), 0);
    assert_string_equal(read.id, "some.id-1");
    assert_string_equal(read.bundle, "/bundle");
    assert_string_equal(read.cgroup, "/g");
    assert_int_equal(read.pid, w->pid);
    assert_int_equal(read.start_ticks, w->state.start_ticks);
    (void)close(w->told_fd);
}

static void one_without_a_process_is_being_created(void **state)
{
    struct world *w = *state;
    AUTO(close) int fifo_fd = -1;
    struct wasm_state read;

    assert_int_equal(wasm_state_new(w->root, "a", &fifo_fd, NULL), 0);
    assert_int_equal(wasm_state_read(w->root, "a", w->arena, &read, NULL), -ENOENT);
    w->state = (struct wasm_state){ .version = STATE_VERSION, .id = "a", .bundle = "/bundle", .cgroup = "/g" };
    assert_int_equal(wasm_state_write(w->root, &w->state, NULL), 0);
    assert_int_equal(wasm_state_read(w->root, "a", w->arena, &read, NULL), 0);
    assert_int_equal(wasm_state_status(w->root, &read), WASM_CREATING);
    assert_string_equal(wasm_status_name(WASM_CREATING), "creating");
    assert_int_equal(wasm_state_let_go(w->root, &read, NULL), -ESRCH);
    assert_int_equal(wasm_state_signal(&read, SIGKILL, NULL), -ESRCH);
    assert_true(wasm_state_wait(&read, 0));
}

static void another_process_under_the_same_number_is_not_it(void **state)
{
    struct world *w = *state;

    make_guest(w, "a");
    w->state.start_ticks++;
    assert_int_equal(status(w), WASM_STOPPED);
    assert_int_equal(wasm_state_signal(&w->state, SIGKILL, NULL), -ESRCH);
    assert_int_equal(kill(w->pid, 0), 0);
    (void)close(w->told_fd);
}

static void an_id_is_used_once_and_free_again_when_removed(void **state)
{
    struct world *w = *state;
    AUTO(close) int one = -1;
    AUTO(close) int two = -1;
    struct err err = ERR_INIT;

    assert_int_equal(wasm_state_new(w->root, "a", &one, NULL), 0);
    assert_int_equal(wasm_state_new(w->root, "a", &two, &err), -EEXIST);
    assert_non_null(strstr(err.msg, "container a"));
    assert_int_equal(wasm_state_remove(w->root, "a", NULL), 0);
    assert_int_equal(wasm_state_remove(w->root, "a", NULL), 0);
    assert_int_equal(wasm_state_new(w->root, "a", &two, NULL), 0);
}

static void what_is_no_id_is_refused(void **state)
{
    static const char *const bad[] = { "", ".", "..", "a/b", "/a" };
    const struct world *w = *state;
    struct wasm_state read;
    int fd = -1;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct err err = ERR_INIT;

        assert_int_equal(wasm_state_new(w->root, bad[i], &fd, &err), -EINVAL);
        assert_int_equal(wasm_state_read(w->root, bad[i], w->arena, &read, &err), -EINVAL);
        assert_int_equal(wasm_state_remove(w->root, bad[i], &err), -EINVAL);
    }
}

static void what_cannot_be_read_says_where(void **state)
{
    static const struct {
        const char *text;
        int rc;
    } rows[] = {
        { "", -EINVAL }, { "{", -EINVAL }, { "{\"version\":1}", -EINVAL },
        { "{\"version\":2,\"id\":\"a\",\"bundle\":\"/b\",\"pid\":1,\"startTicks\":1}", -EPROTO },
    };
    struct world *w = *state;
    AUTO(free) char *folder = xasprintf("%s/a", w->root);
    AUTO(free) char *path = xasprintf("%s/state.json", folder);

    assert_int_equal(mkdir(folder, 0700), 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct wasm_state read;
        struct err err = ERR_INIT;

        assert_int_equal(file_write_atomic(AT_FDCWD, path, rows[i].text, strlen(rows[i].text), 0600, 0, NULL), 0);
        assert_int_equal(wasm_state_read(w->root, "a", w->arena, &read, &err), rows[i].rc);
        assert_non_null(strstr(err.msg, path));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_guest_is_created_then_running_then_stopped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_byte_that_is_not_read_yet_has_let_it_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_written_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_without_a_process_is_being_created, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_process_under_the_same_number_is_not_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_id_is_used_once_and_free_again_when_removed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_id_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_says_where, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
