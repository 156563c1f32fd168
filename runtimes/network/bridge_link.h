/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bridge_link.h - the netlink part of the bridge mode, as worker jobs: the bridge itself, a pod's
 * pair of interfaces, its address and routes.
 */
#pragma once

#include "address.h"
#include "base/worker.h"

struct bridge_link { /* filled by the owner, who keeps it and what it points to until done */
    struct worker_job job;
    const char *bridge;
    const char *run_dir;
    unsigned mtu;
    struct address_range range;
    bool prepare;     /* make the bridge right even if it is there */
    const char *name; /* of the pod's interface outside; NULL: only the bridge */
    const char *netns_path;
    uint32_t address;
    struct err err; /* code 0: done */
};

/* Takes interfaces away. */
struct bridge_unlink {
    struct worker_job job;
    const char **names; /* the owner's */
    size_t len;
    struct err err;
};

#define BRIDGE_LINK_NAME_BYTES 16
void bridge_link_name(const char *sandbox_id, char out[BRIDGE_LINK_NAME_BYTES]); /* pure */
void bridge_link_submit(struct bridge_link *l, struct loop *loop, worker_fn done);
void bridge_unlink_submit(struct bridge_unlink *u, struct loop *loop, worker_fn done);
