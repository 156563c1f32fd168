/* SPDX-License-Identifier: Apache-2.0 */
/* doc.h - one small document (index, manifest, configuration) from a registry or from a directory,
 * verified, in memory. */
#pragma once

#include "base/buf.h"
#include "base/worker.h"
#include "registry.h"

struct doc_opts {
    struct loop *loop;
    struct registry *registry; /* or, when NULL: */
    int dir_fd;
    const char *source; /* copied */
    const char *accept; /* for a registry; static */
    const char *digest; /* NULL: not known; copied */
    size_t max_bytes;
};

struct doc;
typedef void (*doc_done_fn)(struct doc *d,
                            const struct err *err); /* NULL: data and digest are there */
struct doc {                                        /* embedded */
    doc_done_fn on_done;
    struct buf data;  /* after success, until doc_done() */
    char digest[136]; /* of data */
    /* private */
    struct registry_get get;
    struct doc_read *read;
    char *wanted; /* digest */
};
int doc_start(struct doc *d, const struct doc_opts *opts, doc_done_fn on_done, struct err *err);
void doc_done(struct doc *d); /* frees, also in the middle (then no call comes) */
