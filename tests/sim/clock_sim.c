/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/clock.h"
#include "sim_private.h"

#define WALL_START_NS (INT64_C(1767225600) * NS_PER_S) /* 2026-01-01 */
#define BOOT_START_NS (1000 * NS_PER_S)

static int64_t elapsed_ns, wall_offset_ns, boot_began_ns;
static unsigned boot;

void sim_clock_reset(void)
{
    elapsed_ns = wall_offset_ns = boot_began_ns = 0;
    boot = 0;
}

void sim_clock_advance_to(int64_t to_ns)
{
    if (to_ns > elapsed_ns)
        elapsed_ns = to_ns;
}

int64_t sim_elapsed_ns(void)
{
    return elapsed_ns;
}

int64_t sim_now_ms(void)
{
    return elapsed_ns / NS_PER_MS;
}

void sim_set_wall_offset_ns(int64_t offset_ns)
{
    wall_offset_ns = offset_ns;
}

void sim_reboot(void)
{
    boot++;
    boot_began_ns = elapsed_ns;
}

int64_t clock_wall_ns(void)
{
    return WALL_START_NS + wall_offset_ns + elapsed_ns;
}

int64_t clock_boot_ns(void)
{
    return (boot ? 0 : BOOT_START_NS) + elapsed_ns - boot_began_ns + NS_PER_S;
}

int64_t clock_boot_ms(void)
{
    return clock_boot_ns() / NS_PER_MS;
}

struct now clock_now(void)
{
    return (struct now){ .wall_ns = clock_wall_ns(), .boot_ns = clock_boot_ns() };
}

const char *clock_boot_id(void)
{
    static char id[32];
    (void)snprintf(id, sizeof(id), "sim-boot-%u", boot);
    return id;
}
