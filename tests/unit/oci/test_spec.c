/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.json, whole, against golden files, one a line for each kind of container. With UPDATE_GOLDEN=1 the files
 * are written instead; look at the difference before it is committed.
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
#include "bundle/capability.h"
#include "spec.h"

#define LIST(...)                                                                                 \
    { ((const char *const[]){ __VA_ARGS__ }), sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *) }

struct fixture {
    struct rt_container_config config;
    struct rt_sandbox_place place;
    struct user_ids user;
    struct spec_input in;
};

static void fill(struct fixture *f)
{
    static char shell[] = "sh", path[] = "PATH=/bin";
    static char *args[] = { shell, NULL };
    static char *env[] = { path, NULL };

    *f = (struct fixture){
        .place = { .id = "pod", .hostname = "web", .net_ns = "/run/s/ns/net", .ipc_ns = "/run/s/ns/ipc",
                   .uts_ns = "/run/s/ns/uts", .pid = RT_NS_CONTAINER, .shm_dir = "/run/s/shm",
                   .resolv_conf = "/run/s/resolv.conf", .hostname_file = "/run/s/hostname" },
    };
    f->in = (struct spec_input){
        .config = &f->config, .place = &f->place, .rootfs = "/run/c/rootfs", .cgroup_path = "/kubepods/pod/c",
        .args = args, .env = env, .cwd = "/", .user = &f->user, .capabilities = capability_default,
        .nofile = 1048576, .pid = RT_NS_CONTAINER, .cgroup_version = 1, .swap_limit = true,
    };
}

static void compare(const struct fixture *f, const char *name)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_CONTAINER_SPEC_BYTES);
    AUTO(buf_done) struct buf golden = BUF_INIT(LIMIT_CONTAINER_SPEC_BYTES);
    AUTO(free) char *path = xasprintf(GOLDEN "/%s.json", name);
    struct err err = ERR_INIT;

    if (spec_write(&f->in, &text, &err) < 0)
        fail_msg("%s", err.msg);
    (void)buf_putc(&text, '\n');
    if (getenv("UPDATE_GOLDEN"))
        assert_int_equal(file_write_atomic(AT_FDCWD, path, text.data, text.len, 0644, 0, NULL), 0);
    if (file_read(AT_FDCWD, path, &golden, &err) < 0)
        fail_msg("%s", err.msg);
    if (!str_eq(buf_str(&text), buf_str(&golden)))
        fail_msg("%s differs:\n%s", path, buf_str(&text));
}

static void an_ordinary_container(void **state)
{
    const struct rt_mount mounts[] = {
        { "/data/inner", "/host/inner", true, false, RT_PROPAGATION_PRIVATE },
        { "/data", "/host/data", false, false, RT_PROPAGATION_HOST_TO_CONTAINER },
        { "/etc/hostname", "/host/name", true, true, RT_PROPAGATION_PRIVATE },
    };
    struct fixture f;

    (void)state;
    fill(&f);
    f.config.mounts = mounts;
    f.config.mounts_len = 3;
    f.config.resources = (struct rt_resources){ .cpu_shares = 512, .cpu_quota_us = 50000, .cpu_period_us = 100000,
                                                .memory_bytes = 67108864, .pids = 100 };
    f.config.security.readonly_rootfs = true;
    f.config.security.no_new_privs = true;
    f.user = (struct user_ids){ .uid = 1000, .gid = 1001, .groups = (int64_t[]){ 10 }, .groups_len = 1 };
    f.in.oom_score_adj = 999;
    f.in.seccomp = (struct spec_seccomp){ SPEC_SECCOMP_PROGRAM, "program", 7 };
    compare(&f, "ordinary");
}

static void a_privileged_container(void **state)
{
    const struct spec_device devices[] = { { "/dev/vda", 'b', 254, 0, 0660, 0, 6, "rwm" } };
    struct fixture f;

    (void)state;
    fill(&f);
    f.config.security.privileged = true;
    f.in.capabilities = capability_all;
    f.in.devices = devices;
    f.in.devices_len = 1;
    compare(&f, "privileged");
}

static void a_container_of_the_node(void **state)
{
    const struct spec_device devices[] = { { "/dev/kvm", 'c', 10, 232, 0660, 0, 0, "rw" } };
    struct fixture f;

    (void)state;
    fill(&f);
    f.place.net_ns = f.place.ipc_ns = f.place.uts_ns = NULL;
    f.place.shm_dir = "/dev/shm";
    f.in.pid = RT_NS_NODE;
    f.in.cgroup_version = 2;
    f.in.nofile = 0;
    f.in.devices = devices;
    f.in.devices_len = 1;
    f.config.tty = true;
    f.in.seccomp = (struct spec_seccomp){ SPEC_SECCOMP_TEXT, "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", 34 };
    compare(&f, "node");
}

static void shared_processes(void **state)
{
    struct fixture f;

    (void)state;
    fill(&f);
    f.place.pid_ns = "/run/s/ns/pid";
    f.in.pid = RT_NS_POD;
    f.config.security.unmasked_proc = true;
    compare(&f, "shared-pid");
    f.in.pid = RT_NS_TARGET;
    f.in.target_pid = 4711;
    compare(&f, "target-pid");
}

static void the_pods_annotations_give_no_orders_to_the_runtime(void **state)
{
    const struct rt_label annotations[] = { { "run.oci.hooks.stdout", "/etc/passwd" } };
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_CONTAINER_SPEC_BYTES);
    struct fixture f;

    (void)state;
    fill(&f);
    f.config.annotations = (struct rt_labels){ annotations, 1 };
    assert_int_equal(spec_write(&f.in, &text, NULL), 0);
    assert_null(strstr(text.data, "run.oci"));
}

static void a_specification_that_is_too_large_is_refused(void **state)
{
    AUTO(buf_done) struct buf text = BUF_INIT(512);
    struct fixture f;

    (void)state;
    fill(&f);
    assert_int_equal(spec_write(&f.in, &text, NULL), -E2BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ordinary_container),
        cmocka_unit_test(a_privileged_container),
        cmocka_unit_test(a_container_of_the_node),
        cmocka_unit_test(shared_processes),
        cmocka_unit_test(the_pods_annotations_give_no_orders_to_the_runtime),
        cmocka_unit_test(a_specification_that_is_too_large_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
