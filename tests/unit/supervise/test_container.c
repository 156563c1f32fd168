/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a container is derived: the table of container.h, row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "container.h"

static void states_and_ends_are_derived(void **state)
{
    static const struct {
        const char *name;
        struct container c;
        enum rt_container_state state;
        const char *reason; /* NULL: it lives */
        int exit_code;
    } cases[] = {
        { "unfinished creation", { .record.id = "x" }, RT_CONTAINER_UNKNOWN, NULL, 0 },
        { "created", { .record.made = true }, RT_CONTAINER_CREATED, NULL, 0 },
        { "about to be started", { .record = { .made = true, .starting_wall_ns = 1 } }, RT_CONTAINER_CREATED, NULL, 0 },
        { "running", { .record = { .made = true, .started_wall_ns = 1 } }, RT_CONTAINER_RUNNING, NULL, 0 },
        { "supervisor lost", { .record = { .made = true, .started_wall_ns = 1 }, .supervisor_lost = true },
          RT_CONTAINER_UNKNOWN, NULL, 0 },
        { "refused, start not asked for", { .record = { .made = true, .refused = "no" } }, RT_CONTAINER_CREATED, NULL, 0 },
        { "refused", { .record = { .made = true, .refused = "no", .starting_wall_ns = 1 } }, RT_CONTAINER_EXITED,
          "StartError", 128 },
        { "good end", { .record = { .made = true, .started_wall_ns = 1 }, .exited = true }, RT_CONTAINER_EXITED,
          "Completed", 0 },
        { "bad end", { .record = { .made = true, .started_wall_ns = 1 }, .exited = true, .exit_code = 2 },
          RT_CONTAINER_EXITED, "Error", 2 },
        { "out of memory",
          { .record = { .made = true, .started_wall_ns = 1 }, .exited = true, .exit_code = 137, .oom_killed = true },
          RT_CONTAINER_EXITED, "OOMKilled", 137 },
        { "ended unseen", { .record = { .made = true, .started_wall_ns = 1 }, .exited = true, .ended_unseen = true },
          RT_CONTAINER_EXITED, "ContainerStatusUnknown", 137 },
        { "killed before the start", { .record.made = true, .exited = true, .exit_code = 137 }, RT_CONTAINER_EXITED,
          "Error", 137 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rt_container view;

        container_view(&cases[i].c, &view);
        if (view.state != cases[i].state || !str_eq(view.reason, cases[i].reason) ||
            view.exit_code != cases[i].exit_code)
            fail_msg("%s: state %d, %s, exit code %d", cases[i].name, (int)view.state, str_or(view.reason, "-"),
                     view.exit_code);
    }
}

static void whom_it_is_and_how_it_is_stopped_is_told_where_it_is_known(void **state)
{
    const int64_t groups[] = { 7, 9 };
    const struct container_user_record user = { .uid = 5, .gid = 7, .groups = { groups, 2 } };
    const struct container c = { .record = { .made = true, .user = &user, .stop_signal = "SIGINT" } };
    const struct container old = { .record = { .made = true, .stop_signal = "SIGTERM" } }; /* of before users were kept */
    struct rt_container view;

    (void)state;
    container_view(&c, &view);
    assert_int_equal(view.user->uid, 5);
    assert_int_equal(view.user->gid, 7);
    assert_int_equal(view.user->groups_len, 2);
    assert_int_equal(view.user->groups[1], 9);
    assert_string_equal(view.stop_signal, "SIGINT");
    container_view(&old, &view);
    assert_null(view.user);
    assert_null(view.stop_signal);
}

static void an_end_is_never_before_its_start(void **state)
{
    const struct container c = { .record = { .made = true, .started_wall_ns = 100 }, .exited = true, .finished_wall_ns = 99 };
    struct rt_container view;

    (void)state;
    container_view(&c, &view);
    assert_int_equal(view.finished_wall_ns, 100);
}

static void an_identity_is_sandbox_name_and_attempt(void **state)
{
    AUTO(free) char *a = container_identity("s", "n", 3);

    (void)state;
    assert_string_equal(a, "s/n#3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whom_it_is_and_how_it_is_stopped_is_told_where_it_is_known),
        cmocka_unit_test(states_and_ends_are_derived),
        cmocka_unit_test(an_end_is_never_before_its_start),
        cmocka_unit_test(an_identity_is_sandbox_name_and_attempt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
