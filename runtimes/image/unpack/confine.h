/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine.h - what the helper gives up before it looks at the first byte of a layer.
 *
 * Afterwards the process sees one directory, the layer's, as its root, and the layers below
 * read-only through descriptors of detached mounts out of which ".." does not lead. It keeps the
 * capabilities to write files of any owner, and none to do anything else; it cannot gain others;
 * system calls that it has no use for end it.
 *
 * CAP_MKNOD is not among them: since Linux 5.8 a whiteout (character device 0:0) needs none.
 */
#pragma once

#include <stddef.h>

struct err;

/* root_path: the layer's directory. ret_root_fd and ret_parent_fds (as many as parents) stay open
 * for good. */
int confine(const char *root_path, const char *const *parents, size_t parents_len, int *ret_root_fd,
            int *ret_parent_fds, struct err *err);
