/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config_copy.h"

static void everything_is_copied(void **state)
{
    struct arena *a = arena_new(1 << 16);
    const struct rt_label envs[] = { { "K", "V" } };
    const struct rt_mount mounts[] = { { .container_path = "/a", .host_path = "/b", .readonly = true } };
    const struct rt_device devices[] = { { "/dev/x", "/dev/y", "rw" } };
    const int64_t groups[] = { 5, 6 };
    struct rt_container_config config = {
        .sandbox_id = "s", .name = "n", .image = "i", .image_id = "id", .working_dir = "/w", .log_path = "n/0.log",
        .command = { (const char *const[]){ "sh", "-c" }, 2 }, .args = { (const char *const[]){ "x" }, 1 },
        .envs = envs, .envs_len = 1, .mounts = mounts, .mounts_len = 1, .devices = devices, .devices_len = 1,
        .stop_signal = "SIGQUIT", .tty = true, .listen_port = 8080,
        .security = { .username = "u", .supplemental_groups = groups, .supplemental_groups_len = 2,
                      .add_capabilities = { (const char *const[]){ "ALL" }, 1 } },
    };
    struct rt_container_config *copy = config_copy(a, &config);

    (void)state;
    assert_non_null(copy);
    assert_string_equal(copy->command.items[1], "-c");
    assert_ptr_not_equal(copy->command.items[1], config.command.items[1]);
    assert_string_equal(copy->envs[0].value, "V");
    assert_string_equal(copy->mounts[0].host_path, "/b");
    assert_true(copy->mounts[0].readonly);
    assert_string_equal(copy->devices[0].permissions, "rw");
    assert_int_equal(copy->security.supplemental_groups[1], 6);
    assert_string_equal(copy->security.add_capabilities.items[0], "ALL");
    assert_string_equal(copy->stop_signal, "SIGQUIT");
    assert_true(copy->tty);
    assert_int_equal(copy->listen_port, 8080);
    assert_null(copy->security.target_container_id);
    arena_unref(a);
}

static void too_much_is_refused(void **state)
{
    struct arena *a = arena_new(4096);
    char big[8192];
    const struct rt_label envs[] = { { "K", big } };
    struct rt_container_config config = { .sandbox_id = "s", .name = "n", .envs = envs, .envs_len = 1 };

    (void)state;
    memset(big, 'x', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    assert_null(config_copy(a, &config));
    arena_unref(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_copied),
        cmocka_unit_test(too_much_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
