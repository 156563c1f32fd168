/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.json, whole, against golden files, one a line for each kind of container; and read again by what it is for.
 * With UPDATE_GOLDEN=1 the files are written instead; look at the difference before it is committed.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "bundle.h"
#include "rt/wasm.h"
#include "spec.h"

struct fixture {
    struct rt_container_config config;
    struct rt_sandbox_place place;
    struct user_ids user;
    struct wasm_spec_input in;
};

static void fill(struct fixture *f)
{
    static char name[] = "hello", word[] = "\"quoted\" ü\n", path[] = "PATH=/bin";
    static char *args[] = { name, word, NULL };
    static char *env[] = { path, NULL };

    *f = (struct fixture){
        .place = { .id = "pod", .hostname = "web", .net_ns = "/run/s/ns/net", .ipc_ns = "/run/s/ns/ipc",
                   .uts_ns = "/run/s/ns/uts", .pid = RT_NS_CONTAINER, .resolv_conf = "/run/s/resolv.conf",
                   .hostname_file = "/run/s/hostname" },
    };
    f->in = (struct wasm_spec_input){
        .config = &f->config, .place = &f->place, .cgroup_path = "/kubepods/pod/c", .args = args, .env = env, .cwd = "/",
        .user = &f->user, .nofile = 65536, .pid = RT_NS_CONTAINER, .artifact = "/cache/x.cwasm", .kind = WASM_CORE,
        .mount_ns = "/proc/7/fd/9", .cgroup_procs = "/sys/fs/cgroup/pids/g/cgroup.procs",
    };
}

static void compare(const struct fixture *f, const char *name, struct arena *arena, struct bundle *ret)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_CONTAINER_SPEC_BYTES);
    AUTO(buf_done) struct buf golden = BUF_INIT(LIMIT_CONTAINER_SPEC_BYTES);
    AUTO(free) char *path = xasprintf(GOLDEN "/%s.json", name);
    struct err err = ERR_INIT;

    if (wasm_spec_write(&f->in, &text, &err) < 0)
        fail_msg("%s", err.msg);
    (void)buf_putc(&text, '\n');
    if (getenv("UPDATE_GOLDEN"))
        assert_int_equal(file_write_atomic(AT_FDCWD, path, text.data, text.len, 0644, 0, NULL), 0);
    if (file_read(AT_FDCWD, path, &golden, &err) < 0)
        fail_msg("%s", err.msg);
    if (!str_eq(buf_str(&text), buf_str(&golden)))
        fail_msg("%s differs:\n%s", path, buf_str(&text));
    if (bundle_decode(buf_str(&text), text.len, "/bundle", arena, ret, &err) < 0)
        fail_msg("%s is not taken: %s", path, err.msg);
}

static void an_artifact(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);
    struct fixture f;
    struct bundle b;

    (void)state;
    fill(&f);
    compare(&f, "artifact", arena, &b);
    assert_null(b.config.root.path);
    assert_string_equal(b.artifact, "/cache/x.cwasm");
    assert_int_equal(b.kind, WASM_CORE);
    assert_string_equal(b.config.process.args.items[1], "\"quoted\" ü\n");
    assert_string_equal(bundle_namespace(&b, "network")->path, "/run/s/ns/net");
    assert_null(bundle_namespace(&b, "pid"));
    assert_false(b.hosts_limited);
    assert_string_equal(json_map_get(&b.config.annotations, WASM_BUNDLE_CGROUP_PROCS), "/sys/fs/cgroup/pids/g/cgroup.procs");
}

static void an_image_with_volumes_and_a_user(void **state)
{
    static const struct rt_mount mounts[] = {
        { "/data/inner", "/host/inner", true, false, RT_PROPAGATION_PRIVATE },
        { "/data", "/host/data", false, false, RT_PROPAGATION_HOST_TO_CONTAINER },
        { "/shared", "/host/shared", true, true, RT_PROPAGATION_BIDIRECTIONAL },
        { "/etc/hostname", "/host/name", true, false, RT_PROPAGATION_PRIVATE },
    };
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);
    struct fixture f;
    struct bundle b;

    (void)state;
    fill(&f);
    f.config.mounts = mounts;
    f.config.mounts_len = ARRAY_LEN(mounts);
    f.config.resources.memory_bytes = 67108864;
    f.config.security.readonly_rootfs = true;
    f.config.tty = true;
    f.user = (struct user_ids){ .uid = 1000, .gid = 1001, .groups = (int64_t[]){ 10, 20 }, .groups_len = 2 };
    f.in.rootfs = "/run/c/rootfs";
    f.in.cwd = "/work";
    f.in.oom_score_adj = -5;
    f.in.function = "f";
    compare(&f, "image", arena, &b);
    assert_true(b.config.root.readonly);
    assert_int_equal(b.config.linux_.resources.memory.limit, 67108864);
    assert_string_equal(b.function, "f");
    /* The outer mount comes before the inner one, and one of the pod's takes the place of the usual. */
    assert_int_equal(b.config.mounts.len, 5);
    assert_string_equal(b.config.mounts.items[1].destination, "/data");
    assert_string_equal(b.config.mounts.items[4].destination, "/etc/hostname");
    assert_string_equal(b.config.mounts.items[4].source, "/host/name");
}

static void a_handler_with_the_pods_words(void **state)
{
    static const struct rt_label labels[] = {
        { WASM_POD_KRUSTLET_ALLOWED_DOMAINS, "[\"https://old.example.com\"]" },
        { WASM_POD_KRUSTLET_MAX_REQUESTS, "3" },
        { WASM_POD_MAX_OUTBOUND, "5" },
        { "io.kubernetes.container.terminationMessagePath", "/dev/termination-log" },
    };
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);
    struct fixture f;
    struct bundle b;

    (void)state;
    fill(&f);
    f.config.annotations = (struct rt_labels){ labels, ARRAY_LEN(labels) };
    f.config.listen_port = 8081;
    f.in.kind = WASM_HTTP;
    f.in.pid = RT_NS_POD;
    f.place.pid_ns = "/run/s/ns/pid";
    compare(&f, "handler", arena, &b);
    assert_int_equal(b.kind, WASM_HTTP);
    assert_int_equal(b.port, 8081);
    assert_true(b.hosts_limited);
    assert_string_equal(b.allowed_hosts.items[0], "https://old.example.com");
    assert_int_equal(b.max_outbound, 5); /* ours wins */
    assert_string_equal(bundle_namespace(&b, "pid")->path, "/run/s/ns/pid");
}

static void the_nodes_namespaces_and_another_containers_processes(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);
    struct fixture f;
    struct bundle b;

    (void)state;
    fill(&f);
    f.place.net_ns = f.place.ipc_ns = f.place.uts_ns = NULL;
    f.place.resolv_conf = f.place.hostname_file = NULL;
    f.in.pid = RT_NS_TARGET;
    f.in.target_pid = 4711;
    f.in.mount_ns = f.in.cgroup_procs = NULL;
    compare(&f, "node", arena, &b);
    assert_null(bundle_namespace(&b, "network"));
    assert_string_equal(bundle_namespace(&b, "pid")->path, "/proc/4711/ns/pid");
    assert_int_equal(b.config.mounts.len, 0);
}

static void the_pods_annotations_give_no_orders(void **state)
{
    static const struct rt_label labels[] = {
        { WASM_BUNDLE_ARTIFACT, "/tmp/evil" }, { WASM_BUNDLE_CGROUP_PROCS, "/etc/passwd" }, { WASM_BUNDLE_MOUNT_NS, "/tmp/evil" },
    };
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_CONTAINER_SPEC_BYTES);
    struct fixture f;

    (void)state;
    fill(&f);
    f.config.annotations = (struct rt_labels){ labels, ARRAY_LEN(labels) };
    assert_int_equal(wasm_spec_write(&f.in, &text, NULL), 0);
    assert_null(strstr(buf_str(&text), "evil"));
    assert_null(strstr(buf_str(&text), "passwd"));
}

static void a_configuration_that_is_too_large_is_refused(void **state)
{
    AUTO(buf_done) struct buf text = BUF_INIT(512);
    struct fixture f;
    struct err err = ERR_INIT;

    (void)state;
    fill(&f);
    assert_int_equal(wasm_spec_write(&f.in, &text, &err), -E2BIG);
    assert_non_null(strstr(err.msg, "config.json"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_artifact),
        cmocka_unit_test(an_image_with_volumes_and_a_user),
        cmocka_unit_test(a_handler_with_the_pods_words),
        cmocka_unit_test(the_nodes_namespaces_and_another_containers_processes),
        cmocka_unit_test(the_pods_annotations_give_no_orders),
        cmocka_unit_test(a_configuration_that_is_too_large_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
