/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.h - the status of a Node as a function of what is known. Pure.
 *
 * Reasons, messages and events are the kubelet's own words: people, dashboards and controllers match on them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "config/config.h"
#include "k8s/node.h"
#include "node/facts.h"
#include "pressure.h"
#include "rt/runtime.h"

struct node_status_in { /* borrowed */
    const struct node_facts *facts;
    const struct config *config;
    const char *runtime_name, *runtime_version;
    struct rt_health health;
    const struct rt_handler *handlers;
    size_t handlers_len;
    const struct k8s_container_image *images;
    size_t images_len;
    const char *const *declared_features; /* sorted, NULL-terminated; NULL: none */
    bool supplemental_groups_policy;
    const struct node_pressures *pressures;
    int64_t wall_ns;
    bool beat; /* heartbeat times are renewed; otherwise they stay, and an unchanged status is equal to before */
};

/*
 * before: the status as the API has it (all zero: a new node). What is not ours is carried over: other conditions,
 * resources, fields. Transition times change with a condition's status only. ret: strings borrowed from all
 * arguments, or in the arena.
 */
void node_status_build(const struct node_status_in *in, const struct k8s_node_status *before, struct arena *arena,
                       struct k8s_node_status *ret);
bool node_status_ready(const struct k8s_node_status *s);

/* Calls fn with the reason of each event that the step from before to after means ("NodeReady"). */
void node_status_events(const struct k8s_node_status *before, const struct k8s_node_status *after,
                        void (*fn)(void *user, const char *reason), void *user);
