/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mounts.h - a container's own mounts in the words of mount options, and in the order in which they can be made. Pure.
 */
#pragma once

#include "rt/runtime.h"

/* Outer mounts before inner ones, otherwise as they were given. The array is the caller's to free, its items are borrowed. */
const struct rt_mount **mounts_outer_first(const struct rt_container_config *config);
const char *mount_propagation_option(enum rt_mount_propagation propagation); /* "rprivate", "rslave", "rshared" */
const char *mount_access_option(const struct rt_mount *m);                  /* "rw", "ro", "rro" */
