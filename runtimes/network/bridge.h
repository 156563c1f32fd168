/* SPDX-License-Identifier: Apache-2.0 */
/* bridge.h - what the parts of the bridge mode ask of each other. */
#pragma once

#include "network_internal.h"

/* bridge_nft.c: host ports and masquerading. then() comes later, or at once when there is nothing
 * to do. */
void bridge_nft_map(struct net_op *op,
                    net_step_fn then); /* those of op's record; first all that is shared */
void bridge_nft_unmap(struct net_op *op, net_step_fn then);
void bridge_nft_replace(struct net_op *op, net_step_fn then); /* all, from the records */
/* The host port of want that another attachment has. 0; -EADDRINUSE. */
int bridge_nft_check(const struct rt_network *n, const struct network_record *want,
                     struct err *err);
