/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox_config.h - copies of what a caller gives. Pure. */
#pragma once

#include "base/arena.h"
#include "rt/runtime.h"
#include "sandbox_record.h"

/* What making a sandbox needs beyond its record (ports, sysctls, DNS), in the arena; NULL: full. */
struct rt_sandbox_config *sandbox_config_copy(struct arena *a, const struct rt_sandbox_config *from);
/* The record's fields that come from a configuration, copied into the arena. -E2BIG */
int sandbox_config_describe(struct arena *a, const struct rt_sandbox_config *from, struct sandbox_record *r);
