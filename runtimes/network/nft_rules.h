/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nft_rules.h - the text that is given to the nft program. Pure.
 *
 * One table of our own, replaced as a whole in one transaction (a reader of the rules sees the old
 * or the new), and single elements for single host ports afterwards.
 *
 *   hostports     protocol . port             → pod's address . port      for all of the node's
 * addresses hostports_at  protocol . address . port   → the same                  for one of them
 * (hostIP)
 *
 * The maps hold data, not verdicts, so that one rule serves any number of ports.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "base/buf.h"
#include "network_record.h"

struct nft_host_port {
    const struct network_port *port;
    uint32_t address; /* the pod's */
};

struct nft_table {
    const char *table;
    const char *bridge;
    const struct address_range *range;
    const struct nft_host_port *ports;
    size_t ports_len;
};

/* All of the table. -E2BIG: ret is full. */
int nft_rules_replace(const struct nft_table *t, struct buf *ret);
/* The host ports of one pod, appended; nothing when it has none. */
int nft_rules_add(const struct nft_table *t, struct buf *ret);
int nft_rules_delete(const struct nft_table *t, struct buf *ret);
/* What keeps a port from being mapped; -EINVAL, -ENOTSUP (IPv6). */
int nft_rules_check(const struct network_port *port, struct err *err);
bool nft_rules_clash(const struct network_port *a,
                     const struct network_port *b); /* the same one for both */
