/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "cgroup_internal.h"

static const char *const good[] = { "/a", "/kubepods/burstable/pod1-2", "/a%2Fb", "/..a", "/a b" };
static const char *const bad[] = { NULL,    "",        "/",  "//",   "a",         "/a/",
                                   "/a//b", "/a/../b", "/.", "/a/.", "kubepods/x" };

static void only_absolute_names_of_groups_are_taken(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_int_equal(cgroup_path_check(good[i], NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(cgroup_path_check(bad[i], &err), -EINVAL);
}

static void removal_refuses_the_top_and_bad_names(void **state)
{
    (void)state;
    struct rt_cgroups c = { .version = &cgroup_version_1, .prefix = (char[]){ "" } };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(rt_cgroup_remove(&c, bad[i], 0, NULL), -EINVAL);
        assert_int_equal(rt_cgroup_kill(&c, bad[i], 0, NULL), -EINVAL);
    }
}

static void a_path_survives_being_a_file_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        AUTO(free) char *name = cgroup_path_encode(good[i]);
        AUTO(free) char *path = cgroup_path_decode(name);
        assert_null(strchr(name, '/'));
        assert_string_equal(path, good[i]);
    }
    assert_null(cgroup_path_decode("%2"));
    assert_null(cgroup_path_decode("%zz"));
    assert_null(cgroup_path_decode(".tmp"));
    assert_null(cgroup_path_decode(""));
    assert_null(cgroup_path_decode("%2Fa%2F..%2Fb"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_absolute_names_of_groups_are_taken),
        cmocka_unit_test(removal_refuses_the_top_and_bad_names),
        cmocka_unit_test(a_path_survives_being_a_file_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
