/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Killed before each effect while modules are compiled, collected and compiled again, the next process finds the state
 * before or the state after: nothing half made is handed out, and nothing is left over.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/effect.h"
#include "base/file.h"
#include "base/mem.h"
#include "world.h"

static int effects, crash_at;

void effect(const char *name)
{
    (void)name;
    if (__atomic_add_fetch(&effects, 1, __ATOMIC_SEQ_CST) == crash_at)
        (void)kill(getpid(), SIGKILL);
}

static bool unused(void *user, const char *identity)
{
    (void)user;
    (void)identity;
    return false;
}

static int live(struct world *w, const char *path)
{
    struct wasm_cache_request req = { .path = path, .identity = "sha256:hello" };
    if (loop_new(&w->loop, NULL) < 0 || wasm_cache_open(w->loop, &w->config, &w->cache, NULL) < 0)
        return 1;
    for (int i = 0; i < 2; i++) {
        struct answer a = { .calls = 0 };
        (void)wasm_cache_get(w->cache, &req, answer_take, &a);
        for (int64_t end_ms = clock_boot_ms() + 30000; a.calls == 0 && clock_boot_ms() < end_ms;)
            (void)loop_once(w->loop, 100);
        if (a.calls != 1 || a.err.code)
            return 1;
        wasm_cache_collect(w->cache, unused, NULL);
    }
    while (world_files(w, "") > 0)
        (void)loop_once(w->loop, 10);
    (void)wasm_cache_free(w->cache);
    return 0;
}

static void what_a_killed_agent_left_is_found_or_swept(void **state)
{
    struct world w;
    (void)state;
    for (int n = 1; n < 100; n++) {
        int status = 0;
        world_init(&w, "crash");
        AUTO(free) char *path = world_text_module(&w, "hello", HELLO);
        pid_t pid = fork();
        if (pid == 0) {
            effects = 0;
            crash_at = n;
            _exit(live(&w, path));
        }
        assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
        crash_at = 0;
        world_open(&w);
        assert_int_equal(world_files(&w, ".tmp"), 0);
        assert_int_equal(world_files(&w, ".json"), world_files(&w, ".cwasm"));
        struct answer a = world_get(&w, path, "sha256:hello");
        if (a.err.code)
            fail_msg("after %d: %s", n, a.err.msg);
        assert_int_equal(world_files(&w, ""), 2);
        world_done(&w);
        if (WIFEXITED(status)) {
            assert_int_equal(WEXITSTATUS(status), 0);
            print_message("    %d points\n", n - 1);
            return;
        }
        assert_int_equal(WTERMSIG(status), SIGKILL);
    }
    fail_msg("it never comes to an end");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_a_killed_agent_left_is_found_or_swept) };
    return world_can_run() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
