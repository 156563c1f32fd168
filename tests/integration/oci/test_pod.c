/* SPDX-License-Identifier: Apache-2.0 */
/* What the containers of a pod share. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "world.h"

static struct world w;

static int setup(void **state)
{
    (void)state;
    world_init(&w, "pod");
    w.bridged = true;
    world_open(&w);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

static struct rt_sandbox_config own_network(const char *uid)
{
    struct rt_sandbox_config pod = world_pod(&w, uid);

    pod.network = RT_NS_POD;
    return pod;
}

static struct answer begin_shell(const char *pod_id, const char *name, const char *script)
{
    struct rt_container_config c = world_container(&w, pod_id, name, COMMAND("sh", "-c", script));
    struct answer a = world_create(&w, &c);

    if (a.code < 0)
        fail_msg("%s", a.message);
    assert_string_equal(world_start(&w, a.id).message, "");
    return a;
}

static void containers_share_an_address_a_name_and_memory(void **state)
{
    struct rt_sandbox_config config = own_network("shares");
    struct answer pod = world_make_pod(&w, &config), a, b;

    (void)state;
    assert_string_equal(pod.message, "");
    assert_true(str_has_prefix(pod.ip, "10.97.0."));
    a = begin_shell(pod.id, "a", "hostname; echo hello >/dev/shm/x; ip addr | grep 10.97; sleep 100");
    assert_true(world_log_holds(&w, a.log_path, "F shares\n"));
    assert_true(world_log_holds(&w, a.log_path, pod.ip));
    b = begin_shell(pod.id, "b", "cat /dev/shm/x; ip addr | grep 10.97; echo done; sleep 100");
    assert_true(world_log_holds(&w, b.log_path, "done"));
    assert_true(world_log_holds(&w, b.log_path, "F hello\n"));
    assert_true(world_log_holds(&w, b.log_path, pod.ip));
}

static void pods_reach_each_other(void **state)
{
    struct rt_sandbox_config config = own_network("server");
    struct answer server = world_make_pod(&w, &config), client, a;
    AUTO(free) char *script = xasprintf("ping -c 1 -w 5 %s", server.ip);

    (void)state;
    config = own_network("client");
    client = world_make_pod(&w, &config);
    assert_string_not_equal(server.ip, client.ip);
    a = begin_shell(client.id, "ping", script);
    a = world_wait_exit(&w, a.id);
    assert_int_equal(a.exit_code, 0);
}

static void creating_twice_gives_the_same_sandbox(void **state)
{
    struct rt_sandbox_config config = own_network("twice");
    struct answer a = world_make_pod(&w, &config), b = world_make_pod(&w, &config);

    (void)state;
    assert_string_equal(a.id, b.id);
    assert_string_equal(a.ip, b.ip);
    config.attempt = 1;
    b = world_make_pod(&w, &config);
    assert_string_not_equal(a.id, b.id);
}

static void resolv_conf_is_the_pods(void **state)
{
    struct rt_sandbox_config config = own_network("dns");
    struct answer pod, a;

    (void)state;
    config.dns_servers = (struct rt_strings){ (const char *const[]){ "10.96.0.10" }, 1 };
    config.dns_searches = (struct rt_strings){ (const char *const[]){ "default.svc", "svc" }, 2 };
    config.dns_options = (struct rt_strings){ (const char *const[]){ "ndots:5" }, 1 };
    pod = world_make_pod(&w, &config);
    a = begin_shell(pod.id, "dns", "cat /etc/resolv.conf /etc/hostname; echo done");
    assert_true(world_log_holds(&w, a.log_path, "done"));
    assert_true(world_log_holds(&w, a.log_path, "F search default.svc svc\n"));
    assert_true(world_log_holds(&w, a.log_path, "F nameserver 10.96.0.10\n"));
    assert_true(world_log_holds(&w, a.log_path, "F options ndots:5\n"));
    assert_true(world_log_holds(&w, a.log_path, "F dns\n"));
}

static void sysctls_are_the_pods(void **state)
{
    const struct rt_sysctl sysctls[] = { { "net.core.somaxconn", "1234" }, { "kernel.shm_rmid_forced", "1" } };
    const struct rt_sysctl wrong[] = { { "vm.swappiness", "1" } };
    struct rt_sandbox_config config = own_network("sysctl");
    struct answer pod, a;

    (void)state;
    config.sysctls = sysctls;
    config.sysctls_len = 2;
    pod = world_make_pod(&w, &config);
    assert_string_equal(pod.message, "");
    a = begin_shell(pod.id, "c", "cat /proc/sys/net/core/somaxconn /proc/sys/kernel/shm_rmid_forced; echo done");
    assert_true(world_log_holds(&w, a.log_path, "done"));
    assert_true(world_log_holds(&w, a.log_path, "F 1234\n"));
    config.uid = "wrongsysctl";
    config.sysctls = wrong;
    config.sysctls_len = 1;
    pod = world_make_pod(&w, &config);
    assert_int_equal(pod.code, -EINVAL);
    assert_string_equal(pod.reason, "FailedCreatePodSandBox");
    assert_non_null(strstr(pod.message, "vm.swappiness"));
}

static void a_shared_pid_namespace_has_pause_as_its_first_process(void **state)
{
    struct rt_sandbox_config config = own_network("pids");
    struct answer pod, a, b;

    (void)state;
    config.pid = RT_NS_POD;
    pod = world_make_pod(&w, &config);
    assert_string_equal(pod.message, "");
    a = begin_shell(pod.id, "a", "cat /proc/1/comm; ls /proc/1/root/ 2>/dev/null | wc -w; sleep 200 & sleep 100");
    assert_true(world_log_holds(&w, a.log_path, "oarsman-pause"));
    assert_true(world_log_holds(&w, a.log_path, "F 0\n")); /* it shows nothing of the node */
    b = begin_shell(pod.id, "b", "ps | grep 'sleep 100'; echo done; exit 4");
    assert_true(world_log_holds(&w, b.log_path, "done"));
    assert_true(world_log_holds(&w, b.log_path, "sleep 100"));
    assert_int_equal(world_wait_exit(&w, b.id).exit_code, 4);
    world_close(&w);
    world_open(&w);
    assert_int_equal(world_pod_status(&w, pod.id).sandbox_state, RT_SANDBOX_READY);
    assert_int_equal(world_stop(&w, a.id, 0).code, 0);
    assert_int_equal(world_stop_pod(&w, pod.id).code, 0);
    assert_int_equal(world_pod_status(&w, pod.id).sandbox_state, RT_SANDBOX_NOTREADY);
}

static void a_sandbox_without_its_pause_is_not_ready(void **state)
{
    struct rt_sandbox_config config = own_network("broken");
    struct answer pod, a;
    AUTO(free) char *path = NULL;
    AUTO(free) char *record = NULL;
    const char *at;
    int64_t pid;

    (void)state;
    config.pid = RT_NS_POD;
    pod = world_make_pod(&w, &config);
    a = begin_shell(pod.id, "a", "sleep 100");
    path = xasprintf("%s/sandboxes/%s/record.json", w.run_dir, pod.id);
    record = world_read(path);
    at = strstr(record, "\"pausePID\":");
    assert_non_null(at);
    record[strcspn(at, ",}") + (size_t)(at - record)] = '\0';
    assert_int_equal(str_to_i64(at + strlen("\"pausePID\":"), 2, INT32_MAX, &pid), 0);
    assert_int_equal(kill((pid_t)pid, SIGKILL), 0);
    assert_int_equal(world_wait_exit(&w, a.id).exit_code, 137);
    for (int i = 0; i < 100 && world_pod_status(&w, pod.id).sandbox_state == RT_SANDBOX_READY; i++)
        (void)loop_once(w.loop, 20);
    assert_int_equal(world_pod_status(&w, pod.id).sandbox_state, RT_SANDBOX_NOTREADY);
}

static void a_stopped_sandbox_takes_no_container(void **state)
{
    struct rt_sandbox_config config = own_network("stopped");
    struct answer pod = world_make_pod(&w, &config), a;
    struct rt_container_config c = world_container(&w, pod.id, "c", COMMAND("true"));

    (void)state;
    assert_int_equal(world_stop_pod(&w, pod.id).code, 0);
    assert_int_equal(world_stop_pod(&w, pod.id).code, 0);
    a = world_create(&w, &c);
    assert_string_equal(a.reason, "CreateContainerError");
    assert_int_equal(world_remove_pod(&w, pod.id).code, 0);
    assert_int_equal(world_remove_pod(&w, pod.id).code, 0);
    assert_true(world_pod_status(&w, pod.id).none);
}

static void another_containers_processes_can_be_looked_at(void **state)
{
    struct rt_sandbox_config config = own_network("target");
    struct answer pod = world_make_pod(&w, &config), a, b;
    struct rt_container_config c;

    (void)state;
    a = begin_shell(pod.id, "a", "sleep 4711");
    c = world_container(&w, pod.id, "debug", COMMAND("sh", "-c", "ps; echo done"));
    c.security.pid = RT_NS_TARGET;
    c.security.target_container_id = a.id;
    b = world_create(&w, &c);
    assert_string_equal(b.message, "");
    assert_int_equal(world_start(&w, b.id).code, 0);
    assert_true(world_log_holds(&w, b.log_path, "sleep 4711"));
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(containers_share_an_address_a_name_and_memory),
        T(pods_reach_each_other),
        T(creating_twice_gives_the_same_sandbox),
        T(resolv_conf_is_the_pods),
        T(sysctls_are_the_pods),
        T(a_shared_pid_namespace_has_pause_as_its_first_process),
        T(a_sandbox_without_its_pause_is_not_ready),
        T(a_stopped_sandbox_takes_no_container),
        T(another_containers_processes_can_be_looked_at),
    };

    world_need();
    world_leave_network();
    return cmocka_run_group_tests(tests, setup, teardown);
}
