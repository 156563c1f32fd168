/* SPDX-License-Identifier: Apache-2.0 */
/* Version 2 on a directory of plain files in place of the kernel's: what is written, what is
 * understood. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cgroup_internal.h"

struct tree {
    char dir[64];
    struct rt_cgroups *c;
};

static void put(const struct tree *t, const char *file, const char *text)
{
    AUTO(free) char *path = xasprintf("%s/%s", t->dir, file);
    AUTO(free) char *dir = xstrndup(path, (size_t)(strrchr(path, '/') - path));
    assert_int_equal(path_mkdirs(dir, 0755, NULL), 0);
    assert_int_equal(file_write_atomic(AT_FDCWD, path, text, strlen(text), 0644, 0, NULL), 0);
}

static void assert_file(const struct tree *t, const char *file, const char *text)
{
    AUTO(free) char *path = xasprintf("%s/%s", t->dir, file);
    AUTO(buf_done) struct buf b = BUF_INIT(4096);
    assert_int_equal(file_read(AT_FDCWD, path, &b, NULL), 0);
    assert_memory_equal(buf_str(&b), text,
                        strlen(text)); /* a shorter value leaves the rest of a plain file */
}

static int setup(void **state)
{
    struct tree *t = NEW(struct tree);
    (void)snprintf(t->dir, sizeof(t->dir), "/tmp/oarsman-cgroup-test-XXXXXX");
    assert_non_null(mkdtemp(t->dir));
    put(t, "fs/cgroup.controllers", "cpuset cpu io memory pids\n");
    put(t, "fs/cgroup.subtree_control", "cpu\n");
    AUTO(free) char *line = xasprintf("25 22 0:22 / %s/fs rw - cgroup2 cgroup2 rw\n", t->dir);
    put(t, "mountinfo", line);
    AUTO(free) char *mountinfo = xasprintf("%s/mountinfo", t->dir);
    AUTO(free) char *records = xasprintf("%s/records", t->dir);
    struct rt_cgroups_config config = { .mountinfo_path = mountinfo, .record_dir = records };
    struct err err = ERR_INIT;
    assert_int_equal(rt_cgroups_open(&config, &t->c, &err), 0);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    struct tree *t = *state;
    (void)rt_cgroups_free(t->c);
    (void)path_remove_tree(t->dir, NULL);
    free(t);
    return 0;
}

static int remember(const char *path, void *user)
{
    char *seen = user;
    (void)strcat(strcat(seen, path), ";");
    return 0;
}

static void making_a_group_passes_controllers_on_and_writes_limits(void **state)
{
    const struct tree *t = *state;
    struct err err = ERR_INIT;
    put(t, "fs/kubepods/cgroup.controllers", "cpu memory pids\n");
    put(t, "fs/kubepods/cgroup.subtree_control", "cpu memory\n");
    put(t, "fs/kubepods/pod1/cpu.weight", "");
    put(t, "fs/kubepods/pod1/cpu.max", "");
    put(t, "fs/kubepods/pod1/memory.max", "");
    struct rt_resources limits = { .cpu_shares = 512,
                                   .cpu_quota_us = 25000,
                                   .memory_bytes = 1 << 20 };
    assert_int_equal(rt_cgroup_make(t->c, "/kubepods/pod1", &limits, &err), 0);
    assert_file(t, "fs/kubepods/cgroup.subtree_control", "+pids"); /* the one that was missing */
    assert_file(t, "fs/kubepods/pod1/cpu.weight", "20");
    assert_file(t, "fs/kubepods/pod1/cpu.max", "25000 100000");
    assert_file(t, "fs/kubepods/pod1/memory.max", "1048576");
}

static void a_group_that_we_find_is_ours_only_as_the_leaf(void **state)
{
    const struct tree *t = *state;
    char seen[256] = "";
    put(t, "fs/kubepods/cgroup.controllers", "cpu\n"); /* somebody else's */
    assert_int_equal(rt_cgroup_make(t->c, "/kubepods/burstable/pod1", NULL, NULL), 0);
    assert_int_equal(rt_cgroup_each_recorded(t->c, remember, seen, NULL), 0);
    assert_non_null(strstr(seen, "/kubepods/burstable;"));
    assert_non_null(strstr(seen, "/kubepods/burstable/pod1;"));
    assert_null(strstr(seen, "/kubepods;"));
    assert_int_equal(rt_cgroup_remove(t->c, "/kubepods", 0, NULL), -EPERM);
    assert_true(rt_cgroup_exists(t->c, "/kubepods/burstable/pod1"));
    assert_int_equal(rt_cgroup_remove(t->c, "/kubepods/burstable", 0, NULL), 0);
    assert_false(rt_cgroup_exists(t->c, "/kubepods/burstable"));
    assert_true(rt_cgroup_exists(t->c, "/kubepods"));
    assert_int_equal(rt_cgroup_remove(t->c, "/never", 0, NULL), 0);
}

static void removing_a_parent_forgets_the_records_below_it(void **state)
{
    const struct tree *t = *state;
    char seen[256] = "";
    assert_int_equal(rt_cgroup_make(t->c, "/kubepods/burstable/pod1", NULL, NULL), 0);
    assert_int_equal(rt_cgroup_make(t->c, "/kubepods-x", NULL, NULL), 0);
    assert_int_equal(rt_cgroup_remove(t->c, "/kubepods", 0, NULL), 0);
    assert_int_equal(rt_cgroup_each_recorded(t->c, remember, seen, NULL), 0);
    assert_string_equal(seen, "/kubepods-x;");
}

static void usage_is_read_from_its_files(void **state)
{
    const struct tree *t = *state;
    struct rt_cgroup_usage u;
    assert_int_equal(rt_cgroup_make(t->c, "/p", NULL, NULL), 0);
    put(t, "fs/p/cpu.stat", "usage_usec 1500\nuser_usec 1000\n");
    put(t, "fs/p/memory.current", "1000000\n");
    put(t, "fs/p/memory.max", "max\n");
    put(t, "fs/p/memory.stat", "anon 600000\nfile 400000\ninactive_file 300000\n");
    put(t, "fs/p/memory.events", "low 0\noom 2\noom_kill 1\n");
    put(t, "fs/p/pids.current", "4\n");
    assert_int_equal(rt_cgroup_usage(t->c, "/p", &u, NULL), 0);
    assert_int_equal(u.cpu_usage_ns, 1500000);
    assert_int_equal(u.memory_usage_bytes, 1000000);
    assert_int_equal(u.memory_working_set_bytes, 700000);
    assert_int_equal(u.memory_rss_bytes, 600000);
    assert_int_equal(u.memory_limit_bytes, UINT64_MAX);
    assert_int_equal(u.pids, 4);
    assert_int_equal(u.oom_kills, 1);
    assert_int_equal(rt_cgroup_usage(t->c, "/q", &u, NULL), -ENOENT);
}

static void killing_writes_cgroup_kill_while_populated(void **state)
{
    const struct tree *t = *state;
    assert_int_equal(rt_cgroup_make(t->c, "/p", NULL, NULL), 0);
    put(t, "fs/p/cgroup.events", "populated 0\nfrozen 0\n");
    put(t, "fs/p/cgroup.kill", "");
    assert_int_equal(rt_cgroup_kill(t->c, "/p", 0, NULL), 0);
    assert_file(t, "fs/p/cgroup.kill", "");
    put(t, "fs/p/cgroup.events", "populated 1\nfrozen 0\n");
    assert_int_equal(rt_cgroup_kill(t->c, "/p", 0, NULL), -ETIMEDOUT);
    assert_file(t, "fs/p/cgroup.kill", "1");
}

static void a_member_writes_itself_into_one_file(void **state)
{
    const struct tree *t = *state;
    AUTO(strv_free) char **files = rt_cgroup_join_files(t->c, "/p", RT_CGROUP_JOIN_ALL);
    AUTO(strv_free) char **none = rt_cgroup_join_files(t->c, "/p", RT_CGROUP_JOIN_V1);
    assert_int_equal(strv_len(files), 1);
    assert_true(str_has_suffix(files[0], "/fs/p/cgroup.procs"));
    assert_int_equal(strv_len(none), 0);
}

#define WITH_TREE(fact) cmocka_unit_test_setup_teardown(fact, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TREE(making_a_group_passes_controllers_on_and_writes_limits),
        WITH_TREE(a_group_that_we_find_is_ours_only_as_the_leaf),
        WITH_TREE(removing_a_parent_forgets_the_records_below_it),
        WITH_TREE(usage_is_read_from_its_files),
        WITH_TREE(killing_writes_cgroup_kill_while_populated),
        WITH_TREE(a_member_writes_itself_into_one_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
