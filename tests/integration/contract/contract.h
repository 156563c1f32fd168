/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contract.h - the facts of rt/runtime.h that every backend keeps, run against one.
 *
 * A backend under test is a struct contract: how to start it, how to let it come back after the
 * agent's death, and what container configuration shows a behaviour. The facts know nothing else of
 * it. Times are real: what a real runtime needs, the fake is given too.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rt/runtime.h"

enum contract_behaviour {
    ENDS_ON_TERM,  /* runs until SIGTERM, then exits with 0 */
    EXITS_3,       /* at once, with 3 */
    EXITS_3_LATER, /* after CONTRACT_LATER_MS */
    IGNORES_TERM,
    BAD_COMMAND, /* cannot be started */
    EATS_MEMORY, /* beyond CONTRACT_MEMORY_BYTES */
};
enum { CONTRACT_LATER_MS = 500, CONTRACT_EXEC_CODE = 7 };
#define CONTRACT_MEMORY_BYTES (16 << 20)
#define CONTRACT_EXEC_OUTPUT                                                                       \
    "hello\n" /* what `sh -c 'echo hello; exit 7'` says; the fake is scripted so */

struct contract {
    const char *name;
    struct loop *loop;
    struct rt_runtime *runtime;
    const char *image;         /* can be pulled */
    const char *missing_image; /* cannot: the registry does not know it */
    const char *log_directory; /* exists */
    const char *cgroup_parent; /* of pods; may be made by the backend */
    void (*behave)(struct contract *c, enum contract_behaviour b,
                   struct rt_container_config *config);
    /* The agent dies and comes back: c->runtime is a new one over the same world. */
    void (*restart)(struct contract *c);
    void *data;
};

/* Runs all facts; the number that failed. */
int contract_run(struct contract *c);
