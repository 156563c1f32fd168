/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Killed before each effect while a group is made, limited and removed, its successor removes what
 * is recorded, and nothing is left. The component is built once more for this program, with its
 * effects reaching the function below.
 */
#include <errno.h>
#include <fcntl.h>
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

#include "base/effect.h"
#include "base/file.h"
#include "base/mem.h"
#include "cgroup_internal.h"

static int effects, crash_at;
static char prefix[64], records[64];

void effect(const char *name)
{
    (void)name;
    if (++effects == crash_at)
        (void)raise(SIGKILL);
}

static struct rt_cgroups *open_cgroups(void)
{
    struct rt_cgroups_config config = { .prefix = prefix, .record_dir = records };
    struct rt_cgroups *c = NULL;
    struct err err = ERR_INIT;
    if (rt_cgroups_open(&config, &c, &err) < 0)
        fail_msg("%s", err.msg);
    return c;
}

static int make_and_remove(void)
{
    struct rt_resources limits = { .cpu_shares = 100, .memory_bytes = 64 << 20, .pids = 10 };
    AUTO(rt_cgroups_free) struct rt_cgroups *c = open_cgroups();
    return rt_cgroup_make(c, "/kubepods/burstable/podX", &limits, NULL) < 0 ||
           rt_cgroup_remove(c, "/kubepods/burstable/podX", 1000, NULL) < 0 ||
           rt_cgroup_remove(c, "/kubepods", 1000, NULL) < 0;
}

static int remove_one(const char *path, void *user)
{
    struct err err = ERR_INIT;
    if (rt_cgroup_remove(user, path, 1000, &err) < 0)
        fail_msg("%s", err.msg);
    return 0;
}

static int count(const char *path, void *user)
{
    (void)path;
    ++*(int *)user;
    return 0;
}

static int remove_dir(int parent, const char *name, void *user)
{
    (void)user;
    return unlinkat(parent, name, AT_REMOVEDIR);
}

static void remove_prefix(const struct rt_cgroups *c)
{
    for (size_t i = 0; i < c->len; i++) {
        AUTO(free) char *dir = cgroup_path_in(c, &c->items[i], "", NULL);
        (void)cgroup_walk(dir, remove_dir, NULL);
    }
}

static void what_a_killed_agent_made_is_recorded(void **state)
{
    (void)state;
    for (int n = 1; n < 1000; n++) {
        int status = 0, left = 0;
        pid_t pid = fork();
        if (pid == 0) {
            effects = 0;
            crash_at = n;
            _exit(make_and_remove());
        }
        assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
        AUTO(rt_cgroups_free) struct rt_cgroups *c = open_cgroups();
        assert_int_equal(rt_cgroup_each_recorded(c, remove_one, c, NULL), 0);
        bool there = rt_cgroup_exists(c, "/kubepods");
        assert_int_equal(rt_cgroup_each_recorded(c, count, &left, NULL), 0);
        remove_prefix(c);
        assert_false(there);
        assert_int_equal(left, 0);
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
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_a_killed_agent_made_is_recorded) };
    if (geteuid() != 0) {
        (void)fprintf(stderr, "needs root: it makes control groups\n");
        return 77;
    }
    (void)snprintf(prefix, sizeof(prefix), "/oarsman-test-%d", (int)getpid());
    (void)snprintf(records, sizeof(records), "/tmp/oarsman-cgroup-records-%d", (int)getpid());
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)path_remove_tree(records, NULL);
    return failed;
}
