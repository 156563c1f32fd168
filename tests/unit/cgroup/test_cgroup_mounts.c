/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "cgroup_internal.h"

static bool yes(const char *mount)
{
    return str_eq(mount, "/sys/fs/cgroup");
}
static bool no(const char *mount)
{
    (void)mount;
    return false;
}

#define HYBRID                                                                                     \
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"                          \
    "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"                         \
    "33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct\n"                 \
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"                   \
    "37 31 0:34 / /sys/fs/cgroup/freezer rw,relatime - cgroup cgroup rw,freezer\n"                 \
    "38 31 0:35 / /sys/fs/cgroup/blkio rw,relatime - cgroup cgroup rw,blkio\n"                     \
    "39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids\n"                       \
    "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd\n"            \
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"
#define SYSTEMD_V1                                                                                 \
    "27 26 0:24 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:10 - cgroup cgroup rw,cpu,cpuacct\n" \
    "28 26 0:25 / /sys/fs/cgroup/memory rw,nosuid shared:11 master:3 - cgroup cgroup rw,memory\n"  \
    "29 26 0:25 / /mnt/again rw,nosuid shared:11 - cgroup cgroup rw,memory\n"
#define UNIFIED "25 22 0:22 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
#define SPACE                                                                                      \
    "27 26 0:24 / /mnt/a\\040b rw - cgroup cgroup rw,cpu\n28 26 0:25 / /mnt/c rw - cgroup x "      \
    "rw,memory\n"

static const struct {
    const char *name, *mountinfo;
    cgroup_probe_fn probe;
    int result, version;
    size_t len;
    const char *cpu_mount;
} cases[] = {
    { "a hybrid counts as version 1", HYBRID, yes, 0, 1, 8, "/sys/fs/cgroup/cpu" },
    { "controllers mounted together", SYSTEMD_V1, no, 0, 1, 2, "/sys/fs/cgroup/cpu,cpuacct" },
    { "version 2 alone", UNIFIED, yes, 0, 2, 1, "/sys/fs/cgroup" },
    { "version 2 without controllers", UNIFIED, no, -ENOTSUP, 0, 0, NULL },
    { "octal escapes", SPACE, no, 0, 1, 2, "/mnt/a b" },
    { "nothing", "", yes, -ENOTSUP, 0, 0, NULL },
    { "lines that are cut", "27 26 0:24 / /x rw - cgroup\n27 26\n\n - cgroup cgroup cpu,memory\n",
      no, -ENOTSUP, 0, 0, NULL },
};

static void mountinfo_becomes_hierarchies(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        AUTO(rt_cgroups_free) struct rt_cgroups *c = NEW(struct rt_cgroups);
        print_message("    %s\n", cases[i].name);
        assert_int_equal(cgroup_mounts_parse(c, cases[i].mountinfo, cases[i].probe, &err),
                         cases[i].result);
        if (cases[i].result < 0)
            continue;
        assert_int_equal(rt_cgroups_version(c), cases[i].version);
        assert_int_equal(c->len, cases[i].len);
        assert_string_equal(cgroup_hierarchy_of(c, CGROUP_CPU)->mount, cases[i].cpu_mount);
    }
}

static void the_hybrids_second_hierarchy_is_cleaned_up_in_last(void **state)
{
    (void)state;
    AUTO(rt_cgroups_free) struct rt_cgroups *c = NEW(struct rt_cgroups);
    assert_int_equal(cgroup_mounts_parse(c, HYBRID, no, NULL), 0);
    assert_string_equal(c->items[c->len - 1].mount, "/sys/fs/cgroup/unified");
    assert_null(cgroup_hierarchy_of(c, 1u << 20));
}

static void a_thread_joins_version_1_by_its_tasks_and_version_2_by_its_procs(void **state)
{
    (void)state;
    AUTO(rt_cgroups_free) struct rt_cgroups *c = NEW(struct rt_cgroups);
    assert_int_equal(cgroup_mounts_parse(c, HYBRID, no, NULL), 0);
    c->prefix = xstrdup("");
    AUTO(strv_free) char **v1 = rt_cgroup_join_files(c, "/p", RT_CGROUP_JOIN_V1);
    AUTO(strv_free) char **v2 = rt_cgroup_join_files(c, "/p", RT_CGROUP_JOIN_V2);
    AUTO(strv_free) char **all = rt_cgroup_join_files(c, "/p", RT_CGROUP_JOIN_ALL);
    assert_true(strv_len(v1) >= 2);
    for (char **file = v1; *file; file++)
        assert_true(str_has_suffix(*file, "/p/tasks"));
    assert_int_equal(strv_len(v2), 1);
    assert_string_equal(v2[0], "/sys/fs/cgroup/unified/p/cgroup.procs");
    assert_int_equal(strv_len(all), strv_len(v1) + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mountinfo_becomes_hierarchies),
        cmocka_unit_test(the_hybrids_second_hierarchy_is_cleaned_up_in_last),
        cmocka_unit_test(a_thread_joins_version_1_by_its_tasks_and_version_2_by_its_procs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
