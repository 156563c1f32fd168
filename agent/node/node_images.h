/* SPDX-License-Identifier: Apache-2.0 */
/* node_images.h - which images a node's status names. Pure. */
#pragma once

#include "base/arena.h"
#include "k8s/node.h"
#include "rt/runtime.h"

#define NODE_IMAGE_NAMES_MAX 5

/* The largest first, at most max of them (-1: all), each with at most five names, digests before tags; copied into
 * the arena. Images without a name are left out. */
void node_images_pick(const struct rt_image_list *list, int64_t max, struct arena *arena,
                      const struct k8s_container_image **ret_items, size_t *ret_len);
