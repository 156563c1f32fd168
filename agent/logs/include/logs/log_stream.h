/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_stream.h - reading a container's log as options want it, across rotation.
 *
 * The reader pulls: log_stream_read() gives what is there now, so that a slow client holds nothing but its own
 * place in a file. When there is nothing now and more may come (follow), the owner waits for on_change.
 */
#pragma once

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/loop.h"
#include "logs/log_options.h"

struct err;
struct log_stream;

enum log_outcome {
    LOG_STREAM_END = 1, /* everything has been given */
    LOG_STREAM_WAIT,    /* nothing now: on_change will come */
};

struct log_stream_events {
    /* There may be more to read. On the loop; may free the stream. */
    void (*on_change)(void *user);
    /* Is the container still able to write? Asked at the end of the file when following. */
    bool (*is_running)(void *user);
    void *user;
};

/* path: of the log file in use ("…/0.log"). A file that is not there yet counts as empty when following, else
 * -ENOENT: `unable to open log file`. */
int log_stream_open(struct loop *loop, const char *path, const struct log_options *options,
                    const struct log_stream_events *events, struct log_stream **ret, struct err *err);
struct log_stream *log_stream_free(struct log_stream *s); /* NULL */
DEFINE_CLEANUP(struct log_stream *, log_stream_free)

/* Appends whole pieces to out until it holds about max_bytes (out's own maximum must leave room for one piece and one
 * line more). 0: something was appended; LOG_STREAM_END, _WAIT. */
int log_stream_read(struct log_stream *s, struct buf *out, size_t max_bytes);
/* The container has ended: a follower that waits looks once more, and then ends. */
void log_stream_wake(struct log_stream *s);
