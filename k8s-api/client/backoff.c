/* SPDX-License-Identifier: Apache-2.0 */
/* backoff.c - doubling waits with jitter. */
#include "k8s/backoff.h"

#include "base/clock.h"
#include "base/str.h"

int64_t backoff_next_ms(struct backoff *b, uint64_t chance)
{
    int64_t wait_ms = b->first_ms;
    for (unsigned i = 0; i < b->failures && wait_ms < b->max_ms; i++)
        wait_ms *= 2;
    if (wait_ms > b->max_ms)
        wait_ms = b->max_ms;
    if (b->failures < 1000)
        b->failures++;
    int64_t span_ms = wait_ms * (int64_t)b->jitter_percent / 100;
    return wait_ms + (span_ms > 0 ? (int64_t)(chance % (uint64_t)(span_ms + 1)) : 0);
}

void backoff_reset(struct backoff *b)
{
    b->failures = 0;
}

uint64_t backoff_chance(const char *name)
{
    struct now now = clock_now();
    uint64_t parts[3] = { (uint64_t)now.wall_ns, (uint64_t)now.boot_ns, str_hash(name, strlen(name)) };
    return str_hash(parts, sizeof parts);
}
