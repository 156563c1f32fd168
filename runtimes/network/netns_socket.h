/* SPDX-License-Identifier: Apache-2.0 */
/*
 * netns_socket.h - a socket that belongs to another network namespace.
 *
 * A socket stays in the namespace of the task that made it. No thread of ours may change its
 * namespace, so a child makes it: a clone() that shares our memory and descriptor table and holds
 * us until it has ended (CLONE_VM | CLONE_FILES | CLONE_VFORK), which is as cheap as a thread and
 * needs no passing of descriptors.
 */
#pragma once

#include "base/err.h"

/* netns_fd: borrowed. *ret_fd: caller's, CLOEXEC. -errno. Blocks for some 100 microseconds:
 * workers. */
int netns_socket(int netns_fd, int domain, int type, int protocol, int *ret_fd, struct err *err);
