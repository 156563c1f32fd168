/* SPDX-License-Identifier: Apache-2.0 */
/* rate_limit.c - a token bucket in thousandths of a token, so that whole milliseconds lose nothing. */
#include "k8s/rate_limit.h"

static void refill(struct rate_limit *r, int64_t now_ms)
{
    int64_t full = r->burst * 1000, missing = full - r->level;
    int64_t passed_ms = now_ms - r->then_ms;
    if (passed_ms <= 0)
        return;
    r->then_ms = now_ms;
    /* per_second tokens in 1000 ms are per_second thousandths in one. */
    r->level = passed_ms >= missing / r->per_second + 1 ? full : r->level + passed_ms * r->per_second;
    if (r->level > full)
        r->level = full;
}

void rate_limit_init(struct rate_limit *r, int64_t per_second, int64_t burst, int64_t now_ms)
{
    *r = (struct rate_limit){ .per_second = per_second,
                              .burst = burst > 0 ? burst : 1,
                              .level = (burst > 0 ? burst : 1) * 1000,
                              .then_ms = now_ms };
}

int64_t rate_limit_reserve(struct rate_limit *r, int64_t now_ms)
{
    int64_t hold_ms = r->then_ms > now_ms ? r->then_ms - now_ms : 0;
    if (r->per_second == 0)
        return hold_ms;
    refill(r, now_ms);
    r->level -= 1000;
    if (r->level >= 0)
        return hold_ms;
    return hold_ms + (-r->level + r->per_second - 1) / r->per_second;
}

bool rate_limit_try(struct rate_limit *r, int64_t now_ms)
{
    if (r->per_second == 0)
        return now_ms >= r->then_ms;
    refill(r, now_ms);
    if (now_ms < r->then_ms || r->level < 1000)
        return false;
    r->level -= 1000;
    return true;
}

void rate_limit_hold(struct rate_limit *r, int64_t now_ms, int64_t until_ms)
{
    if (r->per_second > 0)
        refill(r, now_ms);
    if (until_ms > r->then_ms)
        r->then_ms = until_ms;
}
