/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "sim.h"

void sim_clock_reset(void);
void sim_clock_advance_to(int64_t elapsed_ns);
int64_t sim_elapsed_ns(void);
