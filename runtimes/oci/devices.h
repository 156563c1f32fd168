/* SPDX-License-Identifier: Apache-2.0 */
/* devices.h - the device nodes that a container gets beside the usual ones. Blocking: workers. */
#pragma once

#include "base/arena.h"
#include "rt/runtime.h"
#include "spec.h"

/* Those that the configuration names or, for a privileged container, all of the node's. Strings in arena.
 * -ENODEV: a named one is no device; -E2BIG. */
int devices_find(const struct rt_container_config *config, struct arena *a, const struct spec_device **ret,
                 size_t *ret_len, struct err *err);
