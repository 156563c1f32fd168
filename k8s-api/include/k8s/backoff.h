/* SPDX-License-Identifier: Apache-2.0 */
/* backoff.h - how long to wait before trying again. Pure: chance is a parameter. */
#pragma once

#include <stdint.h>

struct backoff {
    int64_t first_ms, max_ms; /* doubling from first to max */
    unsigned jitter_percent;  /* each wait is lengthened by up to that much (beyond max, too) */
    unsigned failures;        /* in a row */
};

/* chance: any 64 bits, see backoff_chance(). */
int64_t backoff_next_ms(struct backoff *b, uint64_t chance);
void backoff_reset(struct backoff *b);
/* Different for different names and moments; the same under a simulated clock. */
uint64_t backoff_chance(const char *name);
