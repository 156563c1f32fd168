/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict.h - what the end of a compilation means, in words for the one who brought the module. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/proc.h"

struct err;

struct verdict_facts {
    struct proc_exit exit;
    const char *said;   /* on stderr */
    bool out_of_memory; /* the kernel says that it ended a process of the group for its memory */
    uint64_t memory_max_bytes;
    int64_t deadline_ms;
};
/* 0: compiled; -ETIMEDOUT, -ENOMEM; -EINVAL: the module's fault; -ENOSPC; -EIO: the compiler's. */
int verdict(const struct verdict_facts *facts, struct err *err);

/* How long a failed compilation is remembered: ten times as long as it took, within bounds. */
int64_t verdict_memory_ms(int64_t took_ms);
