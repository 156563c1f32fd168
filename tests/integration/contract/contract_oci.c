/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facts of the contract over conmon and an OCI runtime, on this machine. The image is a folder
 * with busybox; pulling is the image store's own matter and played by the fake's.
 */
#include <stdio.h>

#include "base/mem.h"
#include "contract.h"
#include "rt/fake.h"
#include "world.h"

#define IMAGE "registry.example/app:1"

struct machine {
    struct world world;
    struct rt_fake *images;
};

static const char *const commands[][4] = {
    [ENDS_ON_TERM] = { "/bin/sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait" },
    [EXITS_3] = { "/bin/sh", "-c", "exit 3" },
    [EXITS_3_LATER] = { "/bin/sh", "-c", "sleep 0.5; exit 3" },
    [IGNORES_TERM] = { "/bin/sh", "-c", "trap '' TERM; while :; do sleep 1000; done" },
    [BAD_COMMAND] = { "/no/such/program" },
    [EATS_MEMORY] = { "/bin/sh", "-c", "x=0123456789; while :; do x=$x$x; done" },
};

static void behave(struct contract *c, enum contract_behaviour b,
                   struct rt_container_config *config)
{
    size_t len = 0;
    (void)c;
    while (len < ARRAY_LEN(commands[b]) && commands[b][len])
        len++;
    config->image_id = WORLD_IMAGE;
    config->command = (struct rt_strings){ commands[b], len };
    if (b == EATS_MEMORY)
        config->resources.memory_bytes = CONTRACT_MEMORY_BYTES;
}

static void open_machine(struct contract *c)
{
    static const struct rt_fake_script image = { .pull_ms = 1 };
    struct machine *m = c->data;
    world_open(&m->world);
    c->loop = m->world.loop;
    c->runtime = m->world.rt;
    if (rt_fake_new(c->loop, &m->images, NULL) < 0)
        exit(1);
    rt_fake_script(m->images, IMAGE, &image);
    c->runtime->images = rt_fake_runtime(m->images)->images;
}

static void restart(struct contract *c)
{
    struct machine *m = c->data;
    m->images = rt_fake_free(m->images);
    world_close(&m->world);
    open_machine(c);
}

int main(void)
{
    static struct machine m;
    world_need();
    world_leave_network();
    world_init(&m.world, "contract");
    m.world.bridged = true;
    struct contract c = { .name = "oci",
                          .image = IMAGE,
                          .missing_image = "registry.example/none:1",
                          .log_directory = m.world.log_dir,
                          .cgroup_parent = "/pods",
                          .behave = behave,
                          .restart = restart,
                          .data = &m };
    open_machine(&c);
    int failed = contract_run(&c);
    m.images = rt_fake_free(m.images);
    world_done(&m.world);
    return failed;
}
