/* SPDX-License-Identifier: Apache-2.0 */
/*
 * netlink.h - the few rtnetlink requests that a pod network needs, one call each. Blocking,
 * microseconds to (deleting a link) some 30 ms: workers. Addresses are in host byte order.
 *
 * A connection acts in the network namespace it was opened in. See man 7 rtnetlink.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

struct netlink;

int netlink_open(struct netlink **ret, struct err *err); /* in the caller's namespace */
int netlink_open_in(int netns_fd, struct netlink **ret, struct err *err); /* in another one */
struct netlink *netlink_close(struct netlink *nl);                        /* NULL */
DEFINE_CLEANUP(struct netlink *, netlink_close)

int netlink_index(struct netlink *nl, const char *link, int *ret_index,
                  struct err *err); /* -ENODEV */
int netlink_add_bridge(struct netlink *nl, const char *name, const uint8_t mac[6], unsigned mtu,
                       struct err *err); /* -EEXIST */

struct netlink_veth {
    const char *name; /* here */
    int bridge_index; /* whose port it becomes */
    const char *peer_name;
    const uint8_t *peer_mac; /* 6 bytes */
    int peer_netns_fd;       /* where the peer appears, never having been here */
    unsigned mtu;
};
int netlink_add_veth(struct netlink *nl, const struct netlink_veth *veth,
                     struct err *err); /* up, the peer is not. -EEXIST */
int netlink_set_hairpin(struct netlink *nl, int index, struct err *err);
int netlink_set_up(struct netlink *nl, int index, struct err *err);
/*
 * netlink_wait_up() - until frames really pass.
 *
 * A link whose partner has just come up counts as down until a worker of the kernel has looked at
 * it, and a bridge drops what comes through such a port: the pod's first packets would be lost, and
 * its first connection take a second. Asking for the link makes that worker's step happen at once
 * (Linux 6.9 and newer); before, it takes some milliseconds. -ETIMEDOUT after 2 s.
 */
int netlink_wait_up(struct netlink *nl, const char *link, struct err *err);
int netlink_add_address(struct netlink *nl, int index, uint32_t address, unsigned prefix_len,
                        struct err *err); /* there already is fine */
int netlink_add_default_route(struct netlink *nl, int index, uint32_t gateway, struct err *err);
int netlink_delete_link(struct netlink *nl, const char *name, struct err *err); /* absent is fine */
/* Many for the time of one: the kernel waits once for all. */
int netlink_delete_links(struct netlink *nl, const char *const *names, size_t len, struct err *err);
