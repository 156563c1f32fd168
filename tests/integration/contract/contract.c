/* SPDX-License-Identifier: Apache-2.0 */
/* The facts. Each makes its own pod and takes it away again. */
#include "contract.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "call.h"

static struct contract *C;
static int events[16]; /* by kind */
static char last_exited[128];

static void on_event(void *user, const struct rt_event *event)
{
    (void)user;
    events[event->kind]++;
    if (event->kind == RT_EVENT_CONTAINER_EXITED)
        (void)snprintf(last_exited, sizeof(last_exited), "%s", event->container_id);
}

static char sandbox[128]; /* of the fact that runs */
static char made[8][128]; /* its containers */
static size_t made_len;

static int setup(void **state)
{
    static int serial;
    char uid[32];
    (void)state;
    memset(events, 0, sizeof(events));
    last_exited[0] = '\0';
    C->runtime->set_events(C->runtime, on_event, NULL);
    (void)snprintf(uid, sizeof(uid), "contract-%d", ++serial);
    struct outcome image = pull(C, C->image);
    assert_good(&image);
    struct outcome o = sandbox_create(C, uid, 0);
    assert_good(&o);
    (void)snprintf(sandbox, sizeof(sandbox), "%s", o.sandbox.id);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    while (made_len > 0)
        (void)container_remove(C, made[--made_len]);
    (void)sandbox_stop(C, sandbox);
    (void)sandbox_remove(C, sandbox);
    return 0;
}

static struct outcome create(const char *name, uint32_t attempt, enum contract_behaviour b)
{
    struct outcome o = container_create(C, sandbox, name, attempt, b);
    if (o.container.found && made_len < ARRAY_LEN(made))
        (void)snprintf(made[made_len++], sizeof(made[0]), "%s", o.container.id);
    return o;
}

/* Created and started. */
static struct seen_container running(const char *name, enum contract_behaviour b)
{
    struct outcome o = create(name, 0, b);
    assert_good(&o);
    struct outcome s = container_start(C, o.container.id);
    assert_good(&s);
    return o.container;
}

static struct seen_container seen(const char *id)
{
    struct outcome o = container_status(C, id);
    assert_good(&o);
    return o.container;
}

/* Waits for the event, not for the state: exits are pushed. */
static struct seen_container wait_for_exit(const char *id)
{
    int64_t end_ms = now_ms() + 20000;
    while (!str_eq(last_exited, id) && now_ms() < end_ms)
        turn(C, 5);
    assert_string_equal(last_exited, id);
    return seen(id);
}

/* ---- images ---- */

static struct outcome image_status(const char *image)
{
    struct outcome o = { .c = C };
    struct rt_call call = call_image(&o);
    (void)C->runtime->images->ops->status(C->runtime->images, image, &call);
    outcome_wait(C, &o);
    return o;
}

static void a_pulled_image_is_there_by_name_and_id(void **state)
{
    (void)state;
    struct outcome pulled = pull(C, C->image), by_name = image_status(C->image),
                   by_id = image_status(pulled.image.id);
    assert_good(&pulled);
    assert_true(by_name.image.found && by_id.image.found);
    assert_true(str_has_prefix(pulled.image.id, "sha256:"));
    assert_string_equal(by_name.image.id, pulled.image.id);
    assert_true(by_name.image.size_bytes > 0);
    struct outcome list = { .c = C, .wanted = pulled.image.id };
    struct rt_call call = call_images(&list);
    (void)C->runtime->images->ops->list(C->runtime->images, &call);
    outcome_wait(C, &list);
    assert_true(list.image.found);
}

static void an_image_that_is_not_here_is_no_error(void **state)
{
    (void)state;
    struct outcome o = image_status(C->missing_image);
    assert_good(&o);
    assert_false(o.image.found);
}

static void a_pull_fails_with_a_reason(void **state)
{
    (void)state;
    struct outcome missing = pull(C, C->missing_image), bad = pull(C, "UPPER/ what?");
    assert_true(missing.err.code < 0);
    assert_string_equal(missing.err.reason, "ErrImagePull");
    assert_true(bad.err.code < 0);
    assert_string_equal(bad.err.reason, "InvalidImageName");
}

static void removing_an_image_twice_is_fine(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct outcome o = { .c = C };
        struct rt_call call = call_nothing(&o);
        (void)C->runtime->images->ops->remove(C->runtime->images, C->missing_image, &call);
        outcome_wait(C, &o);
        assert_good(&o);
    }
}

/* ---- sandboxes ---- */

static void a_sandbox_is_ready_and_keeps_what_it_was_given(void **state)
{
    (void)state;
    struct outcome o = sandbox_status(C, sandbox);
    assert_good(&o);
    assert_true(o.sandbox.found);
    assert_int_equal(o.sandbox.state, RT_SANDBOX_READY);
    assert_string_equal(o.sandbox.label, "v");
    assert_string_equal(o.sandbox.annotation, "{\"x\": \"ä\\n\"}");
    assert_string_not_equal(o.sandbox.ip, "");
    assert_true(o.sandbox.created_wall_ns > 0);
    struct outcome list = { .c = C, .wanted = sandbox };
    struct rt_call call = call_sandboxes(&list);
    (void)C->runtime->sandboxes->ops->list(C->runtime->sandboxes, &call);
    outcome_wait(C, &list);
    assert_true(list.sandbox.found);
    assert_string_equal(list.sandbox.ip, o.sandbox.ip);
}

static void the_same_sandbox_is_made_once(void **state)
{
    (void)state;
    struct outcome a = sandbox_create(C, "contract-twice", 0),
                   b = sandbox_create(C, "contract-twice", 0);
    assert_good(&a);
    assert_good(&b);
    assert_string_equal(a.sandbox.id, b.sandbox.id);
    assert_string_equal(a.sandbox.ip, b.sandbox.ip);
    struct outcome other = sandbox_create(C, "contract-twice", 1);
    assert_good(&other);
    assert_string_not_equal(other.sandbox.id, a.sandbox.id);
    assert_string_not_equal(other.sandbox.ip, a.sandbox.ip);
    (void)sandbox_remove(C, a.sandbox.id);
    (void)sandbox_remove(C, other.sandbox.id);
}

static void stopping_and_removing_a_sandbox_twice_is_fine(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct outcome o = sandbox_stop(C, sandbox);
        assert_good(&o);
        o = sandbox_status(C, sandbox);
        assert_true(o.sandbox.found);
        assert_int_equal(o.sandbox.state, RT_SANDBOX_NOTREADY);
    }
    for (int i = 0; i < 2; i++) {
        struct outcome o = sandbox_remove(C, sandbox);
        assert_good(&o);
        o = sandbox_status(C, sandbox);
        assert_good(&o);
        assert_false(o.sandbox.found);
    }
}

/* Removing comes last; whoever forgets a container finds it dead, and still has to remove it. */
static void a_removed_sandbox_leaves_no_process(void **state)
{
    (void)state;
    struct seen_container c = running("a", IGNORES_TERM);
    struct outcome o = sandbox_stop(C, sandbox);
    assert_good(&o);
    o = sandbox_remove(C, sandbox);
    assert_good(&o);
    for (int i = 0; i < 200 && seen(c.id).state == RT_CONTAINER_RUNNING; i++)
        turn(C, 10);
    struct seen_container dead = seen(c.id);
    assert_true(dead.found);
    assert_int_equal(dead.state, RT_CONTAINER_EXITED);
    assert_int_equal(dead.exit_code, 137);
}

/* ---- containers ---- */

static void a_container_is_created_runs_and_exits(void **state)
{
    (void)state;
    int64_t begin_ns = clock_wall_ns();
    struct outcome o = create("a", 0, EXITS_3_LATER);
    assert_good(&o);
    assert_int_equal(o.container.state, RT_CONTAINER_CREATED);
    assert_int_equal(o.container.started_wall_ns, 0);
    assert_string_equal(o.container.sandbox_id, sandbox);
    struct outcome s = container_start(C, o.container.id);
    assert_good(&s);
    struct seen_container r = seen(o.container.id);
    assert_int_equal(r.state, RT_CONTAINER_RUNNING);
    assert_true(r.pid > 0);
    assert_string_equal(r.reason, "");
    assert_string_equal(r.label, "v");
    assert_string_equal(r.annotation, "w");
    assert_string_equal(r.image, C->image);
    assert_true(str_has_prefix(r.log_path, C->log_directory));
    struct seen_container e = wait_for_exit(o.container.id);
    assert_int_equal(e.state, RT_CONTAINER_EXITED);
    assert_int_equal(e.exit_code, 3);
    assert_string_equal(e.reason, "Error");
    assert_int_equal(e.pid, 0);
    assert_false(e.oom_killed);
    assert_true(begin_ns <= e.created_wall_ns && e.created_wall_ns <= e.started_wall_ns);
    assert_true(e.started_wall_ns <= e.finished_wall_ns && e.finished_wall_ns <= clock_wall_ns());
    assert_int_equal(e.started_wall_ns, r.started_wall_ns);
}

static void whom_a_container_is_and_how_it_is_stopped_is_told(void **state)
{
    (void)state;
    struct outcome plain = create("plain", 0, EXITS_3_LATER);
    struct outcome o = container_create_as_user(C, sandbox, "user", EXITS_3_LATER);
    assert_good(&plain);
    assert_good(&o);
    (void)snprintf(made[made_len++], sizeof(made[0]), "%s", o.container.id);
    for (int i = 0; i < 2; i++) {
        struct seen_container u = seen(o.container.id), root = seen(plain.container.id);
        assert_true(u.has_user && root.has_user);
        assert_int_equal(u.uid, 1234);
        assert_int_equal(u.gid, 3000);
        assert_int_equal(u.groups_len, 2);
        assert_int_equal(u.groups[0], 3000);
        assert_int_equal(u.groups[1], 4000);
        assert_string_equal(u.stop_signal, "SIGINT");
        assert_int_equal(root.uid, 0);
        assert_int_equal(root.groups[0], 0);
        assert_string_equal(root.stop_signal, "");
        C->restart(C); /* what was told stays */
        C->runtime->set_events(C->runtime, on_event, NULL);
    }
}

static void a_container_that_ends_at_once_has_its_exit_code(void **state)
{
    (void)state;
    struct seen_container c = running("a", EXITS_3);
    assert_int_equal(wait_for_exit(c.id).exit_code, 3);
}

static void the_same_container_is_made_once(void **state)
{
    (void)state;
    struct outcome a = create("a", 0, ENDS_ON_TERM), b = create("a", 0, ENDS_ON_TERM);
    struct outcome next = create("a", 1, ENDS_ON_TERM);
    assert_good(&a);
    assert_good(&b);
    assert_good(&next);
    assert_string_equal(a.container.id, b.container.id);
    assert_string_not_equal(a.container.id, next.container.id);
    assert_int_equal(next.container.attempt, 1);
    struct outcome list = { .c = C, .wanted = next.container.id };
    struct rt_call call = call_containers(&list);
    (void)C->runtime->containers->ops->list(C->runtime->containers, &call);
    outcome_wait(C, &list);
    assert_true(list.container.found);
    assert_int_equal(list.listed, 2);
    assert_string_equal(list.container.label, "v");
}

static void a_stop_ends_a_container_that_listens(void **state)
{
    (void)state;
    struct seen_container c = running("a", ENDS_ON_TERM);
    turn(C, 200); /* until it listens */
    int64_t begin_ms = now_ms();
    struct outcome o = container_stop(C, c.id, 20000);
    assert_good(&o);
    assert_true(now_ms() - begin_ms < 10000);
    struct seen_container e = seen(c.id);
    assert_int_equal(e.state, RT_CONTAINER_EXITED); /* done() means that it has exited */
    assert_int_equal(e.exit_code, 0);
    assert_string_equal(e.reason, "Completed");
    (void)wait_for_exit(c.id);
}

static void a_deaf_container_is_killed_after_the_grace(void **state)
{
    (void)state;
    struct seen_container c = running("a", IGNORES_TERM);
    turn(C, 200);
    int64_t begin_ms = now_ms();
    struct outcome o = container_stop(C, c.id, 1000);
    assert_good(&o);
    assert_in_range(now_ms() - begin_ms, 950, 8000);
    assert_int_equal(seen(c.id).exit_code, 137);
}

static void a_second_stop_with_less_grace_wins(void **state)
{
    (void)state;
    struct seen_container c = running("a", IGNORES_TERM);
    struct outcome first = { .c = C };
    struct rt_call call = call_nothing(&first);
    (void)C->runtime->containers->ops->stop(C->runtime->containers, c.id, 50000, &call);
    first.started = true;
    turn(C, 100);
    int64_t begin_ms = now_ms();
    struct outcome second = container_stop(C, c.id, 300);
    assert_good(&second);
    outcome_wait(C, &first);
    assert_good(&first);
    assert_true(now_ms() - begin_ms < 8000);
    struct outcome third = container_stop(C, c.id, 300); /* it has exited */
    assert_good(&third);
}

static void stopping_what_does_not_run_is_fine(void **state)
{
    (void)state;
    struct outcome created = create("a", 0, ENDS_ON_TERM);
    struct outcome o = container_stop(C, created.container.id, 1000);
    assert_good(&o);
    o = container_stop(C, "0123456789abcdef", 1000);
    assert_good(&o);
}

static void removing_kills_and_twice_is_fine(void **state)
{
    (void)state;
    struct seen_container c = running("a", IGNORES_TERM);
    for (int i = 0; i < 2; i++) {
        struct outcome o = container_remove(C, c.id);
        assert_good(&o);
        o = container_status(C, c.id);
        assert_good(&o);
        assert_false(o.container.found);
    }
}

static void a_command_that_cannot_start_says_so(void **state)
{
    (void)state;
    struct outcome o = create("a", 0, BAD_COMMAND);
    if (o.err.code) { /* seen as early as that: nothing is left of it */
        print_message("    at create: %s\n", o.err.msg);
        assert_non_null(o.err.reason);
        return;
    }
    struct outcome s = container_start(C, o.container.id);
    print_message("    at start: %s\n", s.err.msg);
    assert_true(s.err.code < 0);
    assert_non_null(s.err.reason);
    struct seen_container e = seen(o.container.id);
    assert_int_equal(e.state, RT_CONTAINER_EXITED);
    assert_string_equal(e.reason, "StartError");
    assert_int_equal(e.exit_code, 128);
    assert_string_not_equal(e.message, "");
}

static void too_much_memory_is_told_apart(void **state)
{
    (void)state;
    struct seen_container c = running("a", EATS_MEMORY);
    struct seen_container e = wait_for_exit(c.id);
    assert_int_equal(e.exit_code, 137);
    assert_true(e.oom_killed);
    assert_string_equal(e.reason, "OOMKilled");
}

static void several_containers_share_a_sandbox(void **state)
{
    (void)state;
    struct seen_container a = running("a", ENDS_ON_TERM), b = running("b", EXITS_3);
    assert_int_equal(wait_for_exit(b.id).exit_code, 3);
    assert_int_equal(seen(a.id).state, RT_CONTAINER_RUNNING);
}

static void resources_stats_and_logs_are_answered(void **state)
{
    (void)state;
    struct rt_containers *cs = C->runtime->containers;
    struct seen_container c = running("a", ENDS_ON_TERM);
    struct rt_resources r = { .cpu_shares = 512, .memory_bytes = 64 << 20 };
    struct outcome o = { .c = C };
    struct rt_call call = call_nothing(&o);
    if (cs->ops->update_resources) {
        (void)cs->ops->update_resources(cs, c.id, &r, &call);
        outcome_wait(C, &o);
        assert_good(&o);
    }
    if (cs->ops->reopen_log) {
        o = (struct outcome){ .c = C };
        (void)cs->ops->reopen_log(cs, c.id, &call);
        outcome_wait(C, &o);
        assert_good(&o);
    }
    if (cs->ops->stats) {
        o = (struct outcome){ .c = C };
        call = call_stats(&o);
        (void)cs->ops->stats(cs, c.id, &call);
        outcome_wait(C, &o);
        assert_good(&o);
        assert_true(o.stats.memory_usage_bytes > 0);
    }
}

static void on_exec_exited(void *user, int exit_code, const struct err *err)
{
    struct outcome *o = user;
    o->exec_calls++;
    o->exec_code = exit_code;
    if (err)
        err_copy(&o->exec_err, err);
}

static void a_command_runs_in_a_container(void **state)
{
    static const char *const command[] = { "sh", "-c", "echo hello; exit 7" };
    (void)state;
    struct rt_containers *cs = C->runtime->containers;
    if (!cs->ops->exec) {
        print_message("    this backend cannot\n");
        return;
    }
    struct seen_container c = running("a", ENDS_ON_TERM);
    struct rt_exec_request req = { .container_id = c.id,
                                   .command = { command, 3 },
                                   .stdout_open = true,
                                   .exited = on_exec_exited };
    struct outcome o = { .c = C };
    struct rt_call call = call_streams(&o);
    (void)cs->ops->exec(cs, &req, &call);
    outcome_wait(C, &o);
    assert_good(&o);
    char text[64] = "";
    size_t len = 0;
    for (ssize_t n; len < sizeof(text) - 1 &&
                    (n = read(o.streams.stdout_fd, text + len, sizeof(text) - 1 - len)) != 0;)
        if (n > 0)
            len += (size_t)n;
        else
            turn(C, 5);
    text[len] = '\0';
    assert_string_equal(text, CONTRACT_EXEC_OUTPUT);
    (void)close(o.streams.stdout_fd);
    for (int i = 0; o.exec_calls == 0 && i < 1000; i++)
        turn(C, 10);
    assert_int_equal(o.exec_calls, 1);
    assert_int_equal(o.exec_code, CONTRACT_EXEC_CODE);
}

/* ---- operations ---- */

static void a_cancelled_operation_still_ends_once(void **state)
{
    (void)state;
    struct seen_container c = running("a", IGNORES_TERM);
    struct outcome o = { .c = C };
    struct rt_call call = call_nothing(&o);
    struct rt_op *op =
        C->runtime->containers->ops->stop(C->runtime->containers, c.id, 50000, &call);
    rt_op_cancel(op);
    rt_op_cancel(op);
    outcome_wait(C, &o);
    assert_int_equal(o.err.code, -ECANCELED);
    turn(C, 100);
    assert_int_equal(o.calls, 1);
}

static void a_deadline_ends_an_operation(void **state)
{
    (void)state;
    struct seen_container c = running("a", IGNORES_TERM);
    struct outcome o = { .c = C };
    struct rt_call call = call_nothing(&o);
    call.deadline_ms = 300;
    int64_t begin_ms = now_ms();
    (void)C->runtime->containers->ops->stop(C->runtime->containers, c.id, 50000, &call);
    outcome_wait(C, &o);
    assert_int_equal(o.err.code, -ETIMEDOUT);
    assert_in_range(now_ms() - begin_ms, 250, 5000);
}

/* ---- the agent's death ---- */

static void a_restart_touches_no_container(void **state)
{
    (void)state;
    struct seen_container a = running("a", ENDS_ON_TERM), b = running("b", EXITS_3_LATER);
    struct seen_container before = seen(a.id);
    struct outcome sandbox_before = sandbox_status(C, sandbox);
    C->restart(C);
    turn(C, 2 * CONTRACT_LATER_MS); /* b ends while nobody has asked for events yet */
    C->runtime->set_events(C->runtime, on_event, NULL);
    struct seen_container after = seen(a.id);
    assert_int_equal(after.state, RT_CONTAINER_RUNNING);
    assert_int_equal(after.pid, before.pid);
    assert_int_equal(after.started_wall_ns, before.started_wall_ns);
    assert_string_equal(after.label, "v");
    struct outcome sandbox_after = sandbox_status(C, sandbox);
    assert_int_equal(sandbox_after.sandbox.state, RT_SANDBOX_READY);
    assert_string_equal(sandbox_after.sandbox.ip, sandbox_before.sandbox.ip);
    struct seen_container e = seen(b.id);
    assert_int_equal(e.state, RT_CONTAINER_EXITED);
    assert_int_equal(e.exit_code, 3);
    struct outcome o = container_stop(C, a.id, 10000);
    assert_good(&o);
    (void)wait_for_exit(a.id);
}

static void health_is_good(void **state)
{
    (void)state;
    struct rt_health h = C->runtime->health(C->runtime);
    assert_true(h.runtime_ready);
    assert_true(h.network_ready);
}

int contract_run(struct contract *c)
{
#define FACT(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest facts[] = {
        FACT(health_is_good),
        FACT(a_pulled_image_is_there_by_name_and_id),
        FACT(an_image_that_is_not_here_is_no_error),
        FACT(a_pull_fails_with_a_reason),
        FACT(removing_an_image_twice_is_fine),
        FACT(a_sandbox_is_ready_and_keeps_what_it_was_given),
        FACT(the_same_sandbox_is_made_once),
        FACT(stopping_and_removing_a_sandbox_twice_is_fine),
        FACT(a_removed_sandbox_leaves_no_process),
        FACT(a_container_is_created_runs_and_exits),
        FACT(whom_a_container_is_and_how_it_is_stopped_is_told),
        FACT(a_container_that_ends_at_once_has_its_exit_code),
        FACT(the_same_container_is_made_once),
        FACT(a_stop_ends_a_container_that_listens),
        FACT(a_deaf_container_is_killed_after_the_grace),
        FACT(a_second_stop_with_less_grace_wins),
        FACT(stopping_what_does_not_run_is_fine),
        FACT(removing_kills_and_twice_is_fine),
        FACT(a_command_that_cannot_start_says_so),
        FACT(too_much_memory_is_told_apart),
        FACT(several_containers_share_a_sandbox),
        FACT(resources_stats_and_logs_are_answered),
        FACT(a_command_runs_in_a_container),
        FACT(a_cancelled_operation_still_ends_once),
        FACT(a_deadline_ends_an_operation),
        FACT(a_restart_touches_no_container),
    };
    C = c;
    return cmocka_run_group_tests_name(c->name, facts, NULL, NULL);
}
