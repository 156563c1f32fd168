/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own.h - what this process may give away: not every root is a whole one.
 *
 * In a container of its own, or under a hardened unit, the agent's root lacks capabilities, and the kernel then
 * refuses containers that ask for them (or for a negative oom_score_adj, or a limit above the hard one). Such
 * wishes are cut to what is there, and the cut is told once.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct own_power {
    uint64_t capabilities;  /* the bounding set */
    int oom_score_adj;      /* lowest that may be given */
    uint64_t nofile_hard;   /* open files */
};

enum own_cut { /* bits */
    OWN_CUT_CAPABILITIES = 1,
    OWN_CUT_OOM_SCORE_ADJ = 2,
};

int own_power_read(struct own_power *ret, struct err *err);
/* Each returns what may be given, and adds to *cuts when that is less. Pure. */
uint64_t own_clamp_capabilities(const struct own_power *own, uint64_t wanted, unsigned *cuts);
int own_clamp_oom_score_adj(const struct own_power *own, int wanted, unsigned *cuts);
/* The warning about one kind of cut. Pure. */
const char *own_cut_text(enum own_cut cut);
