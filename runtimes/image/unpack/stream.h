/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.h - the uncompressed bytes of a layer, counted and hashed on their way to the tar reader.
 *
 * Two readers of libarchive stand one behind the other, because the digest that an image
 * configuration promises (the diff id) is that of the whole uncompressed stream, with the padding
 * that a tar reader never looks at.
 */
#pragma once

#include <archive.h>
#include <stdint.h>

#include "digest.h"
#include "unpack.h"

struct stream {
    struct archive *raw; /* decompresses */
    struct archive *tar; /* reads what raw gives */
    struct digest_state *digest;
    struct unpack_limits limits;
    uint64_t bytes; /* uncompressed so far */
};

int stream_open(struct stream *s, const struct unpack_request *request, struct err *err);
int stream_finish(struct stream *s, char ret_digest[DIGEST_TEXT_MAX],
                  struct err *err); /* reads what is left */
void stream_done(struct stream *s);
/* What libarchive has to say about either reader, borrowed. */
const char *stream_error(struct stream *s);
