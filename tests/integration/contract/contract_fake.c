/* SPDX-License-Identifier: Apache-2.0 */
/* The facts of the contract over the fake: its scripts stand for the commands of real containers.
 */
#include <stddef.h>
#include <stdio.h>

#include "base/loop.h"
#include "base/mem.h"
#include "contract.h"
#include "rt/fake.h"

#define EXEC                                                                                       \
    .exec_exit_code = CONTRACT_EXEC_CODE, .exec_output = CONTRACT_EXEC_OUTPUT,                     \
    .stats = { .memory_usage_bytes = 1 << 20 }

static const struct rt_fake_script scripts[] = {
    [ENDS_ON_TERM] = { .stop_ms = 20, .exits_zero_on_stop = true, EXEC },
    [EXITS_3] = { .exits = true, .exit_code = 3, EXEC },
    [EXITS_3_LATER] = { .exits = true, .run_ms = CONTRACT_LATER_MS, .exit_code = 3, EXEC },
    [IGNORES_TERM] = { .ignores_stop = true, EXEC },
    [BAD_COMMAND] = { .start_failures = -1, .failure_message = "no such file or directory", EXEC },
    [EATS_MEMORY] = { .oom = true, .run_ms = 100, EXEC },
};

static void behave(struct contract *c, enum contract_behaviour b,
                   struct rt_container_config *config)
{
    rt_fake_script(c->data, config->image, &scripts[b]);
}

static void restart(struct contract *c)
{
    rt_fake_agent_restart(c->data);
}

int main(void)
{
    static const struct rt_fake_script image = { .pull_ms = 20 };
    struct loop *loop;
    struct rt_fake *fake;
    if (loop_new(&loop, NULL) < 0 || rt_fake_new(loop, &fake, NULL) < 0)
        return 1;
    rt_fake_script(fake, "registry.example/app:1", &image);
    struct contract c = { .name = "fake",
                          .loop = loop,
                          .runtime = rt_fake_runtime(fake),
                          .image = "registry.example/app:1",
                          .missing_image = "registry.example/none:1",
                          .log_directory = "/tmp",
                          .cgroup_parent = "/pods",
                          .behave = behave,
                          .restart = restart,
                          .data = fake };
    int failed = contract_run(&c);
    struct rt_fake_counts counts = rt_fake_counts(fake);
    if (counts.sandboxes + counts.containers + counts.operations + counts.ran_twice > 0) {
        (void)fprintf(stderr,
                      "left behind: %zu sandboxes, %zu containers, %zu operations; %zu ran twice\n",
                      counts.sandboxes, counts.containers, counts.operations, counts.ran_twice);
        failed++;
    }
    fake = rt_fake_free(fake);
    loop = loop_free(loop);
    return failed;
}
