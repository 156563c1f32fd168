/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run_dir_private.h"

static const char mountinfo[] =
    "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
    "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
    "42 27 254:0 /a /a rw,relatime shared:1 - ext4 /dev/vda rw\n"
    "43 27 254:0 /b /b rw,relatime master:7 - ext4 /dev/vda rw,x= shared:9\n"
    "44 27 254:0 /c /c rw shared:2 master:7 - ext4 /dev/vda rw";

static void a_mount_with_peers_is_shared(void **state)
{
    (void)state;
    assert_true(run_dir_is_shared(mountinfo, 42));
    assert_true(run_dir_is_shared(mountinfo, 44));
    assert_false(run_dir_is_shared(mountinfo, 22));
    assert_false(run_dir_is_shared(mountinfo, 27));
    assert_false(run_dir_is_shared(mountinfo, 43));
    assert_false(run_dir_is_shared(mountinfo, 4));
    assert_false(run_dir_is_shared("", 42));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_mount_with_peers_is_shared) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
