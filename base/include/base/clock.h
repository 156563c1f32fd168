/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h - what time it is. Nobody else asks the system; the simulator links another clock.c.
 */
#pragma once

#include <stdint.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)

struct now {
    int64_t wall_ns; /* since 1970, UTC: what is shown to people and written to the API */
    int64_t boot_ns; /* since boot, also while suspended: what durations and deadlines are measured with */
};

struct now clock_now(void);
int64_t clock_wall_ns(void);
int64_t clock_boot_ns(void);
int64_t clock_boot_ms(void);
/* Identity of this boot, from the kernel; static, never NULL. Comparing it tells whether boot_ns values
 * and pids written down earlier still mean anything. */
const char *clock_boot_id(void);
