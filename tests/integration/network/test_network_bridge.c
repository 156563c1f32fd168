/* SPDX-License-Identifier: Apache-2.0 */
/* The bridge mode against the kernel: who reaches whom, and what is left afterwards. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/worker.h"
#include "node.h"

static struct loop *loop;
static struct rt_network *network;

static struct rt_network *start(const char *cidr)
{
    struct rt_network_config config = { .mode = RT_NETWORK_BRIDGE,
                                        .run_dir = NODE_RUN_DIR,
                                        .cidr = cidr };
    struct rt_network *n = NULL;
    struct err err = ERR_INIT;
    if (rt_network_new(loop, &config, &n, &err) < 0)
        fail_msg("%s", err.msg);
    return n;
}

static int setup(void **state)
{
    (void)state;
    network = start(NODE_CIDR);
    return 0;
}

static int count(const char *command)
{
    AUTO(free) char *text = node_output(command);
    return atoi(text);
}

/* Nothing of a pod is left in the kernel or on tmpfs; the bridge and the table stay. */
static void assert_clean(void)
{
    assert_int_equal(count("ip -o link show type veth | grep -c oar"), 0);
    assert_int_equal(count("ls " NODE_RUN_DIR "/attachments | wc -l"), 0);
    assert_int_equal(count("ls " NODE_RUN_DIR "/addresses | grep -vcx last"), 0);
    assert_int_equal(count("nft list ruleset | grep -c elements"), 0);
}

static int teardown(void **state)
{
    (void)state;
    (void)node_sweep(loop, network, NULL, 0);
    network = rt_network_free(network);
    return 0;
}

static struct rt_network_pod pod_of(const char *id)
{
    return (
        struct rt_network_pod){ .sandbox_id = id, .uid = id, .name = id, .namespace_ = "default" };
}

static void attach_pod(const char *id, struct rt_port_mapping *ports, size_t len, char ip[64])
{
    struct rt_network_pod pod = pod_of(id);
    pod.netns_path = node_add_netns(id);
    pod.ports = ports;
    pod.ports_len = len;
    struct node_result r = node_attach(loop, network, &pod);
    if (r.err.code)
        fail_msg("%s", r.err.msg);
    assert_int_equal(r.calls, 1);
    (void)snprintf(ip, 64, "%s", r.ip);
}

static void detach_pod(const char *id)
{
    struct node_result r = node_detach(loop, network, id, NULL);
    if (r.err.code)
        fail_msg("%s", r.err.msg);
    node_drop_netns(id);
}

static void assert_reached(const char *from, int type, const char *address, uint16_t port,
                           int listener, const char *seen_as)
{
    const char *who = node_reach(from, type, address, port, listener);
    print_message("    %s → %s:%d %s: seen as %s\n", from ? from : "node", address, port,
                  type == SOCK_STREAM ? "tcp" : "udp", who ? who : "nobody");
    assert_non_null(who);
    assert_string_equal(who, seen_as);
}

static void pods_reach_each_other_the_node_and_themselves(void **state)
{
    char a[64], b[64];
    (void)state;
    attach_pod("a", NULL, 0, a);
    attach_pod("b", NULL, 0, b);
    int at_b = node_listen("/tmp/ns/b", SOCK_STREAM, 80),
        at_node = node_listen(NULL, SOCK_STREAM, 81);
    assert_reached("/tmp/ns/a", SOCK_STREAM, b, 80, at_b, a);
    assert_reached("/tmp/ns/b", SOCK_STREAM, b, 80, at_b, b);
    assert_reached("/tmp/ns/b", SOCK_STREAM, "127.0.0.1", 80, at_b, "127.0.0.1");
    assert_reached(NULL, SOCK_STREAM, b, 80, at_b, "10.85.0.1");
    assert_reached("/tmp/ns/a", SOCK_STREAM, "10.85.0.1", 81, at_node, a);
    (void)close(at_b);
    (void)close(at_node);
    detach_pod("a");
    detach_pod("b");
    assert_clean();
}

static void a_pod_leaves_under_the_nodes_address(void **state)
{
    char a[64];
    (void)state;
    attach_pod("a", NULL, 0, a);
    int outside = node_listen("/tmp/ns/outside", SOCK_STREAM, 90);
    assert_reached("/tmp/ns/a", SOCK_STREAM, NODE_OUTSIDE, 90, outside, NODE_ADDRESS);
    (void)close(outside);
    detach_pod("a");
    assert_clean();
}

static void a_host_port_is_reached_from_everywhere(void **state)
{
    char a[64], b[64];
    (void)state;
    struct rt_port_mapping ports[] = {
        { RT_TCP, 80, 8080, NULL }, { RT_UDP, 53, 8053, NULL }, { RT_TCP, 80, 8081, NODE_ADDRESS },
        { RT_TCP, 99, 0, NULL },    { RT_SCTP, 7, 8007, NULL }, { RT_TCP, 80, 8082, "127.0.0.1" },
    };
    attach_pod("a", ports, ARRAY_LEN(ports), a);
    attach_pod("b", NULL, 0, b);
    int tcp = node_listen("/tmp/ns/a", SOCK_STREAM, 80),
        udp = node_listen("/tmp/ns/a", SOCK_DGRAM, 53);
    assert_reached("/tmp/ns/outside", SOCK_STREAM, NODE_ADDRESS, 8080, tcp, NODE_OUTSIDE);
    assert_reached("/tmp/ns/outside", SOCK_DGRAM, NODE_ADDRESS, 8053, udp, NODE_OUTSIDE);
    assert_reached(NULL, SOCK_STREAM, "127.0.0.1", 8080, tcp, "10.85.0.1");
    assert_reached(NULL, SOCK_DGRAM, "127.0.0.1", 8053, udp, "10.85.0.1");
    assert_reached(NULL, SOCK_STREAM, NODE_ADDRESS, 8080, tcp, NODE_ADDRESS);
    assert_reached("/tmp/ns/b", SOCK_STREAM, NODE_ADDRESS, 8080, tcp, "10.85.0.1");
    assert_reached("/tmp/ns/a", SOCK_STREAM, NODE_ADDRESS, 8080, tcp, "10.85.0.1"); /* hairpin */
    assert_reached("/tmp/ns/a", SOCK_DGRAM, "10.85.0.1", 8053, udp, "10.85.0.1");
    assert_reached("/tmp/ns/outside", SOCK_STREAM, NODE_ADDRESS, 8081, tcp,
                   NODE_OUTSIDE); /* hostIP */
    assert_null(node_reach(NULL, SOCK_STREAM, "127.0.0.1", 8081, tcp));
    assert_reached(NULL, SOCK_STREAM, "127.0.0.1", 8082, tcp, "10.85.0.1");
    assert_null(node_reach("/tmp/ns/outside", SOCK_STREAM, NODE_ADDRESS, 8082, tcp));
    (void)close(tcp);
    (void)close(udp);
    detach_pod("a");
    assert_null(node_reach("/tmp/ns/outside", SOCK_STREAM, NODE_ADDRESS, 8080, -1));
    detach_pod("b");
    assert_clean();
}

static void pods_do_not_reach_the_nodes_loopback(void **state)
{
    char a[64];
    (void)state;
    attach_pod("a", NULL, 0, a);
    int secret = node_listen(NULL, SOCK_STREAM, 9999);
    assert_int_equal(
        node_shell("nsenter --net=/tmp/ns/a sh -ec 'ip link set lo down; ip addr flush dev lo;"
                   "echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet;"
                   "ip route add 127.0.0.0/8 via 10.85.0.1 dev eth0'"),
        0);
    assert_null(node_reach("/tmp/ns/a", SOCK_STREAM, "127.0.0.1", 9999, secret));
    /* it is the guard that keeps them out */
    assert_int_equal(node_shell("nft delete chain inet oarsman0 guard"), 0);
    assert_reached("/tmp/ns/a", SOCK_STREAM, "127.0.0.1", 9999, secret, a);
    (void)close(secret);
    detach_pod("a");
    assert_clean();
}

static void a_host_port_is_given_once(void **state)
{
    char a[64];
    (void)state;
    struct rt_port_mapping port = { RT_TCP, 80, 8080, NULL },
                           same = { RT_TCP, 81, 8080, NODE_ADDRESS };
    attach_pod("a", &port, 1, a);
    struct rt_network_pod pod = pod_of("b");
    pod.netns_path = node_add_netns("b");
    pod.ports = &same;
    pod.ports_len = 1;
    struct node_result r = node_attach(loop, network, &pod);
    assert_int_equal(r.err.code, -EADDRINUSE);
    assert_non_null(strstr(r.err.msg, "host port 8080 is taken by pod default/a"));
    node_drop_netns("b");
    detach_pod("a");
    assert_clean();
}

static void attaching_twice_is_attaching_once(void **state)
{
    char a[64], again[64], b[64];
    (void)state;
    attach_pod("a", NULL, 0, a);
    struct rt_network_pod pod = pod_of("a");
    pod.netns_path = "/tmp/ns/a";
    struct node_result r = node_attach(loop, network, &pod);
    assert_string_equal(r.ip, a);
    detach_pod("a");
    assert_int_equal(node_detach(loop, network, "a", NULL).err.code, 0);
    assert_int_equal(node_detach(loop, network, "never", NULL).err.code, 0);
    attach_pod("a", NULL, 0, again);
    attach_pod("b", NULL, 0, b);
    assert_string_not_equal(again, a); /* an address rests */
    assert_string_not_equal(again, b);
    detach_pod("a");
    detach_pod("b");
    assert_clean();
}

static void a_failed_attachment_leaves_nothing(void **state)
{
    (void)state;
    struct rt_network_pod pod = pod_of("a");
    pod.netns_path = "/tmp/ns/absent";
    struct node_result r = node_attach(loop, network, &pod);
    assert_int_equal(r.err.code, -ENOENT);
    assert_non_null(strstr(r.err.msg, "/tmp/ns/absent"));
    pod.sandbox_id = "../a";
    assert_int_equal(node_attach(loop, network, &pod).err.code, -EINVAL);
    assert_clean();
}

static void rules_that_somebody_has_removed_come_back(void **state)
{
    char a[64], b[64];
    (void)state;
    struct rt_port_mapping one = { RT_TCP, 80, 8080, NULL }, two = { RT_TCP, 80, 8081, NULL };
    attach_pod("a", &one, 1, a);
    assert_int_equal(node_shell("nft flush ruleset"), 0);
    attach_pod("b", &two, 1, b);
    int tcp = node_listen("/tmp/ns/a", SOCK_STREAM, 80);
    assert_reached("/tmp/ns/outside", SOCK_STREAM, NODE_ADDRESS, 8080, tcp, NODE_OUTSIDE);
    (void)close(tcp);
    assert_int_equal(node_shell("nft flush ruleset"), 0);
    detach_pod("a");
    detach_pod("b");
    assert_clean();
}

static void a_restart_keeps_the_living_and_takes_the_dead(void **state)
{
    char a[64], b[64], c[64];
    const char *const live[] = { "a" };
    char **ips = NULL;
    (void)state;
    struct rt_port_mapping one = { RT_TCP, 80, 8080, NULL }, two = { RT_TCP, 80, 8081, NULL };
    attach_pod("a", &one, 1, a);
    attach_pod("b", &two, 1, b);
    network = rt_network_free(network);
    network = start(NODE_CIDR);
    attach_pod("c", NULL, 0, c); /* before the sweep, and not in its list */
    struct node_result r = node_sweep(loop, network, live, 1);
    if (r.err.code)
        fail_msg("%s", r.err.msg);
    assert_int_equal(count("ip -o link show type veth | grep -c oar"), 2);
    assert_int_equal(count("nft list ruleset | grep -c 8081"), 0);
    assert_int_equal(rt_network_addresses(network, "a", &ips, NULL), 0);
    assert_string_equal(ips[0], a);
    strv_free(ips);
    assert_int_equal(rt_network_addresses(network, "b", &ips, NULL), -ENOENT);
    int tcp = node_listen("/tmp/ns/a", SOCK_STREAM, 80);
    assert_reached("/tmp/ns/outside", SOCK_STREAM, NODE_ADDRESS, 8080, tcp, NODE_OUTSIDE);
    (void)close(tcp);
    node_drop_netns("b");
    detach_pod("c");
    detach_pod("a");
    assert_clean();
}

static void health_waits_for_a_range(void **state)
{
    char a[64];
    (void)state;
    network = rt_network_free(network);
    network = start(NULL);
    struct rt_network_pod pod = pod_of("a");
    pod.netns_path = node_add_netns("a");
    assert_false(rt_network_health(network).ready);
    assert_int_equal(node_attach(loop, network, &pod).err.code, -EAGAIN);
    assert_int_equal(rt_network_set_cidr(network, "10.85.0.0", NULL), -EINVAL);
    assert_int_equal(rt_network_set_cidr(network, NODE_CIDR, NULL), 0);
    assert_true(rt_network_health(network).ready);
    node_drop_netns("a");
    attach_pod("a", NULL, 0, a);
    detach_pod("a");
    assert_clean();
}

enum { MANY = 250 };

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void report(const char *what, int64_t *ns, size_t len)
{
    qsort(ns, len, sizeof(*ns), by_value);
    print_message("    %s: p50 %.2f ms, p90 %.2f ms, min %.2f ms, n=%zu\n", what,
                  (double)ns[len / 2] / 1e6, (double)ns[len * 9 / 10] / 1e6, (double)ns[0] / 1e6,
                  len);
}

static void many_pods_live_on_one_bridge(void **state)
{
    static char ips[MANY][64], ids[MANY][16];
    static int64_t took[MANY];
    (void)state;
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(ids[i], sizeof(ids[i]), "many%d", i);
        struct rt_network_pod pod = pod_of(ids[i]);
        pod.netns_path = node_add_netns(ids[i]);
        int64_t begin = clock_boot_ns();
        struct node_result r = node_attach(loop, network, &pod);
        took[i] = clock_boot_ns() - begin;
        assert_int_equal(r.err.code, 0);
        (void)snprintf(ips[i], sizeof(ips[i]), "%s", r.ip);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(ips[i], ips[j]);
    }
    report("attach", took, MANY);
    int last = node_listen("/tmp/ns/many249", SOCK_STREAM, 80);
    assert_reached("/tmp/ns/many0", SOCK_STREAM, ips[MANY - 1], 80, last, ips[0]);
    (void)close(last);
    for (int i = 0; i < MANY; i++) {
        int64_t begin = clock_boot_ns();
        assert_int_equal(node_detach(loop, network, ids[i], NULL).err.code, 0);
        took[i] = clock_boot_ns() - begin;
        node_drop_netns(ids[i]);
    }
    report("detach", took, MANY);
    assert_clean();
}

static void count_done(void *user, const struct err *err, const void *result)
{
    (void)result;
    if (!err)
        ++*(int *)user;
}

/* The agent and a play on one machine. */
static void two_networks_do_not_meet(void **state)
{
    char a[64];
    struct rt_network *second = NULL;
    struct rt_network_config config = { .mode = RT_NETWORK_BRIDGE,
                                        .run_dir = NODE_RUN_DIR "2",
                                        .bridge = "oar-two0",
                                        .cidr = "10.86.0.0/16" };
    struct rt_port_mapping one = { RT_TCP, 80, 8080, NULL }, two = { RT_TCP, 80, 8081, NULL };
    (void)state;
    attach_pod("a", &one, 1, a);
    assert_int_equal(rt_network_new(loop, &config, &second, NULL), 0);
    struct rt_network_pod pod = pod_of("b");
    pod.netns_path = node_add_netns("b");
    pod.ports = &two;
    pod.ports_len = 1;
    struct node_result b = node_attach(loop, second, &pod);
    assert_int_equal(b.err.code, 0);
    int at_a = node_listen("/tmp/ns/a", SOCK_STREAM, 80),
        at_b = node_listen("/tmp/ns/b", SOCK_STREAM, 80);
    assert_reached("/tmp/ns/outside", SOCK_STREAM, NODE_ADDRESS, 8080, at_a, NODE_OUTSIDE);
    assert_reached("/tmp/ns/outside", SOCK_STREAM, NODE_ADDRESS, 8081, at_b, NODE_OUTSIDE);
    assert_int_equal(rt_network_uninstall(second, NULL), -EBUSY);
    assert_int_equal(node_detach(loop, second, "b", NULL).err.code, 0);
    assert_int_equal(rt_network_uninstall(second, NULL), 0);
    assert_int_equal(rt_network_uninstall(second, NULL), 0);
    assert_int_not_equal(node_shell("ip link show oar-two0 2>/dev/null"), 0);
    assert_int_equal(count("nft list tables | grep -c oar-two0"), 0);
    assert_reached("/tmp/ns/outside", SOCK_STREAM, NODE_ADDRESS, 8080, at_a, NODE_OUTSIDE);
    second = rt_network_free(second);
    (void)close(at_a);
    (void)close(at_b);
    node_drop_netns("b");
    detach_pod("a");
    assert_clean();
}

/* A burst: all asked for before the first is done. */
static void many_pods_come_and_go_at_once(void **state)
{
    static char ids[MANY][16];
    int attached = 0, detached = 0;
    (void)state;
    int64_t begin = clock_boot_ns();
    for (int i = 0; i < MANY; i++) {
        struct rt_call call = { .done = count_done, .user = &attached };
        (void)snprintf(ids[i], sizeof(ids[i]), "burst%d", i);
        struct rt_network_pod pod = pod_of(ids[i]);
        pod.netns_path = node_add_netns(ids[i]);
        (void)rt_network_attach(network, &pod, &call);
    }
    print_message("    namespaces: %.0f ms\n", (double)(clock_boot_ns() - begin) / 1e6);
    begin = clock_boot_ns();
    while (attached < MANY && clock_boot_ns() - begin < 60 * NS_PER_S)
        (void)loop_once(loop, 100);
    print_message("    %d attached in %.0f ms\n", attached,
                  (double)(clock_boot_ns() - begin) / 1e6);
    assert_int_equal(attached, MANY);
    begin = clock_boot_ns();
    for (int i = 0; i < MANY; i++) {
        struct rt_call call = { .done = count_done, .user = &detached };
        (void)rt_network_detach(network, ids[i], NULL, &call);
    }
    while (detached < MANY && clock_boot_ns() - begin < 60 * NS_PER_S)
        (void)loop_once(loop, 100);
    print_message("    %d detached in %.0f ms\n", detached,
                  (double)(clock_boot_ns() - begin) / 1e6);
    assert_int_equal(detached, MANY);
    for (int i = 0; i < MANY; i++)
        node_drop_netns(ids[i]);
    assert_clean();
}

int main(void)
{
#define FACT(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        FACT(pods_reach_each_other_the_node_and_themselves),
        FACT(a_pod_leaves_under_the_nodes_address),
        FACT(a_host_port_is_reached_from_everywhere),
        FACT(pods_do_not_reach_the_nodes_loopback),
        FACT(a_host_port_is_given_once),
        FACT(attaching_twice_is_attaching_once),
        FACT(a_failed_attachment_leaves_nothing),
        FACT(rules_that_somebody_has_removed_come_back),
        FACT(a_restart_keeps_the_living_and_takes_the_dead),
        FACT(health_waits_for_a_range),
        FACT(two_networks_do_not_meet),
        FACT(many_pods_live_on_one_bridge),
        FACT(many_pods_come_and_go_at_once),
    };
    node_enter();
    node_add_outside();
    if (loop_new(&loop, NULL) < 0)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    worker_drain(loop);
    (void)loop_free(loop);
    return failed;
}
