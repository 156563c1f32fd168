/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox_config.h"

static void a_record_says_what_the_pod_shares(void **state)
{
    struct arena *a = arena_new(1 << 16);
    const struct rt_label labels[] = { { "app", "web" } };
    struct rt_sandbox_config config = {
        .uid = "u1", .name = "web", .namespace_ = "default", .attempt = 2, .hostname = "web",
        .log_directory = "/var/log/pods/x", .cgroup_parent = "/kubepods/u1", .labels = { labels, 1 }, .runtime_handler = "wasm",
        .network = RT_NS_POD, .pid = RT_NS_POD, .ipc = RT_NS_NODE,
    };
    struct sandbox_record r = { .version = 1 };

    (void)state;
    assert_int_equal(sandbox_config_describe(a, &config, &r), 0);
    assert_string_equal(r.uid, "u1");
    assert_ptr_not_equal(r.uid, config.uid);
    assert_int_equal(r.attempt, 2);
    assert_string_equal(r.runtime_handler, "wasm");
    assert_ptr_not_equal(r.runtime_handler, config.runtime_handler);
    assert_true(r.own_network);
    assert_false(r.own_ipc);
    assert_true(r.shared_pid);
    assert_false(r.host_pid);
    assert_string_equal(json_map_get(&r.labels, "app"), "web");
    arena_unref(a);
}

static void what_making_needs_is_copied(void **state)
{
    struct arena *a = arena_new(1 << 16);
    const struct rt_port_mapping ports[] = { { RT_UDP, 53, 5353, "10.0.0.1" } };
    const struct rt_sysctl sysctls[] = { { "net.core.somaxconn", "1" } };
    struct rt_sandbox_config config = {
        .uid = "u1", .ports = ports, .ports_len = 1, .sysctls = sysctls, .sysctls_len = 1,
        .dns_servers = { (const char *const[]){ "10.0.0.10" }, 1 },
    };
    struct rt_sandbox_config *copy = sandbox_config_copy(a, &config);

    (void)state;
    assert_non_null(copy);
    assert_ptr_not_equal(copy->ports, ports);
    assert_string_equal(copy->ports[0].host_ip, "10.0.0.1");
    assert_string_equal(copy->sysctls[0].name, "net.core.somaxconn");
    assert_string_equal(copy->dns_servers.items[0], "10.0.0.10");
    arena_unref(a);
}

static void too_much_is_refused(void **state)
{
    struct arena *a = arena_new(2048);
    char big[4096];
    struct rt_sandbox_config config = { .uid = big, .dns_servers = { (const char *const[]){ big }, 1 } };
    struct sandbox_record r = { .version = 1 };

    (void)state;
    memset(big, 'x', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    assert_null(sandbox_config_copy(a, &config));
    assert_int_equal(sandbox_config_describe(a, &config, &r), -E2BIG);
    arena_unref(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_says_what_the_pod_shares),
        cmocka_unit_test(what_making_needs_is_copied),
        cmocka_unit_test(too_much_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
