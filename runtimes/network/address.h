/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address.h - ranges of IPv4 addresses and which one to give out next. Pure. Addresses are in host
 * byte order.
 *
 * The network and broadcast addresses are never given out, and the first usable one is the
 * gateway's. IPv6 is not there yet: a second range beside this one, and a second address in every
 * list.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define ADDRESS_TEXT_BYTES 16

struct address_range {
    uint32_t network;
    uint32_t gateway;
    uint32_t first, last; /* that pods may get, inclusive */
    unsigned prefix_len;
};

int address_parse(const char *text, uint32_t *ret); /* 0, -EINVAL */
void address_text(uint32_t address, char out[ADDRESS_TEXT_BYTES]);
/* "10.85.0.0/16"; between /8 and /29. Bits beyond the prefix are refused. -EINVAL */
int address_range_parse(const char *cidr, struct address_range *ret, struct err *err);
bool address_range_has(const struct address_range *r, uint32_t address); /* may be a pod's */

/*
 * address_next() - the first free address after the one that was given out last, going round at the
 * end: an address comes back as late as possible, so that nobody's stale connections or caches
 * reach its next owner.
 *
 * used: addresses that are taken, sorted ascending; after: any address, 0: from the start
 *
 * Returns 0; -ENOSPC when all are taken. Pure.
 */
int address_next(const struct address_range *r, const uint32_t *used, size_t used_len,
                 uint32_t after, uint32_t *ret);
