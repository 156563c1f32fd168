/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "devices.h"

static void a_named_device_is_looked_up(void **state)
{
    const struct rt_device named[] = { { "/dev/mine", "/dev/null", "r" } };
    struct rt_container_config config = { .devices = named, .devices_len = 1 };
    struct arena *a = arena_new(1 << 20);
    const struct spec_device *devices;
    size_t len;

    (void)state;
    assert_int_equal(devices_find(&config, a, &devices, &len, NULL), 0);
    assert_int_equal(len, 1);
    assert_string_equal(devices[0].path, "/dev/mine");
    assert_int_equal(devices[0].type, 'c');
    assert_int_equal(devices[0].major, 1);
    assert_int_equal(devices[0].minor, 3);
    assert_string_equal(devices[0].permissions, "r");
    arena_unref(a);
}

static void what_is_no_device_is_refused(void **state)
{
    const struct rt_device folder[] = { { NULL, "/etc", NULL } }, absent[] = { { NULL, "/dev/none", NULL } };
    struct rt_container_config config = { .devices = folder, .devices_len = 1 };
    struct arena *a = arena_new(1 << 20);
    const struct spec_device *devices;
    struct err err = ERR_INIT;
    size_t len;

    (void)state;
    assert_int_equal(devices_find(&config, a, &devices, &len, &err), -ENODEV);
    assert_string_equal(err.msg, "/etc is not a device");
    config.devices = absent;
    assert_int_equal(devices_find(&config, a, &devices, &len, NULL), -ENOENT);
    arena_unref(a);
}

static void a_privileged_container_sees_the_nodes_devices_but_those_of_its_own(void **state)
{
    struct rt_container_config config = { .security.privileged = true };
    struct arena *a = arena_new(1 << 20);
    const struct spec_device *devices;
    size_t len;

    (void)state;
    assert_int_equal(devices_find(&config, a, &devices, &len, NULL), 0);
    for (size_t i = 0; i < len; i++) {
        assert_true(str_has_prefix(devices[i].path, "/dev/"));
        assert_string_not_equal(devices[i].path, "/dev/null");
        assert_false(str_has_prefix(devices[i].path, "/dev/pts/"));
        assert_false(str_has_prefix(devices[i].path, "/dev/shm/"));
    }
    arena_unref(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_named_device_is_looked_up),
        cmocka_unit_test(what_is_no_device_is_refused),
        cmocka_unit_test(a_privileged_container_sees_the_nodes_devices_but_those_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
