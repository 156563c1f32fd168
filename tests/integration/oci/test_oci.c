/* SPDX-License-Identifier: Apache-2.0 */
/* Containers of the OCI backend, for real. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "world.h"

static int setup(void **state)
{
    static struct world w;

    world_init(&w, "oci");
    *state = &w;
    return 0;
}

static int teardown(void **state)
{
    world_done(*state);
    return 0;
}

static void a_container_runs_and_its_end_is_told(void **state)
{
    struct world *w = *state;
    struct rt_sandbox_config pod = world_pod(w, "runs");
    struct answer p = world_make_pod(w, &pod);
    struct rt_container_config c =
        world_container(w, p.id, "c", COMMAND("sh", "-c", "echo out; echo err >&2; exit 7"));
    struct answer a;

    assert_string_equal(p.message, "");
    assert_int_equal(p.sandbox_state, RT_SANDBOX_READY);
    a = world_run(w, &c);
    assert_string_equal(a.message, "");
    assert_int_equal(a.exit_code, 7);
    assert_string_equal(a.end_reason, "Error");
    assert_true(world_event(w, RT_EVENT_CONTAINER_EXITED, a.id));
    assert_true(world_log_holds(w, a.log_path, "stdout F out\n"));
    assert_true(world_log_holds(w, a.log_path, "stderr F err\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_container_runs_and_its_end_is_told, setup, teardown),
    };

    world_need();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
