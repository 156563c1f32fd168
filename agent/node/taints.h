/* SPDX-License-Identifier: Apache-2.0 */
/* taints.h - the taints with which a node registers. Pure. */
#pragma once

#include "base/arena.h"
#include "config/config.h"
#include "k8s/scheduling.h"

#define NODE_TAINT "oarsman.dev/node"

/* Ours, unless the configuration says no, or Krustlet's in its place, and the administrator's, which win over those of
 * the same key and effect.
 * Returns how many; ret's strings are borrowed from config. 0 with *ret NULL: the arena is full. */
size_t node_taints(const struct config *config, struct arena *arena, const struct k8s_taint **ret);
