/* SPDX-License-Identifier: Apache-2.0 */
/* pressure.h - is the machine short of something? Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "node/facts.h"

enum node_pressure { NODE_MEMORY_PRESSURE, NODE_DISK_PRESSURE, NODE_PID_PRESSURE, NODE_PRESSURE_NR };

struct node_pressures {
    bool is[NODE_PRESSURE_NR];
    int64_t met_boot_ms[NODE_PRESSURE_NR]; /* when a threshold was met last; 0: never */
};

/* thresholds: evictionHard, "memory.available" → "100Mi" or "10%". What is not known presses nothing. A pressure goes
 * on for five minutes after the threshold was met last (evictionPressureTransitionPeriod). */
void node_pressures_look(struct node_pressures *p, const struct config_map *thresholds, const struct node_usage *usage,
                         int64_t boot_ms);
/* The amount a threshold stands for, of total; 0: not set, or not understood. */
int64_t node_threshold(const struct config_map *thresholds, const char *signal, int64_t total);
