/* SPDX-License-Identifier: Apache-2.0 */
/* config_copy.h - a container's configuration, all of it, in an arena. */
#pragma once

#include "base/arena.h"
#include "rt/runtime.h"

/* NULL: the arena is full. Pure. */
struct rt_container_config *config_copy(struct arena *a, const struct rt_container_config *from);
const struct rt_label *config_copy_labels(struct arena *a, const struct rt_label *items, size_t len);
