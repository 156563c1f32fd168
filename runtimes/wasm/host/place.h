/* SPDX-License-Identifier: Apache-2.0 */
/* place.h - a place to mount on, within a root file system that is not to be trusted. */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/*
 * place_find() - opens (O_PATH) what stands at a path as seen with root_fd as "/", and makes it where it is not there.
 *
 * file: an empty file is made, else a folder; folders on the way as well. Symbolic links lead about within the root, also
 * one that leads nowhere yet: its target is made. What is there is found, not opened, and not changed. -ELOOP.
 */
int place_find(int root_fd, const char *path, bool file, int *ret_fd, struct err *err);
