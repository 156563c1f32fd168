/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An agent that is killed: before its n-th effect, for every n until a life has none left, and after n milliseconds.
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
#define NEVER_MS 60000

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

static int run_life(const char *crash_at, int64_t kill_after_ms, struct buf *said)
{
    AUTO(free) char *crash = xasprintf("CRASH_AT=%s", crash_at);
    AUTO(free) char *world = xasprintf("OARSMAN_TEST_WORLD=%s", getenv("OARSMAN_TEST_WORLD"));
    const char *env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", world, "ASAN_OPTIONS=detect_leaks=0", crash, NULL };
    const char *argv[] = { self, "live", NULL };
    struct proc_spec spec = { .path = self, .argv = argv, .env = env };
    struct proc_exit exit;
    struct err err = ERR_INIT;

    buf_clear(said);
    if (proc_run(&spec, kill_after_ms, NULL, said, &exit, &err) < 0)
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
static void check(struct world *w, const char *when)
{
    AUTO(free) char *runs = xasprintf("%s-volume/runs", w->state_dir);
    AUTO(free) char *over = xasprintf("%s-volume/over", w->state_dir);
    AUTO(free) char *text = world_read(runs);

    if (lines(text) != 1)
        fail_msg("killed %s: the container ran %zu times", when, lines(text));
    (void)unlink(runs);
    (void)unlink(over);
    if (world_remains(w))
        fail_msg("killed %s: something is left", when);
}

/* One life that is killed, and the one after it. Whether the first came to its end. */
static bool kill_and_go_on(struct world *w, const char *crash_at, int64_t kill_after_ms, const char *when)
{
    struct buf said = BUF_INIT(64 * KIB);
    int first = run_life(crash_at, kill_after_ms, &said);
    int second;

    if (first != 0 && first != -SIGKILL)
        fail_msg("killed %s: %d %s", when, first, buf_str(&said));
    second = first == 0 ? 0 : run_life("0", NEVER_MS, &said);
    if (second != 0)
        fail_msg("after a kill %s: %d %s", when, second, buf_str(&said));
    check(w, when);
    buf_done(&said);
    return first == 0;
}

static void begin(struct world *w)
{
    world_init(w, "crash");
    w->bridged = true;
}

static void end(struct world *w)
{
    world_open(w);
    world_done(w);
}

static void a_kill_before_any_effect_changes_nothing(void **state)
{
    struct world w;
    long n = 1;

    (void)state;
#ifndef OARSMAN_CRASH_POINTS
    skip(); /* only a build with crash points can be told where to die */
#endif
    begin(&w);
    for (bool over = false; !over && n < EFFECTS_MAX; n++) {
        AUTO(free) char *at = xasprintf("%ld", n);
        AUTO(free) char *when = xasprintf("before effect %ld", n);

        over = kill_and_go_on(&w, at, NEVER_MS, when);
    }
    assert_in_range(n, 20, EFFECTS_MAX - 1);
    (void)printf("%ld effects\n", n - 2);
    end(&w);
}

static void a_kill_at_any_time_changes_nothing(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    for (int64_t ms = 1; ms < 150; ms += 3) {
        AUTO(free) char *when = xasprintf("after %d ms", (int)ms);

        (void)kill_and_go_on(&w, "0", ms, when);
    }
    end(&w);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kill_before_any_effect_changes_nothing),
        cmocka_unit_test(a_kill_at_any_time_changes_nothing),
    };
    char name[64], path[LIMIT_PATH_BYTES];
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

    world_need();
    if (argc > 1 && str_eq(argv[1], "live"))
        return live();
    if (len <= 0)
        return 1;
    path[len] = '\0';
    self = path;
    world_leave_network(); /* the lives inherit it */
    (void)snprintf(name, sizeof(name), "oarsman-test-crash-%d", (int)getpid());
    (void)setenv("OARSMAN_TEST_WORLD", name, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
