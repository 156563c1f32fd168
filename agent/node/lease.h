/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lease.h - the heartbeat: a Lease in kube-node-lease, renewed every quarter of its duration.
 *
 * get → (create) → update → update …; a conflict or a failure goes back to get, soon.
 */
#pragma once

#include "base/loop.h"
#include "k8s/backoff.h"
#include "k8s/rest.h"

struct node_lease {
    struct k8s_client *client;
    char *name;     /* of the node */
    char *node_uid; /* NULL: not registered, the lease has no owner yet */
    int64_t duration_s;
    struct k8s_call call;
    struct loop_timer timer;
    struct k8s_object *object; /* as it was answered last; NULL: to be got */
    enum { LEASE_GET, LEASE_CREATE, LEASE_UPDATE } doing;
    struct backoff backoff;
    bool failing; /* told in the log */
};

void node_lease_init(struct node_lease *l, struct k8s_client *client, const char *name, int64_t duration_s);
void node_lease_done(struct node_lease *l);
/* From now on, with the node as owner. Again with another uid: the node was made anew. */
void node_lease_run(struct node_lease *l, const char *node_uid);
