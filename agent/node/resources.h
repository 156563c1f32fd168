/* SPDX-License-Identifier: Apache-2.0 */
/* resources.h - what the machine has, and what of it pods may use. Pure. */
#pragma once

#include "base/arena.h"
#include "config/config.h"
#include "k8s/quantity.h"
#include "node/facts.h"

/*
 * capacity: cpu, memory, ephemeral-storage, pods. allocatable: less kubeReserved, systemReserved and the hard eviction
 * thresholds of memory and nodefs, less huge pages; never below zero. before_*: what the API has: resources
 * that are not ours (device plugins, administrators) are carried over. Lists are sorted by name and lie in the arena.
 */
void node_resources(const struct node_facts *facts, const struct config *config,
                    const struct k8s_resource_list *before_capacity, const struct k8s_resource_list *before_allocatable,
                    struct arena *arena, struct k8s_resource_list *ret_capacity,
                    struct k8s_resource_list *ret_allocatable);
