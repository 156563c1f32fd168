/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node.h - this machine as a Node of the cluster: registered, kept alive, described truthfully.
 *
 * Works under the Node authorizer with NodeRestriction. It registers (or takes over an existing object of its name),
 * renews the lease, watches its own object, and patches what it owns: conditions, addresses, capacity, node info,
 * images, handlers. What others have put there (conditions, extended resources, labels, taints) stays. It goes on
 * trying for ever; nothing here ends the agent.
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"
#include "config/config.h"
#include "k8s/client.h"
#include "k8s/node.h"
#include "node/facts.h"
#include "rt/runtime.h"

struct events;
struct node;

struct node_opts { /* all borrowed until node_free() */
    struct k8s_client *client;
    struct events *events;
    const struct config *config;
    const struct node_facts *facts;
    struct rt_runtime *runtime;
    const char *const *declared_features; /* sorted, NULL-terminated; NULL: none */
    bool supplemental_groups_policy;      /* supported */
    /* Labels, allocatable, podCIDR or "unschedulable" are known now, or have changed. NULL: not wanted. */
    void (*changed)(void *user);
    void *user;
};

struct node *node_new(const struct node_opts *opts);
/* The lease runs out, the object stays. */
struct node *node_free(struct node *n); /* NULL */
DEFINE_CLEANUP(struct node *, node_free)

/* Something that the status tells has changed (health, images, handlers): it is computed again at once. */
void node_status_soon(struct node *n);
void node_images_changed(struct node *n); /* the list is read again with the next look, at its usual time */

/* The object as the API server has it; NULL: not known yet. Borrowed until the next round of the loop. */
const struct k8s_node *node_object(const struct node *n);
/* What admission measures pods against; computed here, also before registration. Borrowed, like the above. */
const struct k8s_resource_list *node_allocatable(const struct node *n);
bool node_registered(const struct node *n);
bool node_ready(const struct node *n); /* the Ready condition, as computed last */
