/* SPDX-License-Identifier: Apache-2.0 */
/* addresses.h - which addresses the node has for others. */
#pragma once

struct err;

/* wanted: --node-ip, NULL-terminated, NULL or empty: the default route's interface. *ret: strv, caller owns. */
int node_addresses(char *const *wanted, char ***ret, struct err *err);
