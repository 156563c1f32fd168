/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An agent that is killed before its n-th effect, for every n until a life has none left.
 *
 * A life: a pod with an address of its own and a shared pid namespace, a container in it that notes each of its
 * runs, its end, its removal. After each kill the next life makes the same calls again, as the agent does, and must
 * come to the same end: the container has run exactly once, its exit code is known, and nothing is left.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "world.h"

#define EXIT_CODE 3
#define EFFECTS_MAX 500

static const char *self;

/* ---- a life ---- */

static _Noreturn void fail_life(const char *what, const struct answer *a)
{
    (void)fprintf(stderr, "%s: code %d, %s, state %d, exit code %d, %s\n", what, a->code, a->message, (int)a->state,
                  a->exit_code, a->end_message);
    exit(1);
}

static void run_container(struct world *w, const char *volume)
{
    struct rt_mount mount = { .container_path = "/data", .host_path = volume };
    struct rt_sandbox_config pod = world_pod(w, "crash");
    struct rt_container_config c;
    struct answer p, a, s;

    pod.network = RT_NS_POD;
    pod.pid = RT_NS_POD;
    p = world_make_pod(w, &pod);
    if (p.code < 0)
        fail_life("pod", &p);
    c = world_container(w, p.id, "c", COMMAND("sh", "-c", "echo run >>/data/runs; exit 3"));
    c.mounts = &mount;
    c.mounts_len = 1;
    a = world_create(w, &c);
    if (a.code < 0)
        fail_life("create", &a);
    if (a.state == RT_CONTAINER_CREATED) {
        s = world_start(w, a.id);
        if (s.code < 0)
            fail_life("start", &s);
    }
    a = world_wait_exit(w, a.id);
    if (a.exit_code != EXIT_CODE)
        fail_life("end", &a);
}

static int live(void)
{
    struct world w;
    AUTO(free) char *volume = NULL;
    AUTO(free) char *over = NULL;

    world_init(&w, "crash");
    w.bridged = true;
    volume = xasprintf("%s-volume", w.state_dir);
    over = xasprintf("%s/over", volume);
    (void)path_mkdirs(volume, 0755, NULL);
    world_open(&w);
    if (!path_exists(over)) {
        run_container(&w, volume);
        (void)file_write_atomic(-100, over, "", 0, 0644, 0, NULL); /* from here on only the end is repeated */
    }
    world_remove_all(&w);
    world_close(&w);
    return 0;
}

/* ---- the test ---- */

static int run_life(const char *crash_at, struct buf *said)
{
    AUTO(free) char *crash = xasprintf("CRASH_AT=%s", crash_at);
    AUTO(free) char *world = xasprintf("OARSMAN_TEST_WORLD=%s", getenv("OARSMAN_TEST_WORLD"));
    const char *env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", world, "ASAN_OPTIONS=detect_leaks=0", crash, NULL };
    const char *argv[] = { self, "live", NULL };
    struct proc_spec spec = { .path = self, .argv = argv, .env = env };
    struct proc_exit exit;
    struct err err = ERR_INIT;

    buf_clear(said);
    if (proc_run(&spec, 60000, NULL, said, &exit, &err) < 0)
        fail_msg("%s", err.msg);
    return exit.signal ? -exit.signal : exit.code;
}

static size_t lines(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

/* Nothing is left but what a node keeps; the container ran once. */
static void check(struct world *w, long n)
{
    AUTO(free) char *runs = xasprintf("%s-volume/runs", w->state_dir);
    AUTO(free) char *over = xasprintf("%s-volume/over", w->state_dir);
    AUTO(free) char *text = world_read(runs);

    if (lines(text) != 1)
        fail_msg("killed before effect %ld: the container ran %zu times", n, lines(text));
    (void)unlink(runs);
    (void)unlink(over);
    if (world_remains(w))
        fail_msg("killed before effect %ld: something is left", n);
}

static void a_kill_at_any_point_changes_nothing(void **state)
{
    struct world w;
    struct buf said = BUF_INIT(64 * KIB);
    long n = 1;

    (void)state;
    world_init(&w, "crash");
    w.bridged = true;
    for (; n < EFFECTS_MAX; n++) {
        AUTO(free) char *at = xasprintf("%ld", n);
        int first = run_life(at, &said);
        int second;

        if (first != 0 && first != -SIGKILL)
            fail_msg("life with a kill before effect %ld: %d %s", n, first, buf_str(&said));
        second = first == 0 ? 0 : run_life("0", &said);
        if (second != 0)
            fail_msg("life after a kill before effect %ld: %d %s", n, second, buf_str(&said));
        check(&w, n);
        if (first == 0)
            break;
    }
    assert_in_range(n, 20, EFFECTS_MAX - 1);
    (void)printf("%ld effects\n", n - 1);
    buf_done(&said);
    world_open(&w);
    world_done(&w);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kill_at_any_point_changes_nothing),
    };
    char name[64], path[LIMIT_PATH_BYTES];
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

    world_need();
    if (argc > 1 && str_eq(argv[1], "live"))
        return live();
#ifndef OARSMAN_CRASH_POINTS
    (void)printf("SKIP: needs a build with OARSMAN_CRASH_POINTS\n");
    return 77;
#endif
    if (len <= 0)
        return 1;
    path[len] = '\0';
    self = path;
    world_leave_network(); /* the lives inherit it */
    (void)snprintf(name, sizeof(name), "oarsman-test-crash-%d", (int)getpid());
    (void)setenv("OARSMAN_TEST_WORLD", name, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
