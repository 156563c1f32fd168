/* SPDX-License-Identifier: Apache-2.0 */
/* capability.h - capabilities as bits, by the names that the API uses ("NET_ADMIN"; "CAP_NET_ADMIN" is the same). Pure. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "rt/runtime.h"

#define CAPABILITY_NR 41 /* up to CAP_CHECKPOINT_RESTORE */

extern const uint64_t capability_default; /* what a container has unless told otherwise */
extern const uint64_t capability_all;

const char *capability_name(int number); /* "CAP_CHOWN"; NULL beyond the last */
/* drop "ALL", then the defaults less drop, plus add; "ALL" in add is all of them. -EINVAL: an unknown name. */
int capability_mask(const struct rt_strings *add, const struct rt_strings *drop, uint64_t *ret, struct err *err);
