/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merged.h - a file of an image as a container would see it, without mounting anything.
 *
 * The directories of an image's layers are laid over each other as overlayfs does it: what an upper one has hides what
 * the lower ones have; a device 0:0 says that something is gone; a directory with the mark of an opaque one hides its
 * namesakes below. Symbolic links are followed as in a chroot, each from the layers together: a link and what it
 * points to need not come with the same layer.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "rt/runtime.h"

struct merged_file {
    int fd;             /* caller closes; for reading, at the beginning */
    const char *path;   /* on this node, absolute, without symbolic links below the layer's directory; in the arena */
    const char *inside; /* in the image: "/bin/x.wasm", likewise; in the arena */
};
enum { MERGED_ABSENT = 1 }; /* nothing there, or no regular file */

/*
 * merged_open() - opens path, which is taken from "/" with or without a slash in front.
 *
 * lower_dirs: absolute, the topmost first
 *
 * Returns 0; MERGED_ABSENT; -ELOOP when the image takes more than LIMIT_WASM_LOOKUPS steps to look through; what opening
 * a directory of a layer gave. Blocking, a few system calls for each component and layer.
 */
int merged_open(const struct rt_strings *lower_dirs, const char *path, struct arena *arena, struct merged_file *ret,
                struct err *err);
