/* SPDX-License-Identifier: Apache-2.0 */
/* Containers of the OCI backend, for real: what they get, and how they end. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "world.h"

static struct world w;
static char pod_id[80];

static int setup(void **state)
{
    struct rt_sandbox_config pod;
    struct answer p;

    (void)state;
    world_init(&w, "oci");
    w.runtime = getenv("OARSMAN_TEST_RUNTIME");
    world_open(&w);
    pod = world_pod(&w, "web");
    p = world_make_pod(&w, &pod);
    if (p.code < 0)
        (void)fprintf(stderr, "%s\n", p.message);
    (void)snprintf(pod_id, sizeof(pod_id), "%s", p.id);
    return p.code;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

static struct rt_container_config shell(const char *name, const char *script)
{
    static const char *command[3];

    command[0] = "sh";
    command[1] = "-c";
    command[2] = script;
    return world_container(&w, pod_id, name, command, 3);
}

static char *output(struct rt_container_config *c)
{
    struct answer a = world_run(&w, c);

    if (a.code < 0)
        fail_msg("%s", a.message);
    return world_log_text(a.log_path);
}

static void its_end_is_told(void **state)
{
    struct rt_container_config c = shell("ends", "echo out; echo err >&2; exit 7");
    struct answer a = world_run(&w, &c);

    (void)state;
    assert_string_equal(a.message, "");
    assert_int_equal(a.exit_code, 7);
    assert_string_equal(a.end_reason, "Error");
    assert_true(world_event(&w, RT_EVENT_CONTAINER_EXITED, a.id));
    assert_true(world_log_holds(&w, a.log_path, "stdout F out\n"));
    assert_true(world_log_holds(&w, a.log_path, "stderr F err\n"));
    assert_true(a.created_wall_ns <= a.started_wall_ns);
    assert_true(a.started_wall_ns <= a.finished_wall_ns);
    assert_int_equal(a.pid, 0);
}

static void a_good_end_is_completed(void **state)
{
    struct rt_container_config c = shell("good", "true");
    struct answer a = world_run(&w, &c);

    (void)state;
    assert_int_equal(a.exit_code, 0);
    assert_string_equal(a.end_reason, "Completed");
}

static void creating_twice_gives_the_same_container(void **state)
{
    struct rt_container_config c = shell("twice", "sleep 100");
    struct answer a = world_create(&w, &c);
    struct answer b = world_create(&w, &c);

    (void)state;
    assert_string_equal(a.message, "");
    assert_string_equal(a.id, b.id);
    assert_int_equal(b.state, RT_CONTAINER_CREATED);
    assert_int_equal(world_start(&w, a.id).code, 0);
    assert_int_equal(world_start(&w, a.id).code, 0);
    assert_int_equal(world_status(&w, a.id).state, RT_CONTAINER_RUNNING);
    c.attempt = 1;
    b = world_create(&w, &c);
    assert_string_not_equal(a.id, b.id);
    assert_int_equal(world_remove(&w, a.id).code, 0);
    assert_int_equal(world_remove(&w, a.id).code, 0);
    assert_int_equal(world_remove(&w, b.id).code, 0);
    assert_true(world_status(&w, a.id).none);
}

static void stop_sends_the_signal(void **state)
{
    struct rt_container_config c = shell("stops", "trap 'echo told; exit 3' TERM; echo ready; while :; do sleep 0.05; done");
    struct answer a = world_create(&w, &c);

    (void)state;
    assert_int_equal(world_start(&w, a.id).code, 0);
    assert_true(world_log_holds(&w, a.log_path, "ready"));
    assert_int_equal(world_stop(&w, a.id, 10000).code, 0);
    a = world_status(&w, a.id);
    assert_int_equal(a.state, RT_CONTAINER_EXITED);
    assert_int_equal(a.exit_code, 3);
    assert_int_equal(world_stop(&w, a.id, 10000).code, 0);
}

static void stop_kills_after_the_grace(void **state)
{
    struct rt_container_config c = shell("stubborn", "trap '' TERM; echo ready; while :; do sleep 0.05; done");
    struct answer a = world_create(&w, &c);
    int64_t before_ms;

    (void)state;
    assert_int_equal(world_start(&w, a.id).code, 0);
    assert_true(world_log_holds(&w, a.log_path, "ready"));
    before_ms = clock_boot_ms();
    assert_int_equal(world_stop(&w, a.id, 300).code, 0);
    assert_in_range(clock_boot_ms() - before_ms, 290, 3000);
    assert_int_equal(world_status(&w, a.id).exit_code, 137);
}

static void a_second_stop_brings_the_kill_nearer(void **state)
{
    struct rt_container_config c = shell("nearer", "trap '' TERM; echo ready; while :; do sleep 0.05; done");
    struct answer a = world_create(&w, &c), first, second;
    struct rt_call call = world_call(&first, world_on_nothing);
    int64_t before_ms = clock_boot_ms();

    (void)state;
    assert_int_equal(world_start(&w, a.id).code, 0);
    assert_true(world_log_holds(&w, a.log_path, "ready"));
    (void)w.rt->containers->ops->stop(w.rt->containers, a.id, 60000, &call);
    second = world_stop(&w, a.id, 100);
    world_wait(&w, &first);
    assert_int_equal(first.code, 0);
    assert_int_equal(second.code, 0);
    assert_in_range(clock_boot_ms() - before_ms, 50, 10000);
}

static void an_unknown_container_is_stopped_and_removed(void **state)
{
    (void)state;
    assert_int_equal(world_stop(&w, "nobody", 100).code, 0);
    assert_int_equal(world_remove(&w, "nobody").code, 0);
    assert_true(world_status(&w, "nobody").none);
    assert_true(world_start(&w, "nobody").code < 0);
}

static void a_created_container_can_be_removed(void **state)
{
    struct rt_container_config c = shell("unstarted", "true");
    struct answer a = world_create(&w, &c);

    (void)state;
    assert_int_equal(a.state, RT_CONTAINER_CREATED);
    assert_int_equal(world_remove(&w, a.id).code, 0);
}

static void a_program_that_is_not_there_is_a_start_error(void **state)
{
    const char *command[] = { "/bin/nothing" };
    struct rt_container_config c = world_container(&w, pod_id, "badprogram", command, 1);
    struct answer a = world_create(&w, &c), s;

    (void)state;
    assert_int_equal(a.code, 0);
    assert_int_equal(a.state, RT_CONTAINER_CREATED);
    s = world_start(&w, a.id);
    assert_true(s.code < 0);
    assert_string_equal(s.reason, "RunContainerError");
    assert_non_null(strstr(s.message, "/bin/nothing"));
    a = world_status(&w, a.id);
    assert_int_equal(a.state, RT_CONTAINER_EXITED);
    assert_int_equal(a.exit_code, 128);
    assert_string_equal(a.end_reason, "StartError");
    assert_non_null(strstr(a.end_message, "/bin/nothing"));
    assert_int_equal(world_remove(&w, a.id).code, 0);
}

static void what_is_wrong_before_the_runtime_leaves_nothing(void **state)
{
    struct rt_container_config c = shell("wrong", "true");
    struct answer a;
    size_t before = world_list(&w).len;

    (void)state;
    c.security.username = "nosuchuser";
    a = world_create(&w, &c);
    assert_string_equal(a.reason, "CreateContainerError");
    assert_non_null(strstr(a.message, "nosuchuser"));
    c.security.username = NULL;
    c.image_id = "sha256:none";
    a = world_create(&w, &c);
    assert_string_equal(a.reason, "CreateContainerError");
    c.image_id = WORLD_IMAGE;
    c.sandbox_id = "nosuchpod";
    a = world_create(&w, &c);
    assert_string_equal(a.reason, "CreateContainerError");
    c.sandbox_id = pod_id;
    c.command.len = 0;
    a = world_create(&w, &c);
    assert_string_equal(a.message, "no command specified");
    assert_int_equal(world_list(&w).len, before);
}

static void a_missing_layer_is_named(void **state)
{
    struct rt_container_config c = shell("nolayer", "true");
    struct rt_strings right = w.image.lowerdirs;
    const char *wrong[] = { "/var/tmp/no such layer" };
    struct answer a;

    (void)state;
    w.image.lowerdirs.items = wrong;
    a = world_create(&w, &c);
    w.image.lowerdirs = right;
    assert_string_equal(a.reason, "CreateContainerError");
    assert_non_null(strstr(a.message, "/var/tmp/no such layer"));
}

static void users_come_from_the_image(void **state)
{
    struct rt_container_config c = shell("user", "id -u; id -g; id -G; echo $HOME");
    AUTO(free) char *text = NULL;

    (void)state;
    c.security.username = "alice";
    text = output(&c);
    assert_string_equal(text, "1000\n1001\n1001 10\n/home/alice\n");
}

static void ids_of_the_security_context_win(void **state)
{
    const int64_t groups[] = { 2000, 3000 };
    struct rt_container_config c = shell("ids", "id -u; id -g; id -G");
    AUTO(free) char *text = NULL;

    (void)state;
    c.security.has_uid = c.security.has_gid = true;
    c.security.uid = 1234;
    c.security.gid = 5678;
    c.security.supplemental_groups = groups;
    c.security.supplemental_groups_len = 2;
    text = output(&c);
    assert_string_equal(text, "1234\n5678\n5678 2000 3000\n");
}

static void the_environment_is_complete(void **state)
{
    const struct rt_label envs[] = { { "COLOUR", "blue" }, { "EMPTY", "" } };
    struct rt_container_config c = shell("env", "env | sort | grep -v SHLVL | grep -v PWD");
    AUTO(free) char *text = NULL;

    (void)state;
    c.envs = envs;
    c.envs_len = 2;
    text = output(&c);
    assert_string_equal(text, "COLOUR=blue\nEMPTY=\nHOME=/root\nHOSTNAME=web\n"
                              "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");
}

static void the_working_directory_is_made(void **state)
{
    struct rt_container_config c = shell("cwd", "pwd; touch here");
    AUTO(free) char *text = NULL;

    (void)state;
    c.working_dir = "/deep/in/the/image";
    text = output(&c);
    assert_string_equal(text, "/deep/in/the/image\n");
}

static void volumes_are_mounted(void **state)
{
    AUTO(free) char *volume = xasprintf("%s/volume", w.state_dir);
    AUTO(free) char *file = xasprintf("%s/file", volume);
    AUTO(free) char *text = NULL;
    AUTO(free) char *written = NULL;
    struct rt_mount mounts[] = {
        { .container_path = "/data/inner", .host_path = volume, .readonly = true },
        { .container_path = "/data", .host_path = volume },
    };
    struct rt_container_config c = shell("volume", "echo hello >/data/file; cat /data/inner/file; "
                                                   "touch /data/inner/x 2>/dev/null || echo readonly");

    (void)state;
    assert_int_equal(path_mkdirs(volume, 0755, NULL), 0);
    c.mounts = mounts;
    c.mounts_len = 2;
    text = output(&c);
    written = world_read(file);
    assert_string_equal(text, "hello\nreadonly\n");
    assert_string_equal(written, "hello\n");
}

static void a_hundred_layers_are_stacked(void **state)
{
    struct rt_container_config c = shell("layers", "cat /which /from1 /from50");
    struct rt_strings right = w.image.lowerdirs;
    const char *dirs[LIMIT_IMAGE_LAYERS];
    AUTO(free) char *text = NULL;
    size_t len = 0;

    (void)state;
    for (int i = 100; i > 0; i--) {
        AUTO(free) char *file = NULL, *own = NULL, *content = xasprintf("%d\n", i);
        char *dir = xasprintf("%s/a-folder-with-quite-a-long-name,and:odd-signs-%d", w.state_dir, i);

        file = xasprintf("%s/which", dir);
        own = xasprintf("%s/from%d", dir, i);
        assert_int_equal(path_mkdirs(dir, 0755, NULL), 0);
        assert_int_equal(file_write_atomic(-100, file, content, strlen(content), 0644, 0, NULL), 0);
        assert_int_equal(file_write_atomic(-100, own, content, strlen(content), 0644, 0, NULL), 0);
        dirs[len++] = dir;
    }
    dirs[len++] = w.layer_dir;
    w.image.lowerdirs = (struct rt_strings){ dirs, len };
    text = output(&c);
    w.image.lowerdirs = right;
    assert_string_equal(text, "100\n1\n50\n");
    for (size_t i = 0; i + 1 < len; i++)
        free((char *)(uintptr_t)dirs[i]);
}

static void mounts_travel_as_their_propagation_says(void **state)
{
    AUTO(free) char *volume = xasprintf("%s/shared", w.volumes_dir);
    AUTO(free) char *ours = xasprintf("%s/ours", volume);
    AUTO(free) char *theirs = xasprintf("%s/theirs", volume);
    AUTO(free) char *file = xasprintf("%s/theirs/file", volume);
    struct rt_mount mounts[] = {
        { .container_path = "/both", .host_path = volume, .propagation = RT_PROPAGATION_BIDIRECTIONAL },
        { .container_path = "/in", .host_path = volume, .propagation = RT_PROPAGATION_HOST_TO_CONTAINER },
        { .container_path = "/none", .host_path = volume },
    };
    struct rt_container_config c =
        shell("propagation", "mount -t tmpfs x /both/theirs && touch /both/theirs/file && echo ready; "
                             "while ! grep -q ' /in/ours ' /proc/mounts; do sleep 0.02; done; echo seen; "
                             "grep -q ' /none/ours ' /proc/mounts || echo private; sleep 100");
    struct answer a;

    (void)state;
    assert_int_equal(path_mkdirs(ours, 0755, NULL), 0);
    assert_int_equal(path_mkdirs(theirs, 0755, NULL), 0);
    c.mounts = mounts;
    c.mounts_len = 3;
    c.security.privileged = true;
    a = world_create(&w, &c);
    assert_string_equal(a.message, "");
    assert_int_equal(world_start(&w, a.id).code, 0);
    assert_true(world_log_holds(&w, a.log_path, "F ready"));
    assert_true(path_exists(file));
    assert_int_equal(mount("ours", ours, "tmpfs", 0, NULL), 0);
    assert_true(world_log_holds(&w, a.log_path, "F seen"));
    assert_true(world_log_holds(&w, a.log_path, "F private"));
    assert_int_equal(umount(ours), 0);
    assert_int_equal(world_remove(&w, a.id).code, 0);
    (void)umount(theirs);
}

static void readonly_is_recursive_on_request(void **state)
{
    AUTO(free) char *volume = xasprintf("%s/nested", w.volumes_dir);
    AUTO(free) char *inner = xasprintf("%s/inner", volume);
    struct rt_mount mounts[] = {
        { .container_path = "/plain", .host_path = volume, .readonly = true },
        { .container_path = "/deep", .host_path = volume, .readonly = true, .recursive_readonly = true },
    };
    struct rt_container_config c = shell("rro", "touch /plain/x 2>/dev/null || echo 1; touch /plain/inner/x && echo 2; "
                                                "touch /deep/x 2>/dev/null || echo 3; "
                                                "touch /deep/inner/x 2>/dev/null || echo 4");
    AUTO(free) char *text = NULL;

    (void)state;
    assert_int_equal(path_mkdirs(inner, 0755, NULL), 0);
    assert_int_equal(mount("inner", inner, "tmpfs", 0, NULL), 0);
    c.mounts = mounts;
    c.mounts_len = 2;
    text = output(&c);
    assert_string_equal(text, "1\n2\n3\n4\n");
    assert_int_equal(umount2(inner, MNT_DETACH), 0);
}

#define MANY 12

static void many_are_made_at_once(void **state)
{
    struct answer made[MANY], started[MANY];
    char names[MANY][16], scripts[MANY][16];

    (void)state;
    for (int i = 0; i < MANY; i++) {
        struct rt_container_config c;
        struct rt_call call = world_call(&made[i], world_on_container);

        (void)snprintf(names[i], sizeof(names[i]), "many%d", i);
        (void)snprintf(scripts[i], sizeof(scripts[i]), "exit %d", i + 1);
        c = shell(names[i], scripts[i]);
        (void)w.rt->containers->ops->create(w.rt->containers, &c, &call);
    }
    for (int i = 0; i < MANY; i++) {
        struct rt_call call = world_call(&started[i], world_on_nothing);

        world_wait(&w, &made[i]);
        assert_string_equal(made[i].message, "");
        (void)w.rt->containers->ops->start(w.rt->containers, made[i].id, &call);
    }
    for (int i = 0; i < MANY; i++) {
        world_wait(&w, &started[i]);
        assert_string_equal(started[i].message, "");
        assert_int_equal(world_wait_exit(&w, made[i].id).exit_code, i + 1);
    }
}

static void a_stop_waits_for_the_start_before_it(void **state)
{
    struct rt_container_config c = shell("queue", "sleep 100");
    struct answer a = world_create(&w, &c), started, stopped, removed;
    struct rt_call call = world_call(&started, world_on_nothing);

    (void)state;
    (void)w.rt->containers->ops->start(w.rt->containers, a.id, &call);
    call = world_call(&stopped, world_on_nothing);
    (void)w.rt->containers->ops->stop(w.rt->containers, a.id, 50, &call);
    call = world_call(&removed, world_on_nothing);
    (void)w.rt->containers->ops->remove(w.rt->containers, a.id, &call);
    world_wait(&w, &started);
    world_wait(&w, &stopped);
    world_wait(&w, &removed);
    assert_string_equal(started.message, "");
    assert_string_equal(stopped.message, "");
    assert_string_equal(removed.message, "");
    assert_true(world_status(&w, a.id).none);
}

static void a_readonly_root_is_readonly(void **state)
{
    struct rt_container_config c = shell("roroot", "touch /x 2>/dev/null || echo readonly; touch /dev/shm/x && echo shm");
    AUTO(free) char *text = NULL;

    (void)state;
    c.security.readonly_rootfs = true;
    text = output(&c);
    assert_string_equal(text, "readonly\nshm\n");
}

static void the_default_profile_filters_calls(void **state)
{
    struct rt_container_config c = shell("seccomp", "grep Seccomp: /proc/self/status; mount -t tmpfs x /tmp 2>&1; "
                                                    "grep -c . /proc/kcore 2>&1");
    AUTO(free) char *text = NULL;

    (void)state;
    c.security.add_capabilities = (struct rt_strings){ (const char *const[]){ "NET_ADMIN" }, 1 };
    text = output(&c);
    assert_non_null(strstr(text, "Seccomp:\t2"));
    assert_non_null(strstr(text, "denied"));
}

static void unconfined_has_no_filter(void **state)
{
    struct rt_container_config c = shell("unconfined", "grep Seccomp: /proc/self/status");
    AUTO(free) char *text = NULL;

    (void)state;
    c.security.seccomp = RT_SECCOMP_UNCONFINED;
    text = output(&c);
    assert_string_equal(text, "Seccomp:\t0\n");
}

static void a_localhost_profile_is_used(void **state)
{
    AUTO(free) char *profile = xasprintf("%s/profile.json", w.state_dir);
    static const char text[] = "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"mkdir\",\"mkdirat\"],"
                               "\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1}]}";
    struct rt_container_config c = shell("localhost", "mkdir /x 2>&1");
    AUTO(free) char *said = NULL;

    (void)state;
    assert_int_equal(file_write_atomic(-100, profile, text, sizeof(text) - 1, 0644, 0, NULL), 0);
    c.security.seccomp = RT_SECCOMP_LOCALHOST;
    c.security.seccomp_localhost_path = profile;
    said = output(&c);
    assert_non_null(strstr(said, "not permitted"));
}

static void capabilities_are_what_was_asked_for(void **state)
{
    struct rt_container_config c = shell("caps", "grep CapEff /proc/self/status");
    AUTO(free) char *all = NULL, *none = NULL;

    (void)state;
    c.security.drop_capabilities = (struct rt_strings){ (const char *const[]){ "ALL" }, 1 };
    c.security.add_capabilities = (struct rt_strings){ (const char *const[]){ "NET_BIND_SERVICE" }, 1 };
    none = output(&c);
    assert_string_equal(none, "CapEff:\t0000000000000400\n");
    c = shell("capsdefault", "grep CapEff /proc/self/status");
    all = output(&c);
    assert_string_equal(all, "CapEff:\t00000000a80425fb\n");
}

static void what_this_root_cannot_give_is_cut_and_told_once(void **state)
{
    struct rt_container_config c = shell("privileged", "grep CapEff /proc/self/status; mount -t tmpfs x /tmp && echo mounted; "
                                                       "cat /proc/self/oom_score_adj; touch /sys/kernel/x 2>&1");
    AUTO(free) char *text = NULL;

    (void)state;
    c.security.privileged = true;
    c.resources.oom_score_adj = -997;
    text = output(&c);
    assert_non_null(strstr(text, "mounted"));
    if (!strstr(text, "-997\n")) {
        assert_non_null(strstr(w.warnings, "oom_score_adj"));
        assert_null(strstr(strstr(w.warnings, "oom_score_adj") + 1, "oom_score_adj"));
    }
}

static void memory_that_runs_out_is_told(void **state)
{
    struct rt_container_config c = shell("oom", "x=a; while :; do x=$x$x; done");
    struct answer a;

    (void)state;
    c.resources.memory_bytes = 16 << 20;
    a = world_run(&w, &c);
    assert_int_equal(a.exit_code, 137);
    assert_true(a.oom_killed);
    assert_string_equal(a.end_reason, "OOMKilled");
    assert_true(world_event(&w, RT_EVENT_CONTAINER_OOM, a.id));
}

static void a_terminal_is_a_terminal(void **state)
{
    struct rt_container_config c = shell("tty", "tty; echo $TERM; exit 4");
    struct answer a;

    (void)state;
    c.tty = true;
    a = world_run(&w, &c);
    assert_int_equal(a.exit_code, 4);
    assert_true(world_log_holds(&w, a.log_path, "/dev/"));
    assert_true(world_log_holds(&w, a.log_path, "xterm"));
}

static void a_log_can_be_moved_away(void **state)
{
    struct rt_container_config c = shell("rotate", "i=0; while :; do echo line$i; i=$((i+1)); sleep 0.02; done");
    struct answer a = world_create(&w, &c), r;
    struct rt_call call;
    AUTO(free) char *old = NULL;

    (void)state;
    assert_int_equal(world_start(&w, a.id).code, 0);
    assert_true(world_log_holds(&w, a.log_path, "line3"));
    old = xasprintf("%s.1", a.log_path);
    assert_int_equal(rename(a.log_path, old), 0);
    call = world_call(&r, world_on_nothing);
    (void)w.rt->containers->ops->reopen_log(w.rt->containers, a.id, &call);
    world_wait(&w, &r);
    assert_string_equal(r.message, "");
    assert_true(world_log_holds(&w, a.log_path, "line"));
    assert_int_equal(world_remove(&w, a.id).code, 0);
    assert_true(path_exists(a.log_path));
}

static void on_stats(void *user, const struct err *err, const void *result)
{
    struct answer *a = user;

    world_on_nothing(a, err, NULL);
    if (result)
        a->stats = *(const struct rt_container_stats *)result;
}

static void usage_is_told_and_limits_can_be_changed(void **state)
{
    struct rt_container_config c = shell("stats", "echo ready; sleep 100");
    struct rt_resources more = { .memory_bytes = 64 << 20, .cpu_shares = 512 };
    struct answer a, s;
    struct rt_call call;

    (void)state;
    c.resources.memory_bytes = 32 << 20;
    a = world_create(&w, &c);
    assert_int_equal(world_start(&w, a.id).code, 0);
    assert_true(world_log_holds(&w, a.log_path, "ready"));
    call = world_call(&s, on_stats);
    (void)w.rt->containers->ops->stats(w.rt->containers, a.id, &call);
    world_wait(&w, &s);
    assert_string_equal(s.message, "");
    assert_true(s.stats.memory_usage_bytes > 0);
    assert_in_range(s.stats.pids, 1, 2);
    call = world_call(&s, world_on_nothing);
    (void)w.rt->containers->ops->update_resources(w.rt->containers, a.id, &more, &call);
    world_wait(&w, &s);
    assert_string_equal(s.message, "");
    assert_int_equal(world_remove(&w, a.id).code, 0);
}

static void a_cancelled_creation_leaves_nothing(void **state)
{
    struct rt_container_config c = shell("cancelled", "true");
    struct answer a;
    struct rt_call call = world_call(&a, world_on_container);
    size_t before = world_list(&w).len;
    struct rt_op *op = w.rt->containers->ops->create(w.rt->containers, &c, &call);

    (void)state;
    rt_op_cancel(op);
    assert_false(a.done);
    world_wait(&w, &a);
    assert_int_equal(a.code, -ECANCELED);
    for (int i = 0; i < 100 && world_list(&w).len != before; i++)
        (void)loop_once(w.loop, 50);
    assert_int_equal(world_list(&w).len, before);
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(its_end_is_told),
        T(a_good_end_is_completed),
        T(creating_twice_gives_the_same_container),
        T(stop_sends_the_signal),
        T(stop_kills_after_the_grace),
        T(a_second_stop_brings_the_kill_nearer),
        T(an_unknown_container_is_stopped_and_removed),
        T(a_created_container_can_be_removed),
        T(a_program_that_is_not_there_is_a_start_error),
        T(what_is_wrong_before_the_runtime_leaves_nothing),
        T(a_missing_layer_is_named),
        T(users_come_from_the_image),
        T(ids_of_the_security_context_win),
        T(the_environment_is_complete),
        T(the_working_directory_is_made),
        T(volumes_are_mounted),
        T(a_hundred_layers_are_stacked),
        T(mounts_travel_as_their_propagation_says),
        T(readonly_is_recursive_on_request),
        T(many_are_made_at_once),
        T(a_stop_waits_for_the_start_before_it),
        T(a_readonly_root_is_readonly),
        T(the_default_profile_filters_calls),
        T(unconfined_has_no_filter),
        T(a_localhost_profile_is_used),
        T(capabilities_are_what_was_asked_for),
        T(what_this_root_cannot_give_is_cut_and_told_once),
        T(memory_that_runs_out_is_told),
        T(a_terminal_is_a_terminal),
        T(a_log_can_be_moved_away),
        T(usage_is_told_and_limits_can_be_changed),
        T(a_cancelled_creation_leaves_nothing),
    };

    world_need();
    return cmocka_run_group_tests(tests, setup, teardown);
}
