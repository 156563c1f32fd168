/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent is killed before its n-th effect, for every n, while it attaches and detaches a pod.
 * Whatever its successor does next (sweep, or the same request again), nothing is left in the end.
 *
 * Each agent is a child of its own, so that this process never starts a thread. The component is
 * built a second time for this program, with its effects reaching the function below.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/effect.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/worker.h"
#include "node.h"

static atomic_int effects, crash_at;

void effect(const char *name)
{
    (void)name;
    if (atomic_fetch_add(&effects, 1) + 1 == atomic_load(&crash_at))
        (void)raise(SIGKILL);
}

static const char *const scripts[] = { "first", "second" };
#define SCRIPT                                                                                     \
    "#!/bin/sh\ncat >/dev/null\nf=/tmp/state/${0##*/}-$CNI_CONTAINERID\n"                          \
    "if [ $CNI_COMMAND = DEL ]; then rm -f $f; exit 0; fi\n>$f\n"                                  \
    "echo '{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.9.0.7/24\"}]}'\n"

struct agent {
    enum rt_network_mode mode;
    bool sweeps; /* at start, with nothing alive */
    bool attaches, detaches;
    int crash_at; /* 0: never */
};

/* One life of an agent. Never returns. */
static void live(const struct agent *a)
{
    static const char *const dirs[] = { "/tmp/bin" };
    struct rt_network_config config = { .mode = a->mode,
                                        .run_dir = NODE_RUN_DIR,
                                        .cidr = NODE_CIDR,
                                        .cni_conf_dir = "/tmp/net.d",
                                        .cni_bin_dirs = { dirs, 1 } };
    struct rt_port_mapping port = { RT_TCP, 80, 8080, NULL };
    struct rt_network_pod pod = { .sandbox_id = "a",
                                  .uid = "u",
                                  .name = "web",
                                  .namespace_ = "default",
                                  .netns_path = "/tmp/ns/a",
                                  .ports = &port,
                                  .ports_len = 1 };
    struct rt_network *n;
    struct loop *loop;
    struct node_result r = { .calls = 0 };
    atomic_store(&crash_at, a->crash_at);
    int rc = loop_new(&loop, &r.err);
    if (rc == 0)
        rc = rt_network_new(loop, &config, &n, &r.err);
    if (rc == 0 && a->sweeps)
        r = node_sweep(loop, n, NULL, 0);
    if (rc == 0 && r.err.code == 0 && a->attaches)
        r = node_attach(loop, n, &pod);
    if (rc == 0 && r.err.code == 0 && a->detaches)
        r = node_detach(loop, n, "a", NULL);
    if (r.err.code)
        (void)fprintf(stderr, "agent: %s\n", r.err.msg);
    _exit(r.err.code ? 1 : 0);
}

static int run_agent(const struct agent *a)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0)
        live(a);
    assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void assert_empty(const char *what, const char *command)
{
    AUTO(free) char *text = node_output(command);
    if (text[0] != '\0')
        fail_msg("%s: %s", what, text);
}

static void assert_clean(void)
{
    assert_empty("links", "ip -o link show type veth");
    assert_empty("records", "ls -A " NODE_RUN_DIR "/attachments | grep -v '^\\.'");
    assert_empty("addresses", "ls -A " NODE_RUN_DIR "/addresses | grep -vx last");
    assert_empty("host ports", "nft list ruleset | grep elements");
    assert_empty("plugins' state", "ls -A /tmp/state");
}

static void die_everywhere(enum rt_network_mode mode, const struct agent *successor)
{
    for (int n = 1; n < 1000; n++) {
        const struct agent victim = { mode, true, true, true, n };
        (void)node_add_netns("a");
        (void)node_shell("ip link del oarsman0 2>/dev/null; echo 0 >/proc/sys/net/ipv4/ip_forward; "
                         "nft flush ruleset");
        int status = run_agent(&victim);
        if (status != 0) {
            assert_int_equal(status, -SIGKILL);
            assert_int_equal(run_agent(successor), 0);
        }
        assert_clean();
        node_drop_netns("a");
        if (status == 0) {
            print_message("    %d points\n", n - 1);
            assert_true(n > 6);
            return;
        }
    }
    fail_msg("it never comes to an end");
}

static void killed_in_bridge_mode_then_swept(void **state)
{
    const struct agent successor = { RT_NETWORK_BRIDGE, true, false, false, 0 };
    (void)state;
    die_everywhere(RT_NETWORK_BRIDGE, &successor);
}

static void killed_in_bridge_mode_then_asked_again(void **state)
{
    const struct agent successor = { RT_NETWORK_BRIDGE, false, true, true, 0 };
    (void)state;
    die_everywhere(RT_NETWORK_BRIDGE, &successor);
}

static void killed_in_cni_mode_then_swept(void **state)
{
    const struct agent successor = { RT_NETWORK_CNI, true, false, false, 0 };
    (void)state;
    die_everywhere(RT_NETWORK_CNI, &successor);
}

static void killed_in_cni_mode_then_asked_again(void **state)
{
    const struct agent successor = { RT_NETWORK_CNI, false, true, true, 0 };
    (void)state;
    die_everywhere(RT_NETWORK_CNI, &successor);
}

static void the_mode_was_changed_meanwhile(void **state)
{
    const struct agent successor = { RT_NETWORK_CNI, true, false, false, 0 };
    (void)state;
    die_everywhere(RT_NETWORK_BRIDGE, &successor);
}

static void prepare(void)
{
    static const char conf[] =
        "{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"plugins\":[{\"type\":\"first\"},"
        "{\"type\":\"second\"}]}";
    (void)path_mkdirs("/tmp/bin", 0755, NULL);
    (void)path_mkdirs("/tmp/net.d", 0755, NULL);
    (void)path_mkdirs("/tmp/state", 0755, NULL);
    (void)file_write_atomic(AT_FDCWD, "/tmp/net.d/10-n.conflist", conf, strlen(conf), 0644, 0,
                            NULL);
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        AUTO(free) char *path = xasprintf("/tmp/bin/%s", scripts[i]);
        (void)file_write_atomic(AT_FDCWD, path, SCRIPT, strlen(SCRIPT), 0755, 0, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_in_bridge_mode_then_swept),
        cmocka_unit_test(killed_in_bridge_mode_then_asked_again),
        cmocka_unit_test(killed_in_cni_mode_then_swept),
        cmocka_unit_test(killed_in_cni_mode_then_asked_again),
        cmocka_unit_test(the_mode_was_changed_meanwhile),
    };
    node_enter();
    prepare();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
