/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/mem.h"
#include "rt/sandbox.h"
#include "sandbox_record.h"

static char run_dir[] = "/tmp/test_sandboxes.XXXXXX";

static void record(const char *id, const char *handler)
{
    AUTO(free) char *dir = xasprintf("%s/sandboxes/%s", run_dir, id);
    struct err err = ERR_INIT;
    const struct sandbox_record r = { .version = SANDBOX_RECORD_VERSION, .id = id, .uid = id, .boot_id = clock_boot_id(),
                                      .made = true, .runtime_handler = handler };

    if (path_mkdirs(dir, 0700, &err) < 0 || sandbox_record_write(dir, &r, &err) < 0)
        fail_msg("%s", err.msg);
}

static void a_sandbox_keeps_its_handler_beyond_the_agent(void **state)
{
    const struct rt_sandboxes_config config = { .name = "test", .run_dir = run_dir };
    struct rt_sandboxes *sandboxes = NULL;
    struct loop *loop = NULL;
    struct err err = ERR_INIT;

    (void)state;
    assert_non_null(mkdtemp(run_dir));
    record("a1", "wasm");
    record("b2", NULL); /* of an agent that did not write handlers down */
    assert_int_equal(loop_new(&loop, &err), 0);
    if (rt_sandboxes_new(loop, &config, &sandboxes, &err) < 0)
        fail_msg("%s", err.msg);
    assert_string_equal(rt_sandboxes_place(sandboxes, "a1")->runtime_handler, "wasm");
    assert_string_equal(rt_sandboxes_place(sandboxes, "b2")->runtime_handler, "");
    assert_int_equal(rt_sandboxes_place(sandboxes, "b2")->state, RT_SANDBOX_READY);
    rt_sandboxes_free(sandboxes);
    loop_free(loop);
    assert_int_equal(path_remove_tree(run_dir, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sandbox_keeps_its_handler_beyond_the_agent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
