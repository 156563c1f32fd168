/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life.h - one Wasm container by oarsman-wasm's own command line, from the fork of its "create" to its guest's first
 * byte on standard output, and away again.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "forks.h"

struct life_config {
    const char *program; /* oarsman-wasm */
    const char *root;    /* its --root */
    const char *bundle;
    const char *pid_file;
    bool by_command;     /* started by "oarsman-wasm start"; else by a byte into its fifo, as the agent does it */
    struct forks *forks; /* NULL: no times from within */
};

/* Nanoseconds. -1: not known. */
struct life_times {
    int64_t program; /* fork of create -> it is executed */
    int64_t prepare; /* -> it forks the guest's process */
    int64_t guest;   /* -> that waits to be started, and create has ended */
    int64_t release; /* told to start -> first byte */
    int64_t total;   /* fork of create -> first byte, nothing in between but the two of them */
};

/* id: a name that no other container has. Blocks. */
int life_measure(const struct life_config *c, const char *id, struct life_times *ret, struct err *err);
