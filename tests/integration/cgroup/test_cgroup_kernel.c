/* SPDX-License-Identifier: Apache-2.0 */
/* Control groups against the kernel, in /oarsman-test-PID of each hierarchy; the test removes it
 * whatever happens. */
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
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cgroup_internal.h"

static struct rt_cgroups *cgroups;
static char prefix[64], records[64];
#define POD "/kubepods/burstable/podX"

static int setup(void **state)
{
    struct rt_cgroups_config config = { .prefix = prefix, .record_dir = records };
    struct err err = ERR_INIT;
    (void)state;
    (void)snprintf(prefix, sizeof(prefix), "/oarsman-test-%d", (int)getpid());
    (void)snprintf(records, sizeof(records), "/tmp/oarsman-cgroup-records-%d", (int)getpid());
    if (rt_cgroups_open(&config, &cgroups, &err) < 0)
        fail_msg("%s", err.msg);
    return 0;
}

static int remove_dir(int parent, const char *name, void *user)
{
    (void)user;
    return unlinkat(parent, name, AT_REMOVEDIR);
}

/* The prefix itself is nobody's to remove but ours. */
static int teardown(void **state)
{
    (void)state;
    (void)rt_cgroup_remove(cgroups, "/kubepods", 5000, NULL);
    for (size_t i = 0; i < cgroups->len; i++) {
        AUTO(free) char *dir = cgroup_path_in(cgroups, &cgroups->items[i], "", NULL);
        (void)cgroup_walk(dir, remove_dir, NULL);
    }
    cgroups = rt_cgroups_free(cgroups);
    (void)path_remove_tree(records, NULL);
    return 0;
}

static void assert_value(unsigned controller, const char *path, const char *file, const char *value)
{
    AUTO(buf_done) struct buf text = BUF_INIT(4096);
    AUTO(free)
    char *full = cgroup_path_in(cgroups, cgroup_hierarchy_of(cgroups, controller), path, file);
    assert_int_equal(file_read(AT_FDCWD, full, &text, NULL), 0);
    print_message("    %s = %s", file, buf_str(&text));
    assert_memory_equal(buf_str(&text), value, strlen(value));
}

static void put(unsigned controller, const char *path, const char *file, const char *value)
{
    AUTO(free)
    char *full = cgroup_path_in(cgroups, cgroup_hierarchy_of(cgroups, controller), path, file);
    assert_int_equal(file_write_value(AT_FDCWD, full, value, NULL), 0);
}

static bool only_version_1(void)
{
    if (rt_cgroups_version(cgroups) == 1)
        return true;
    print_message("    this machine has version 2: file names of version 1 are not looked at\n");
    return false;
}

static void limits_reach_the_kernel(void **state)
{
    struct rt_resources limits = { .cpu_shares = 512,
                                   .cpu_quota_us = 50000,
                                   .cpu_period_us = 100000,
                                   .memory_bytes = 64 << 20,
                                   .pids = 50 };
    struct err err = ERR_INIT;
    (void)state;
    if (rt_cgroup_make(cgroups, POD, &limits, &err) < 0)
        fail_msg("%s", err.msg);
    if (only_version_1()) {
        assert_value(CGROUP_CPU, POD, "cpu.shares", "512\n");
        assert_value(CGROUP_CPU, POD, "cpu.cfs_quota_us", "50000\n");
        assert_value(CGROUP_MEMORY, POD, "memory.limit_in_bytes", "67108864\n");
        assert_value(CGROUP_PIDS, POD, "pids.max", "50\n");
    }
    limits = (struct rt_resources){ .cpu_quota_us = -1, .memory_bytes = 32 << 20, .pids = -1 };
    assert_int_equal(rt_cgroup_update(cgroups, POD, &limits, &err), 0);
    if (only_version_1()) {
        assert_value(CGROUP_CPU, POD, "cpu.shares", "512\n"); /* 0: left as it was */
        assert_value(CGROUP_CPU, POD, "cpu.cfs_quota_us", "-1\n");
        assert_value(CGROUP_PIDS, POD, "pids.max", "max\n");
    }
    assert_int_equal(rt_cgroup_make(cgroups, POD, NULL, &err), 0); /* again */
    assert_int_equal(rt_cgroup_remove(cgroups, POD, 1000, &err), 0);
    assert_false(rt_cgroup_exists(cgroups, POD));
    assert_int_equal(rt_cgroup_update(cgroups, POD, &limits, &err), -ENOENT);
    assert_int_equal(rt_cgroup_remove(cgroups, POD, 1000, &err), 0);
}

/* The two are checked against each other by the kernel on each write. */
static void quota_and_period_change_together(void **state)
{
    static const struct {
        int64_t quota_us;
        uint64_t period_us;
    } steps[] = { { 50000, 100000 }, { 1000, 10000 }, { 900000, 1000000 },
                  { 1000, 1000 },    { -1, 100000 },  { 20000, 50000 } };
    struct err err = ERR_INIT;
    (void)state;
    struct rt_resources parent = { .cpu_quota_us = 200000, .cpu_period_us = 100000 };
    assert_int_equal(rt_cgroup_make(cgroups, "/kubepods/burstable", &parent, &err), 0);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct rt_resources limits = { .cpu_quota_us = steps[i].quota_us,
                                       .cpu_period_us = steps[i].period_us };
        if (rt_cgroup_make(cgroups, POD, &limits, &err) < 0)
            fail_msg("step %zu: %s", i, err.msg);
    }
}

/* A child in the group that does work() for ever, or until it ends. Its pid. */
static pid_t run_in(const char *path, int (*work)(void))
{
    AUTO(strv_free) char **files = rt_cgroup_join_files(cgroups, path, RT_CGROUP_JOIN_ALL);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    for (char **f = files; *f; f++)
        if (file_write_value(AT_FDCWD, *f, "0", NULL) < 0)
            _exit(99);
    _exit(work());
}

static int be_stubborn(void)
{
    (void)signal(SIGTERM, SIG_IGN);
    (void)fork();
    while (pause() < 0)
        ;
    return 0;
}

static int burn_cpu(void)
{
    struct timespec t;
    do
        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    while (t.tv_nsec < 100000000 && t.tv_sec == 0);
    return 0;
}

static int eat_memory(void)
{
    for (;;) {
        char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            return 98;
        memset(p, 1, 1 << 20);
    }
}

static uint64_t wait_for_pids(const char *path, uint64_t at_least)
{
    struct rt_cgroup_usage u = { .pids = 0 };
    for (int i = 0; i < 200 && u.pids < at_least; i++) {
        assert_int_equal(rt_cgroup_usage(cgroups, path, &u, NULL), 0);
        (void)usleep(5000);
    }
    return u.pids;
}

static void usage_is_told(void **state)
{
    struct rt_cgroup_usage u;
    int status;
    (void)state;
    assert_int_equal(rt_cgroup_make(cgroups, POD, NULL, NULL), 0);
    pid_t pid = run_in(POD, burn_cpu);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(rt_cgroup_usage(cgroups, POD, &u, NULL), 0);
    print_message("    cpu %llu ns, memory %llu, limit %llu\n", (unsigned long long)u.cpu_usage_ns,
                  (unsigned long long)u.memory_usage_bytes,
                  (unsigned long long)u.memory_limit_bytes);
    assert_true(u.cpu_usage_ns >= 90000000);
    assert_int_equal(u.memory_limit_bytes, UINT64_MAX);
    assert_int_equal(u.oom_kills, 0);
}

static void an_oom_kill_is_seen(void **state)
{
    struct rt_resources limits = { .memory_bytes = 16 << 20 };
    struct rt_cgroup_usage u;
    int status;
    (void)state;
    assert_int_equal(rt_cgroup_make(cgroups, POD "/c1", &limits, NULL), 0);
    pid_t pid = run_in(POD "/c1", eat_memory);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(rt_cgroup_usage(cgroups, POD "/c1", &u, NULL), 0);
    assert_int_equal(u.oom_kills, 1);
}

/* As an OCI runtime does: a group in every hierarchy below the pod's, with processes in all of
 * them. */
static void make_like_a_runtime(const char *path, pid_t pid)
{
    AUTO(free) char *text = xasprintf("%d", (int)pid);
    for (size_t i = 0; i < cgroups->len; i++) {
        AUTO(free) char *dir = cgroup_path_in(cgroups, &cgroups->items[i], path, NULL);
        AUTO(free) char *procs = xasprintf("%s/cgroup.procs", dir);
        assert_int_equal(path_mkdirs(dir, 0755, NULL), 0);
        (void)file_write_value(AT_FDCWD, procs, text, NULL); /* cpuset without cpus refuses */
    }
}

static void stragglers_are_killed_and_everything_goes(void **state)
{
    struct err err = ERR_INIT;
    int status;
    (void)state;
    assert_int_equal(rt_cgroup_make(cgroups, POD, NULL, NULL), 0);
    assert_int_equal(rt_cgroup_make(cgroups, "/kubepods/podY", NULL, NULL), 0);
    pid_t victim = run_in(POD, be_stubborn), other = run_in("/kubepods/podY", be_stubborn);
    assert_int_equal(wait_for_pids(POD, 2), 2);
    assert_int_equal(wait_for_pids("/kubepods/podY", 2), 2);
    make_like_a_runtime(POD "/container", victim);
    int64_t begin = clock_boot_ns();
    if (rt_cgroup_remove(cgroups, POD, 5000, &err) < 0)
        fail_msg("%s", err.msg);
    print_message("    removed in %.1f ms\n", (double)(clock_boot_ns() - begin) / 1e6);
    assert_int_equal(waitpid(victim, &status, WNOHANG), victim);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_false(rt_cgroup_exists(cgroups, POD));
    assert_int_equal(waitpid(other, &status, WNOHANG), 0); /* the neighbour lives */
    assert_int_equal(wait_for_pids("/kubepods/podY", 2), 2);
    assert_int_equal(rt_cgroup_kill(cgroups, "/kubepods/podY", 5000, &err), 0);
    assert_int_equal(waitpid(other, &status, 0), other);
    assert_true(rt_cgroup_exists(cgroups, "/kubepods/podY"));
}

static void a_frozen_group_is_thawed_to_die(void **state)
{
    struct err err = ERR_INIT;
    int status;
    (void)state;
    if (!only_version_1())
        return;
    assert_int_equal(rt_cgroup_make(cgroups, POD, NULL, NULL), 0);
    pid_t victim = run_in(POD, be_stubborn);
    assert_int_equal(wait_for_pids(POD, 2), 2);
    make_like_a_runtime(POD, victim);
    put(CGROUP_FREEZER, POD, "freezer.state", "FROZEN");
    if (rt_cgroup_remove(cgroups, POD, 5000, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(waitpid(victim, &status, WNOHANG), victim);
}

static int count(const char *path, void *user)
{
    (void)path;
    ++*(int *)user;
    return 0;
}

static void what_was_made_is_found_again(void **state)
{
    int n = 0;
    (void)state;
    assert_int_equal(rt_cgroup_make(cgroups, POD, NULL, NULL), 0);
    assert_int_equal(rt_cgroup_each_recorded(cgroups, count, &n, NULL), 0);
    assert_int_equal(n, 3); /* kubepods, burstable, podX */
    assert_int_equal(rt_cgroup_remove(cgroups, "/kubepods", 1000, NULL), 0);
    n = 0;
    assert_int_equal(rt_cgroup_each_recorded(cgroups, count, &n, NULL), 0);
    assert_int_equal(n, 0);
}

int main(void)
{
#define FACT(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        FACT(limits_reach_the_kernel),
        FACT(quota_and_period_change_together),
        FACT(usage_is_told),
        FACT(an_oom_kill_is_seen),
        FACT(stragglers_are_killed_and_everything_goes),
        FACT(a_frozen_group_is_thawed_to_die),
        FACT(what_was_made_is_found_again),
    };
    if (geteuid() != 0) {
        (void)fprintf(stderr, "needs root: it makes control groups\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
