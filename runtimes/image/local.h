/* SPDX-License-Identifier: Apache-2.0 */
/*
 * local.h - a WebAssembly module that is a file of this node, on its way to become an artifact.
 *
 * It is copied below ingest/ and its digest taken on the way, off the loop; the manifest that a
 * registry would have had for it is made of that. What follows is the same as for any other
 * artifact.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "digest.h"

struct loop;
struct local;
typedef void (*local_done_fn)(struct local *l, const struct err *err); /* NULL: all is there */

struct local { /* embedded in its owner */
    /* after success, until local_done(): */
    char *copy; /* the file made; whoever takes it leaves NULL */
    struct buf manifest;
    char manifest_digest[DIGEST_TEXT_MAX];
    /* private */
    local_done_fn on_done;
    struct local_read *read; /* under way; NULL: none */
    struct loop *loop;
};

/*
 * on_done() will come, once, not from within. path: absolute, links are followed; copy: must not
 * exist. Refused in words are: whatever is no regular file (it is not even opened: a device may do
 * something then), an empty file, one larger than LIMIT_WASM_MODULE_BYTES, one that begins neither
 * as a module nor ends in .wat, and one that changes while it is read.
 */
void local_start(struct local *l, struct loop *loop, const char *path, const char *copy,
                 local_done_fn on_done);
void local_done(struct local *l); /* frees, also in the middle (then no call comes); removes a copy
                                     that nobody has taken. One never started is fine */
