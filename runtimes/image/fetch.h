/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch.h - one blob, from where it is into a verified file.
 *
 * From a registry: streamed; a stream that breaks goes on where it stopped (Range), with a pause
 * that grows while nothing comes, up to FETCH_RETRIES times without progress. From a directory (an
 * unpacked archive, a layout): copied.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "ingest.h"
#include "registry.h"

#define FETCH_RETRIES 5

struct fetch_opts {
    struct loop *loop;
    struct registry *registry; /* or: */
    int dir_fd;                /* of a directory, read when registry is NULL */
    const char *source; /* "blobs/sha256:…" at a registry, a path in the directory; copied */
    const char *path;   /* the file to make; copied */
    const char *digest; /* NULL: not known; copied */
    int64_t size_bytes; /* < 0: not known */
    uint64_t max_bytes;
};

struct fetch;
typedef void (*fetch_progress_fn)(struct fetch *f, uint64_t bytes);
typedef void (*fetch_done_fn)(struct fetch *f,
                              const struct err *err); /* NULL: the file is there. Once */

/* Embedded in its owner. */
struct fetch {
    fetch_progress_fn on_progress;
    fetch_done_fn on_done;
    /* private */
    struct fetch_opts opts;
    struct ingest *ingest;
    struct registry_get get;
    struct loop_timer retry;
    unsigned failures;
    uint64_t start_bytes,
        skip_bytes; /* of this attempt: what was there; what comes again and is passed over */
    struct fetch_copy *copy;
    bool running;
};

/* 0: on_done will come, not from within. */
int fetch_start(struct fetch *f, const struct fetch_opts *opts, fetch_progress_fn on_progress,
                fetch_done_fn on_done, struct err *err);
void fetch_cancel(
    struct fetch *f); /* also when it is not running: frees. No call after it; no file is left */
