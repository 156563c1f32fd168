/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unpack.h - one layer of an image, made into a directory that overlayfs can take as a lower one.
 *
 * The directory holds what the layer adds, and whiteouts (character devices 0:0) for what it takes
 * away. Opaque directories are only reported: their mark is a trusted.* attribute, for which a
 * helper would need CAP_SYS_ADMIN. Whoever runs the helper sets it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;

struct unpack_limits {
    uint64_t bytes;   /* of the uncompressed stream, and of all files as they claim to be */
    uint64_t entries; /* of the archive */
    uint64_t ratio;   /* uncompressed to compressed, once ratio_from_bytes are passed */
    uint64_t ratio_from_bytes;
};
extern const struct unpack_limits unpack_limits_default;

struct unpack_request {
    int in_fd;   /* the layer: tar, plain or compressed with gzip or zstd. Read to its end */
    int root_fd; /* an empty directory */
    const int *parent_fds; /* directories of the layers below, the nearest first */
    size_t parents_len;
    const char *digest_like; /* a digest of the algorithm to use; NULL: sha256 */
    struct unpack_limits limits;
};

struct unpack_result {
    char diff_id[136]; /* digest of the uncompressed stream */
    uint64_t bytes;    /* content of all regular files */
    uint64_t entries;
    uint64_t devices_skipped; /* see README: device nodes are not made */
    uint64_t xattrs_skipped;
    struct buf
        opaque; /* paths of opaque directories, each ended by a NUL; caller frees with buf_done() */
};

/*
 * unpack_layer() - read one layer and write what it describes below request->root_fd, and nowhere
 * else.
 *
 * 0; < 0 with a message that names the entry. What has been written by then stays: the caller
 * throws the whole directory away. Blocking.
 */
int unpack_layer(const struct unpack_request *request, struct unpack_result *ret_result,
                 struct err *err);
