/* SPDX-License-Identifier: Apache-2.0 */
/*
 * namespaces.h - the namespaces of a guest's process, but for its mounts (view.h): those that the bundle names are
 * joined, those that it asks for without a path are made.
 */
#pragma once

#include "bundle.h"

struct namespaces {
    int net_fd, ipc_fd, uts_fd, pid_fd; /* to be joined; -1: made, or the caller's */
};

/* Opens them while the caller's files are in sight. By the end of the process they are closed. */
int namespaces_open(const struct bundle *b, struct namespaces *ret, struct err *err);
/* For the parent: its children are born there. */
int namespaces_join_pid(const struct namespaces *n, struct err *err);
/* For the process itself: joins and makes them, sets up what is new, and closes the descriptors. */
int namespaces_enter(const struct namespaces *n, const struct bundle *b, struct err *err);
