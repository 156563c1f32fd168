/* SPDX-License-Identifier: Apache-2.0 */
/* The agent goes and comes back; supervisors die; nothing is lost that need not be. */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
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
    world_init(&w, "adopt");
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

static struct answer make_shell(const char *name, const char *script, bool started)
{
    struct rt_container_config c = world_container(&w, pod_id, name, COMMAND("sh", "-c", script));
    struct answer a = world_create(&w, &c);

    if (a.code < 0)
        fail_msg("%s", a.message);
    if (started)
        assert_int_equal(world_start(&w, a.id).code, 0);
    return a;
}

static void restart(void)
{
    world_close(&w);
    world_open(&w);
}

static void wait_ms(int64_t ms)
{
    int64_t until_ms = clock_boot_ms() + ms;

    while (clock_boot_ms() < until_ms)
        (void)loop_once(w.loop, 10);
}

static int64_t conmon_of(const char *id)
{
    AUTO(free) char *path = xasprintf("%s/containers/%s/conmon.pid", w.run_dir, id);
    AUTO(free) char *text = world_read(path);
    int64_t pid = 0;

    (void)str_to_i64(text, 1, INT32_MAX, &pid);
    return pid;
}

static void what_runs_runs_on(void **state)
{
    struct answer a = make_shell("runs", "echo one; sleep 100", true), b;

    (void)state;
    a = world_status(&w, a.id);
    restart();
    b = world_status(&w, a.id);
    assert_int_equal(b.state, RT_CONTAINER_RUNNING);
    assert_int_equal(a.pid, b.pid);
    assert_int_equal(a.created_wall_ns, b.created_wall_ns);
    assert_int_equal(a.started_wall_ns, b.started_wall_ns);
    assert_string_equal(a.log_path, b.log_path);
    assert_int_equal(world_pod_status(&w, pod_id).sandbox_state, RT_SANDBOX_READY);
    assert_int_equal(world_stop(&w, a.id, 0).code, 0);
    assert_int_equal(world_status(&w, a.id).exit_code, 137);
}

static void an_exit_meanwhile_has_its_code(void **state)
{
    struct answer a = make_shell("meanwhile", "sleep 0.1; exit 5", true);
    size_t events;

    (void)state;
    world_close(&w);
    events = w.events_len;
    (void)poll(NULL, 0, 400);
    world_open(&w);
    a = world_status(&w, a.id);
    assert_int_equal(a.state, RT_CONTAINER_EXITED);
    assert_int_equal(a.exit_code, 5);
    assert_int_equal(w.events_len, events);
}

static void an_exit_afterwards_is_told(void **state)
{
    struct answer a = make_shell("afterwards", "sleep 0.3; exit 6", true);

    (void)state;
    restart();
    assert_int_equal(world_wait_exit(&w, a.id).exit_code, 6);
    assert_true(world_event(&w, RT_EVENT_CONTAINER_EXITED, a.id));
}

static void a_created_container_is_started_by_the_next_agent(void **state)
{
    struct answer a = make_shell("created", "exit 8", false);

    (void)state;
    restart();
    assert_int_equal(world_status(&w, a.id).state, RT_CONTAINER_CREATED);
    assert_int_equal(world_start(&w, a.id).code, 0);
    assert_int_equal(world_wait_exit(&w, a.id).exit_code, 8);
}

static void creating_again_finds_the_old_container(void **state)
{
    struct answer a = make_shell("again", "sleep 100", true), b;

    (void)state;
    restart();
    b = make_shell("again", "sleep 100", true);
    assert_string_equal(a.id, b.id);
    assert_int_equal(world_status(&w, a.id).state, RT_CONTAINER_RUNNING);
}

static void a_failed_start_stays_failed(void **state)
{
    struct rt_container_config c = world_container(&w, pod_id, "failed", COMMAND("/nothing"));
    struct answer a = world_create(&w, &c);

    (void)state;
    assert_true(world_start(&w, a.id).code < 0);
    restart();
    a = world_status(&w, a.id);
    assert_int_equal(a.state, RT_CONTAINER_EXITED);
    assert_int_equal(a.exit_code, 128);
    assert_string_equal(a.end_reason, "StartError");
}

static void a_killed_supervisor_is_noticed(void **state)
{
    struct answer a = make_shell("orphan", "sleep 100", true), b;

    (void)state;
    assert_int_equal(kill((pid_t)conmon_of(a.id), SIGKILL), 0);
    for (int i = 0; i < 100 && !world_event(&w, RT_EVENT_SUPERVISOR_LOST, a.id); i++)
        wait_ms(20);
    assert_true(world_event(&w, RT_EVENT_SUPERVISOR_LOST, a.id));
    assert_int_equal(world_status(&w, a.id).state, RT_CONTAINER_UNKNOWN);
    assert_false(world_event(&w, RT_EVENT_CONTAINER_EXITED, a.id));
    restart();
    assert_int_equal(world_status(&w, a.id).state, RT_CONTAINER_UNKNOWN);
    assert_int_equal(world_stop(&w, a.id, 200).code, 0);
    a = world_status(&w, a.id);
    assert_int_equal(a.state, RT_CONTAINER_EXITED);
    assert_int_equal(a.exit_code, 137);
    assert_string_equal(a.end_reason, "ContainerStatusUnknown");
    assert_true(world_event(&w, RT_EVENT_CONTAINER_EXITED, a.id));
    restart();
    b = world_status(&w, a.id);
    assert_string_equal(b.end_reason, "ContainerStatusUnknown");
    assert_int_equal(a.finished_wall_ns, b.finished_wall_ns);
    assert_int_equal(world_remove(&w, a.id).code, 0);
}

static void remains_are_listed_and_cleaned(void **state)
{
    static const char record[] =
        "{\"version\":1,\"id\":\"r1\",\"sandboxID\":\"x\",\"name\":\"remains\",\"attempt\":3,\"bootID\":\"%s\"}";
    AUTO(free) char *dir = xasprintf("%s/containers/r1", w.run_dir);
    AUTO(free) char *bare = xasprintf("%s/containers/r2", w.run_dir);
    AUTO(free) char *path = xasprintf("%s/record.json", dir);
    AUTO(free) char *text = xasprintf(record, clock_boot_id());

    (void)state;
    world_close(&w);
    assert_int_equal(path_mkdirs(dir, 0700, NULL), 0);
    assert_int_equal(path_mkdirs(bare, 0700, NULL), 0);
    assert_int_equal(file_write_atomic(-100, path, text, strlen(text), 0600, 0, NULL), 0);
    world_open(&w);
    assert_false(path_exists(bare));
    assert_int_equal(world_status(&w, "r1").state, RT_CONTAINER_UNKNOWN);
    assert_true(world_start(&w, "r1").code < 0);
    assert_int_equal(world_stop(&w, "r1", 0).code, 0);
    assert_int_equal(world_remove(&w, "r1").code, 0);
    assert_false(path_exists(dir));
}

static void a_record_of_the_future_is_refused(void **state)
{
    static const char record[] = "{\"version\":2,\"id\":\"f\",\"sandboxID\":\"x\",\"name\":\"future\"}";
    AUTO(free) char *dir = xasprintf("%s/containers/f", w.run_dir);
    AUTO(free) char *path = xasprintf("%s/record.json", dir);
    struct rt_oci_config config = { .run_dir = w.run_dir, .state_dir = w.state_dir, .sandboxes = w.sandboxes };
    struct rt_runtime *rt = NULL;
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(path_mkdirs(dir, 0700, NULL), 0);
    assert_int_equal(file_write_atomic(-100, path, record, strlen(record), 0600, 0, NULL), 0);
    assert_true(rt_oci_new(w.loop, &config, &rt, &err) < 0);
    assert_non_null(strstr(err.msg, path));
    assert_non_null(strstr(err.msg, "newer"));
    assert_int_equal(path_remove_tree(dir, NULL), 0);
}

static void what_was_found_is_told(void **state)
{
    (void)state;
    assert_non_null(strstr(rt_oci_found(w.rt), ", conmon "));
    assert_true(w.rt->health(w.rt).runtime_ready);
}

static void a_missing_program_is_named(void **state)
{
    struct rt_oci_config config = { .run_dir = w.run_dir, .state_dir = w.state_dir, .sandboxes = w.sandboxes };
    struct rt_runtime *rt = NULL;
    struct err err = ERR_INIT;

    (void)state;
    config.conmon = "conmon-that-is-not-there";
    assert_true(rt_oci_new(w.loop, &config, &rt, &err) < 0);
    assert_non_null(strstr(err.msg, "install the package conmon"));
    config.conmon = NULL;
    config.runtime = "/usr/bin/crunch";
    err_clear(&err);
    assert_true(rt_oci_new(w.loop, &config, &rt, &err) < 0);
    assert_string_equal(err.msg, "the OCI runtime /usr/bin/crunch is not installed");
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_runs_runs_on),
        T(an_exit_meanwhile_has_its_code),
        T(an_exit_afterwards_is_told),
        T(a_created_container_is_started_by_the_next_agent),
        T(creating_again_finds_the_old_container),
        T(a_failed_start_stays_failed),
        T(a_killed_supervisor_is_noticed),
        T(remains_are_listed_and_cleaned),
        T(a_record_of_the_future_is_refused),
        T(what_was_found_is_told),
        T(a_missing_program_is_named),
    };

    world_need();
    return cmocka_run_group_tests(tests, setup, teardown);
}
