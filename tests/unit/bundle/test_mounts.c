/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "bundle/mounts.h"

static void outer_mounts_come_first_and_equals_stay_as_given(void **state)
{
    const struct rt_mount mounts[] = {
        { .container_path = "/b/c/d" }, { .container_path = "/b//c/" }, { .container_path = "/z" },
        { .container_path = "/" },      { .container_path = "/a/b" },   { .container_path = "/a" },
    };
    static const size_t expected[] = { 3, 2, 5, 1, 4, 0 };
    struct rt_container_config config = { .mounts = mounts, .mounts_len = ARRAY_LEN(mounts) };

    (void)state;
    const struct rt_mount **ordered = mounts_outer_first(&config);
    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        assert_ptr_equal(ordered[i], &mounts[expected[i]]);
    free(ordered);
}

static void options_say_propagation_and_access(void **state)
{
    (void)state;
    assert_string_equal(mount_propagation_option(RT_PROPAGATION_PRIVATE), "rprivate");
    assert_string_equal(mount_propagation_option(RT_PROPAGATION_HOST_TO_CONTAINER), "rslave");
    assert_string_equal(mount_propagation_option(RT_PROPAGATION_BIDIRECTIONAL), "rshared");
    assert_string_equal(mount_access_option(&(struct rt_mount){ .readonly = false, .recursive_readonly = true }), "rw");
    assert_string_equal(mount_access_option(&(struct rt_mount){ .readonly = true }), "ro");
    assert_string_equal(mount_access_option(&(struct rt_mount){ .readonly = true, .recursive_readonly = true }), "rro");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outer_mounts_come_first_and_equals_stay_as_given),
        cmocka_unit_test(options_say_propagation_and_access),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
