/* SPDX-License-Identifier: Apache-2.0 */
/* rate_limit.h - a token bucket. Pure: time is a parameter. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct rate_limit {
    int64_t per_second; /* 0: no limit */
    int64_t burst;
    int64_t level;   /* thousandths of a token; below zero: promised to those who wait */
    int64_t then_ms; /* when level was true */
};

void rate_limit_init(struct rate_limit *r, int64_t per_second, int64_t burst, int64_t now_ms); /* full */
/* Takes a token, in any case, and returns how long to wait before using it: 0 when one was there. */
int64_t rate_limit_reserve(struct rate_limit *r, int64_t now_ms);
/* Takes a token only if one is there. */
bool rate_limit_try(struct rate_limit *r, int64_t now_ms);
/* Nothing before until_ms (a server asked for it). */
void rate_limit_hold(struct rate_limit *r, int64_t now_ms, int64_t until_ms);
