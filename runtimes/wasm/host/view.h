/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view.h - the files that a guest may see, as a mount namespace that holds nothing else.
 *
 * What is mounted where is taken by descriptor while the node's mounts are in sight (view_prepare), and put in place
 * in a namespace of the guest's own (view_enter). That one is made from a small one where the caller has such (struct
 * rt_wasm pins one), because a copy of all mounts of a node with a thousand pods takes as long as the rest of a start.
 */
#pragma once

#include <stdbool.h>

#include "bundle.h"

enum { VIEW_MOUNTS_MAX = 256 };

struct view {
    int namespace_fd; /* a mount namespace with next to nothing in it; -1: the node's is copied */
    int root_fd;      /* detached mount */
    bool readonly;
    const char *stage; /* folder of that namespace that the root is put on, for a moment */
    struct view_mount {
        const char *destination;
        int tree_fd; /* detached mount */
        bool file;
        bool readonly;
        bool system; /* not asked for by name: no preopened directory of its own */
    } mounts[VIEW_MOUNTS_MAX];
    size_t mounts_len;
};

/* Opens what the bundle mounts; what is open is closed by view_enter(), or by the end of the process. -EINVAL, -ENOENT:
 * err names the mount. */
int view_prepare(const struct bundle *b, struct view *ret, struct err *err);
/*
 * view_enter() - for the one thread of a process: afterwards "/" is the guest's, and nothing of the node's can be reached.
 *
 * cwd: made where it is not there.
 */
int view_enter(struct view *v, const char *cwd, struct err *err);
/* Of a view that is prepared: the file mounted at that path, open to be appended to with the rights of that user; -1: no
 * file is. So nothing else is ever written that stands under that name. */
int view_open_mounted(const struct view *v, const char *destination, const struct oci_user *u);
