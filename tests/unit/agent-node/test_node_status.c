/* SPDX-License-Identifier: Apache-2.0 */
#include "status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"

static char name[] = "n1", ip[] = "10.0.0.1", ip6[] = "fd00::1";
static char *ips[] = { ip, ip6, NULL };
static const struct node_facts facts = { .name = name, .ips = ips, .cpus = 2, .memory_bytes = 1 << 30,
                                         .nodefs_bytes = 1 << 30, .boot_id = "b1", .architecture = "amd64",
                                         .swap_bytes = 4096 };
static const struct config config = { .port = 10250, .enable_server = true, .max_pods = 110 };
static const struct rt_handler handlers[] = { { .name = "runc" }, { .name = "", .recursive_readonly_mounts = true } };
static const struct node_pressures no_pressure;

static struct node_status_in input(int64_t second)
{
    return (struct node_status_in){ .facts = &facts, .config = &config, .runtime_name = "oarsman", .runtime_version = "0.1",
                                    .health = { .runtime_ready = true, .network_ready = true },
                                    .handlers = handlers, .handlers_len = 2, .pressures = &no_pressure,
                                    .wall_ns = second * NS_PER_S };
}

static const struct k8s_node_condition *condition(const struct k8s_node_status *s, const char *type)
{
    for (size_t i = 0; i < s->conditions.len; i++) {
        if (str_eq(s->conditions.items[i].type, type))
            return &s->conditions.items[i];
    }
    return NULL;
}

static void a_new_status_says_what_the_node_is(void **state)
{
    (void)state;
    static const struct k8s_node_status none;
    const struct node_status_in in = input(100);
    struct k8s_node_status s;
    AUTO(arena_unref) struct arena *arena = arena_new(1000000);
    node_status_build(&in, &none, arena, &s);
    assert_int_equal(s.conditions.len, 4);
    assert_string_equal(condition(&s, "Ready")->reason, "KubeletReady");
    assert_string_equal(condition(&s, "Ready")->message, "kubelet is posting ready status");
    assert_string_equal(condition(&s, "MemoryPressure")->reason, "KubeletHasSufficientMemory");
    assert_string_equal(condition(&s, "DiskPressure")->message, "kubelet has no disk pressure");
    assert_int_equal(s.addresses.len, 3);
    assert_string_equal(s.addresses.items[1].address, "fd00::1");
    assert_string_equal(s.addresses.items[2].type, "Hostname");
    assert_int_equal(s.daemon_endpoints.kubelet_endpoint.port, 10250);
    assert_string_equal(s.node_info.container_runtime_version, "oarsman://0.1");
    assert_true(str_has_prefix(s.node_info.kubelet_version, "v1.37.0+oarsman."));
    assert_int_equal(s.node_info.swap->capacity.value, 4096);
    assert_string_equal(s.runtime_handlers.items[0].name, "");
    assert_true(s.runtime_handlers.items[0].features->recursive_read_only_mounts.value);
    assert_string_equal(s.runtime_handlers.items[1].name, "runc");
    assert_true(node_status_ready(&s));
}

static void a_node_for_krustlets_manifests_says_its_architecture(void **state)
{
    (void)state;
    static const struct k8s_node_status none;
    const struct config krustlet = { .port = 10250, .max_pods = 110, .wasm_krustlet = true };
    struct node_status_in in = input(100);
    struct k8s_node_status s;
    AUTO(arena_unref) struct arena *arena = arena_new(1000000);
    in.config = &krustlet;
    node_status_build(&in, &none, arena, &s);
    assert_string_equal(s.node_info.architecture, "wasm-wasi");
    assert_string_equal(s.node_info.operating_system, "linux");
    in.config = &config;
    node_status_build(&in, &none, arena, &s);
    assert_string_equal(s.node_info.architecture, "amd64");
}

static void why_it_is_not_ready_is_told_in_the_kubelets_words(void **state)
{
    (void)state;
    static const struct k8s_node_status none;
    static const struct {
        struct rt_health health;
        const char *message;
    } cases[] = {
        { { true, NULL, false, "no networks found in /etc/cni/net.d" },
          "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin "
          "returns error: no networks found in /etc/cni/net.d" },
        { { false, "conmon is gone", true, NULL },
          "container runtime not ready: RuntimeReady=false reason:RuntimeNotReady message:conmon is gone" },
        { { false, "a", false, "b" },
          "[container runtime not ready: RuntimeReady=false reason:RuntimeNotReady message:a, container runtime network "
          "not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: b]" },
    };
    for (size_t i = 0; i < 3; i++) {
        struct node_status_in in = input(100);
        struct k8s_node_status s;
        AUTO(arena_unref) struct arena *arena = arena_new(1000000);
        in.health = cases[i].health;
        node_status_build(&in, &none, arena, &s);
        assert_false(node_status_ready(&s));
        assert_string_equal(condition(&s, "Ready")->reason, "KubeletNotReady");
        assert_string_equal(condition(&s, "Ready")->message, cases[i].message);
    }
}

static void transition_times_change_with_the_status_alone(void **state)
{
    (void)state;
    static const struct k8s_node_status none;
    struct k8s_node_status first, quiet, beat, changed;
    AUTO(arena_unref) struct arena *arena = arena_new(1000000);
    struct node_status_in in = input(100);
    node_status_build(&in, &none, arena, &first);
    in.wall_ns = 200 * NS_PER_S;
    node_status_build(&in, &first, arena, &quiet);
    assert_int_equal(condition(&quiet, "Ready")->last_heartbeat_time.unix_ns, 100 * NS_PER_S);
    in.beat = true;
    node_status_build(&in, &first, arena, &beat);
    assert_int_equal(condition(&beat, "Ready")->last_heartbeat_time.unix_ns, 200 * NS_PER_S);
    assert_int_equal(condition(&beat, "Ready")->last_transition_time.unix_ns, 100 * NS_PER_S);
    in.health.network_ready = false;
    node_status_build(&in, &first, arena, &changed);
    assert_int_equal(condition(&changed, "Ready")->last_transition_time.unix_ns, 200 * NS_PER_S);
    assert_int_equal(condition(&changed, "DiskPressure")->last_transition_time.unix_ns, 100 * NS_PER_S);
}

static void foreign_conditions_and_fields_are_carried_over(void **state)
{
    (void)state;
    const struct k8s_node_condition foreign[] = { { .type = "KernelDeadlock", .status = "True" },
                                                  { .type = "Ready", .status = "Unknown" } };
    const struct k8s_attached_volume volume = { .name = "v" };
    const struct k8s_node_status before = { .conditions = { foreign, 2 }, .volumes_attached = { &volume, 1 } };
    const struct node_status_in in = input(100);
    struct k8s_node_status s;
    AUTO(arena_unref) struct arena *arena = arena_new(1000000);
    node_status_build(&in, &before, arena, &s);
    assert_int_equal(s.conditions.len, 5);
    assert_string_equal(condition(&s, "KernelDeadlock")->status, "True");
    assert_string_equal(condition(&s, "Ready")->status, "True");
    assert_int_equal(s.volumes_attached.len, 1);
}

static void collect(void *user, const char *reason)
{
    struct buf *b = user;
    buf_printf(b, "%s ", reason);
}

static void events_follow_from_the_step(void **state)
{
    (void)state;
    static const struct k8s_node_status none;
    struct node_pressures short_of_memory = { .is = { [NODE_MEMORY_PRESSURE] = true } };
    struct k8s_node_status first, second, third;
    AUTO(arena_unref) struct arena *arena = arena_new(1000000);
    AUTO(buf_done) struct buf told = BUF_INIT(1000);
    struct node_status_in in = input(100);
    in.health.network_ready = false;
    node_status_build(&in, &none, arena, &first);
    node_status_events(&none, &first, collect, &told);
    assert_string_equal(buf_str(&told), "NodeHasSufficientMemory NodeHasNoDiskPressure NodeHasSufficientPID ");
    buf_clear(&told);
    in.health.network_ready = true;
    in.pressures = &short_of_memory;
    node_status_build(&in, &first, arena, &second);
    node_status_events(&first, &second, collect, &told);
    assert_string_equal(buf_str(&told), "NodeHasInsufficientMemory NodeReady ");
    buf_clear(&told);
    node_status_build(&in, &second, arena, &third);
    node_status_events(&second, &third, collect, &told);
    assert_string_equal(buf_str(&told), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_status_says_what_the_node_is),
        cmocka_unit_test(a_node_for_krustlets_manifests_says_its_architecture),
        cmocka_unit_test(why_it_is_not_ready_is_told_in_the_kubelets_words),
        cmocka_unit_test(transition_times_change_with_the_status_alone),
        cmocka_unit_test(foreign_conditions_and_fields_are_carried_over),
        cmocka_unit_test(events_follow_from_the_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
