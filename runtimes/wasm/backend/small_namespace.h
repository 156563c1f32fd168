/* SPDX-License-Identifier: Apache-2.0 */
/*
 * small_namespace.h - a mount namespace with one empty file system in it, for guests to begin from.
 *
 * A copy of the node's own would be a copy of all its mounts, several for each pod. It lives as long as its descriptor,
 * which others reach through /proc of this process: who finds it gone goes the longer way.
 */
#pragma once

#include "base/err.h"

int small_namespace_new(int *ret_fd, struct err *err);
