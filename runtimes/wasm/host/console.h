/* SPDX-License-Identifier: Apache-2.0 */
/* console.h - a terminal for a container: made here, its other end handed to who asked for it. */
#pragma once

#include "bundle.h"

/* *ret_fd: the container's end; -1: it gets none. The other end goes to the socket as a descriptor. */
int console_open(const struct bundle *b, const char *socket_path, int *ret_fd, struct err *err);
