/* SPDX-License-Identifier: Apache-2.0 */
#include "taints.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"

static char key[] = "dedicated", our_key[] = NODE_TAINT, value[] = "db", no_schedule[] = "NoSchedule", no_execute[] = "NoExecute";

static void taints_of_a_configuration(void **state)
{
    struct config_taint theirs[] = { { key, value, no_schedule } }, ours[] = { { our_key, NULL, no_schedule } },
                        harder[] = { { our_key, value, no_execute } };
    const struct {
        struct config config;
        const char *taints;
    } cases[] = {
        { { .register_taint = false }, "" },
        { { .register_taint = true }, "oarsman.dev/node=:NoSchedule " },
        { { .register_taint = true, .register_with_taints = { theirs, 1 } },
          "oarsman.dev/node=:NoSchedule dedicated=db:NoSchedule " },
        { { .register_taint = true, .register_with_taints = { ours, 1 } }, "oarsman.dev/node=:NoSchedule " },
        { { .register_taint = true, .register_with_taints = { harder, 1 } },
          "oarsman.dev/node=:NoSchedule oarsman.dev/node=db:NoExecute " },
        { { .register_taint = true, .wasm_krustlet = true },
          "kubernetes.io/arch=wasm32-wasi:NoSchedule kubernetes.io/arch=wasm32-wasi:NoExecute " },
        { { .register_taint = true, .wasm_krustlet = true, .register_with_taints = { ours, 1 } },
          "kubernetes.io/arch=wasm32-wasi:NoSchedule kubernetes.io/arch=wasm32-wasi:NoExecute oarsman.dev/node=:NoSchedule " },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena_unref) struct arena *arena = arena_new(100000);
        AUTO(buf_done) struct buf text = BUF_INIT(10000);
        const struct k8s_taint *taints;
        size_t len = node_taints(&cases[i].config, arena, &taints);
        for (size_t k = 0; k < len; k++)
            (void)buf_printf(&text, "%s=%s:%s ", taints[k].key, str_or(taints[k].value, ""), taints[k].effect);
        assert_string_equal(buf_str(&text), cases[i].taints);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taints_of_a_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
