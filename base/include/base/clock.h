/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h - what time it is. Nobody else asks the system; the simulator links another clock.c.
 */
#pragma once

#include <stdint.h>

#include "base/now.h"

struct now clock_now(void);
int64_t clock_wall_ns(void);
int64_t clock_boot_ns(void);
int64_t clock_boot_ms(void);
/* Identity of this boot, from the kernel; static, never NULL. Comparing it tells whether boot_ns values
 * and pids written down earlier still mean anything. */
const char *clock_boot_id(void);
