/* SPDX-License-Identifier: Apache-2.0 */
/* The cni mode with the distribution's plugins, and with scripted ones that fail, hang and write
 * down what they get. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/worker.h"
#include "node.h"

#define CONF_DIR "/tmp/etc/cni/net.d"
#define BIN_DIR  "/tmp/bin"

static struct loop *loop;
static struct rt_network *network;
static int changes;

static void on_change(void *user)
{
    (void)user;
    changes++;
}

static void start(void)
{
    static const char *const dirs[] = { BIN_DIR, "/usr/lib/cni" };
    struct rt_network_config config = { .mode = RT_NETWORK_CNI,
                                        .run_dir = NODE_RUN_DIR,
                                        .cni_conf_dir = CONF_DIR,
                                        .cni_bin_dirs = { dirs, 2 },
                                        .cni_timeout_ms = 3000 };
    struct err err = ERR_INIT;
    if (rt_network_new(loop, &config, &network, &err) < 0)
        fail_msg("%s", err.msg);
    rt_network_on_change(network, on_change, NULL);
    changes = 0;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    assert_int_equal(file_write_atomic(AT_FDCWD, path, text, strlen(text), mode, 0, NULL), 0);
}

/* Writes what it is asked to a log; passes the result on. */
#define SCRIPT(body)                                                                               \
    "#!/bin/sh\nin=$(cat)\n"                                                                       \
    "echo \"$CNI_COMMAND ${0##*/} id=$CNI_CONTAINERID if=$CNI_IFNAME args=$CNI_ARGS "              \
    "netns=$CNI_NETNS $in\" >>/tmp/log\n" body
#define RESULT                                                                                     \
    "{\"cniVersion\":\"1.0.0\",\"interfaces\":[{\"name\":\"br\"},{\"name\":\"eth0\",\"sandbox\":"  \
    "\"/x\"}],"                                                                                    \
    "\"ips\":[{\"address\":\"10.9.0.1/24\",\"interface\":0},{\"address\":\"10.9.0.7/"              \
    "24\",\"interface\":1}]}"

static int setup(void **state)
{
    (void)state;
    assert_int_equal(path_mkdirs(CONF_DIR, 0755, NULL), 0);
    assert_int_equal(path_mkdirs(BIN_DIR, 0755, NULL), 0);
    write_file(BIN_DIR "/first", SCRIPT("[ $CNI_COMMAND = DEL ] || echo '" RESULT "'\n"), 0755);
    write_file(BIN_DIR "/second", SCRIPT("[ $CNI_COMMAND = DEL ] || echo '" RESULT "'\n"), 0755);
    write_file(BIN_DIR "/fails",
               SCRIPT("[ $CNI_COMMAND = DEL ] && exit 0\n"
                      "echo '{\"cniVersion\":\"1.0.0\",\"code\":11,\"msg\":\"no such "
                      "luck\",\"details\":\"at all\"}'; exit 1\n"),
               0755);
    write_file(
        BIN_DIR "/dies",
        SCRIPT("[ $CNI_COMMAND = DEL ] && exit 0\necho 'segmentation fault' >&2; exit 139\n"),
        0755);
    write_file(BIN_DIR "/hangs", SCRIPT("[ $CNI_COMMAND = DEL ] && exit 0\nexec sleep 1000\n"),
               0755);
    write_file(BIN_DIR "/babbles", SCRIPT("echo 'hello'\n"), 0755);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    if (network)
        (void)node_sweep(loop, network, NULL, 0);
    network = rt_network_free(network);
    (void)path_remove_tree("/tmp/etc", NULL);
    (void)path_remove_tree(BIN_DIR, NULL);
    (void)unlink("/tmp/log");
    return 0;
}

static struct node_result attach(const char *id, const struct rt_port_mapping *ports, size_t len)
{
    struct rt_network_pod pod = { .sandbox_id = id,
                                  .uid = "uid-1",
                                  .name = "web",
                                  .namespace_ = "default",
                                  .netns_path = node_add_netns(id),
                                  .ports = ports,
                                  .ports_len = len };
    return node_attach(loop, network, &pod);
}

static void configure(const char *name, const char *text)
{
    AUTO(free) char *path = xasprintf(CONF_DIR "/%s", name);
    write_file(path, text, 0644);
}

static char *log_text(void)
{
    struct buf text = BUF_INIT(1 << 20);
    (void)file_read(AT_FDCWD, "/tmp/log", &text, NULL);
    (void)buf_puts(&text, "");
    return buf_take(&text);
}

static void assert_no_record(void)
{
    assert_int_equal(node_shell("test -z \"$(ls " NODE_RUN_DIR "/attachments)\""), 0);
}

static void wait_for_change(void)
{
    int64_t end_ms = clock_boot_ms() + 5000;
    while (changes == 0 && clock_boot_ms() < end_ms)
        (void)loop_once(loop, 100);
    assert_int_not_equal(changes, 0);
    changes = 0;
}

static void the_node_waits_for_a_configuration(void **state)
{
    (void)state;
    (void)path_remove_tree("/tmp/etc", NULL); /* not even the folder is there */
    start();
    assert_false(rt_network_health(network).ready);
    assert_true(str_has_prefix(rt_network_health(network).message, "cni plugin not initialized"));
    assert_int_equal(attach("a", NULL, 0).err.code, -EAGAIN);
    assert_int_equal(path_mkdirs(CONF_DIR, 0755, NULL), 0);
    configure("10-bad.conflist", "{ \"name\": ");
    wait_for_change();
    assert_false(rt_network_health(network).ready);
    assert_non_null(strstr(rt_network_health(network).message, "10-bad.conflist"));
    configure("20-good.conf", "{\"cniVersion\":\"0.3.1\",\"name\":\"n\",\"type\":\"first\"}");
    wait_for_change();
    assert_true(rt_network_health(network).ready);
    assert_int_equal(unlink(CONF_DIR "/20-good.conf"), 0);
    wait_for_change();
    assert_false(rt_network_health(network).ready);
}

static void plugins_run_in_order_and_back(void **state)
{
    (void)state;
    struct rt_port_mapping port = { RT_UDP, 53, 8053, "192.0.2.1" };
    configure(
        "10-x.conflist",
        "{\"cniVersion\":\"1.0.0\",\"name\":\"net\",\"plugins\":[{\"type\":\"first\",\"x\":1.50},"
        "{\"type\":\"second\",\"capabilities\":{\"portMappings\":true}}]}");
    start();
    struct node_result r = attach("a", &port, 1);
    assert_int_equal(r.err.code, 0);
    assert_string_equal(r.ip, "10.9.0.7"); /* not the bridge's */
    configure("10-x.conflist", "{\"cniVersion\":\"1.0.0\",\"name\":\"other\",\"type\":\"hangs\"}");
    wait_for_change();
    assert_int_equal(node_detach(loop, network, "a", NULL).err.code, 0);
    AUTO(free) char *text = log_text();
    AUTO(strv_free) char **lines = strv_split(text, '\n');
    print_message("%s", text);
    assert_int_equal(strv_len(lines), 5); /* and an empty one */
    assert_true(str_has_prefix(
        lines[0],
        "ADD first id=a if=eth0 args=IgnoreUnknown=1;K8S_POD_NAMESPACE=default;"
        "K8S_POD_NAME=web;K8S_POD_INFRA_CONTAINER_ID=a;K8S_POD_UID=uid-1 netns=/tmp/ns/a "));
    assert_non_null(strstr(lines[0], "\"x\":1.50"));
    assert_non_null(strstr(lines[0], "\"name\":\"net\""));
    assert_null(strstr(lines[0], "prevResult"));
    assert_null(strstr(lines[0], "runtimeConfig"));
    assert_true(str_has_prefix(lines[1], "ADD second"));
    assert_non_null(strstr(lines[1], "\"prevResult\":" RESULT));
    assert_non_null(strstr(
        lines[1], "\"runtimeConfig\":{\"portMappings\":[{\"hostPort\":8053,\"containerPort\":53,"
                  "\"protocol\":\"udp\",\"hostIP\":\"192.0.2.1\"}]}"));
    assert_true(str_has_prefix(lines[2], "DEL second"));
    assert_true(str_has_prefix(lines[3], "DEL first"));
    assert_non_null(strstr(lines[3], "\"prevResult\":" RESULT));
    assert_no_record();
}

static const struct {
    const char *plugin, *message;
    int code;
} failures[] = {
    { "fails", "plugin type=\"fails\" failed (add): no such luck; at all", -EIO },
    { "dies", "plugin type=\"dies\" failed (add): exit code 139: segmentation fault", -EIO },
    { "hangs", "plugin type=\"hangs\" failed (add): it did not end within 3 s", -ETIMEDOUT },
    { "babbles", "plugin type=\"babbles\" failed (add): its result", -EINVAL },
    { "absent", "failed to find plugin \"absent\" in path [/tmp/bin /usr/lib/cni]", -ENOENT },
};

static void a_plugin_that_fails_is_quoted_and_all_are_taken_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
        AUTO(free)
        char *conf = xasprintf(
            "{\"cniVersion\":\"1.0.0\",\"name\":\"net\",\"plugins\":[{\"type\":\"first\"},"
            "{\"type\":\"%s\"}]}",
            failures[i].plugin);
        (void)unlink("/tmp/log");
        configure("10-x.conflist", conf);
        start();
        struct node_result r = attach("a", NULL, 0);
        print_message("    %s\n", r.err.msg);
        assert_int_equal(r.err.code, failures[i].code);
        assert_non_null(strstr(r.err.msg, failures[i].message));
        AUTO(free) char *text = log_text();
        assert_non_null(strstr(text, "\nDEL first"));
        if (failures[i].code != -ENOENT) {
            assert_no_record();
        } else { /* cannot be taken back either: remembered for the next try */
            write_file(BIN_DIR "/absent", SCRIPT(""), 0755);
            assert_int_equal(node_detach(loop, network, "a", NULL).err.code, 0);
            assert_no_record();
        }
        network = rt_network_free(network);
    }
}

static void on_attached(void *user, const struct err *err, const void *result)
{
    struct node_result *r = user;
    (void)result;
    r->calls++;
    if (err)
        err_copy(&r->err, err);
}

/* Who cancels hears so at once; what was begun comes to its end, and whoever detaches waits for
 * that. */
static void a_cancelled_attachment_is_taken_back(void **state)
{
    (void)state;
    struct node_result r = { .calls = 0 };
    struct rt_call call = { .done = on_attached, .user = &r };
    struct rt_network_pod pod = { .sandbox_id = "a", .netns_path = node_add_netns("a") };
    configure("10-x.conflist",
              "{\"cniVersion\":\"1.0.0\",\"name\":\"net\",\"plugins\":[{\"type\":\"first\"},"
              "{\"type\":\"hangs\"}]}");
    start();
    struct rt_op *op = rt_network_attach(network, &pod, &call);
    int64_t begin_ms = clock_boot_ms();
    while (clock_boot_ms() < begin_ms + 300)
        (void)loop_once(loop, 20);
    rt_op_cancel(op);
    while (r.calls == 0)
        (void)loop_once(loop, 20);
    assert_int_equal(r.err.code, -ECANCELED);
    assert_true(clock_boot_ms() - begin_ms < 2000);
    assert_int_equal(node_detach(loop, network, "a", NULL).err.code, 0);
    assert_int_equal(r.calls, 1);
    AUTO(free) char *text = log_text();
    assert_non_null(strstr(text, "DEL hangs"));
    assert_non_null(strstr(text, "DEL first"));
    assert_no_record();
}

static void a_restart_takes_back_what_died(void **state)
{
    (void)state;
    const char *const live[] = { "b" };
    configure("10-x.conflist",
              "{\"cniVersion\":\"1.0.0\",\"name\":\"net\",\"plugins\":[{\"type\":\"first\"}]}");
    start();
    assert_int_equal(attach("a", NULL, 0).err.code, 0);
    assert_int_equal(attach("b", NULL, 0).err.code, 0);
    node_drop_netns("a");
    network = rt_network_free(network);
    start();
    assert_int_equal(node_sweep(loop, network, live, 1).err.code, 0);
    AUTO(free) char *text = log_text();
    assert_non_null(strstr(text, "DEL first id=a"));
    assert_non_null(strstr(text, "netns= ")); /* gone */
    assert_null(strstr(text, "DEL first id=b"));
    assert_int_equal(node_detach(loop, network, "b", NULL).err.code, 0);
    assert_no_record();
}

static void debians_plugins_connect_pods(void **state)
{
    (void)state;
    configure(
        "10-pods.conflist",
        "{\"cniVersion\":\"1.0.0\",\"name\":\"pods\",\"plugins\":[{\"type\":\"bridge\",\"bridge\":"
        "\"cni0\","
        "\"isGateway\":true,\"hairpinMode\":true,\"ipam\":{\"type\":\"host-local\",\"dataDir\":\"/"
        "tmp/ipam\","
        "\"ranges\":[[{\"subnet\":\"10.245.0.0/24\"}]],\"routes\":[{\"dst\":\"0.0.0.0/0\"}]}}]}");
    start();
    int64_t begin = clock_boot_ns();
    struct node_result a = attach("a", NULL, 0);
    print_message("    attach: %.1f ms %s\n", (double)(clock_boot_ns() - begin) / 1e6, a.err.msg);
    assert_int_equal(a.err.code, 0);
    struct node_result b = attach("b", NULL, 0);
    int at_b = node_listen("/tmp/ns/b", SOCK_STREAM, 80);
    const char *who = node_reach("/tmp/ns/a", SOCK_STREAM, b.ip, 80, at_b);
    assert_non_null(who);
    assert_string_equal(who, a.ip);
    who = node_reach("/tmp/ns/b", SOCK_STREAM, "127.0.0.1", 80, at_b); /* lo is up */
    assert_non_null(who);
    (void)close(at_b);
    assert_int_equal(node_detach(loop, network, "a", "/tmp/ns/a").err.code, 0);
    node_drop_netns("b");
    assert_int_equal(node_detach(loop, network, "b", "/tmp/ns/b").err.code, 0);
    assert_int_equal(node_shell("ls /tmp/ipam/pods | grep -q 10.245"), 1);
    assert_no_record();
    node_drop_netns("a");
}

int main(void)
{
#define FACT(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        FACT(the_node_waits_for_a_configuration),
        FACT(plugins_run_in_order_and_back),
        FACT(a_plugin_that_fails_is_quoted_and_all_are_taken_back),
        FACT(a_cancelled_attachment_is_taken_back),
        FACT(a_restart_takes_back_what_died),
        FACT(debians_plugins_connect_pods),
    };
    node_enter();
    if (loop_new(&loop, NULL) < 0)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    worker_drain(loop);
    (void)loop_free(loop);
    return failed;
}
