/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/mem.h"
#include "mounted.h"

static void layers_are_found_in_the_list_of_mounts(void **state)
{
    static const struct {
        const char *text;
        bool mounted;
    } cases[] = {
        { "", false },
        { "36 35 98:0 / / rw - ext4 /dev/vda rw\n", false },
        { "40 35 0:50 / /m ro - overlay overlay ro,lowerdir=/s/layers/aa00/fs:/s/layers/bb00/fs\n",
          true },
        { "40 35 0:50 / /m ro - overlay overlay "
          "ro,lowerdir=/s/layers/bb00/fs:/s/layers/aa00/fs,upperdir=/u\n",
          true },
        { "40 35 0:50 / /m ro - overlay overlay ro,lowerdir=aa00/fs:bb00/fs\n", true },
        { "40 35 0:50 / /m ro - overlay overlay "
          "ro,lowerdir+=/s/layers/aa00/fs,lowerdir+=/s/layers/bb00/fs\n",
          true },
        { "40 35 0:50 / /m ro - overlay overlay ro,lowerdir=/s/layers/cc00/fs\n", false },
        { "40 35 0:50 / /m ro - overlay overlay ro,lowerdir=/s/layers/aa001/fs:/s/xaa00/fs\n",
          false },
        { "aa00/fs", false },
    };
    char name[] = "aa00";
    char *names[] = { name, NULL };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (mounted_layer_in(cases[i].text, names) != cases[i].mounted)
            fail_msg("%s", cases[i].text);
}

static void no_layers_are_not_mounted(void **state)
{
    char *none[] = { NULL };
    (void)state;
    assert_false(mounted_any(none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_are_found_in_the_list_of_mounts),
        cmocka_unit_test(no_layers_are_not_mounted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
