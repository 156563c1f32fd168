/* SPDX-License-Identifier: Apache-2.0 */
/*
 * now.h - a moment, as data. Whoever decides about time is given one; who asks for it includes clock.h. Pure.
 */
#pragma once

#include <stdint.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)

struct now {
    int64_t wall_ns; /* since 1970, UTC: what is shown to people and written to the API */
    int64_t boot_ns; /* since boot, also while suspended: what durations and deadlines are measured with */
};
