/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.h - a growing byte buffer with a mandatory maximum.
 *
 * Invariants: data is never NULL after the first append and always ends in a NUL that len does not
 * count; len <= max_bytes. An append that would pass the maximum fails with -E2BIG, changes
 * nothing, and every append after it fails too (buf_failed), so that a chain of appends needs one
 * check at its end.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct buf {
    char *data;
    size_t len;
    size_t cap;
    size_t max_bytes;
    bool failed;
};

#define BUF_INIT(max)                                                                              \
    {                                                                                              \
        .max_bytes = (max)                                                                         \
    }

void buf_init(struct buf *b, size_t max_bytes);
void buf_done(struct buf *b); /* frees; the buffer may be used again, same maximum */
DEFINE_CLEANUP_DONE(struct buf, buf_done)
void buf_clear(struct buf *b); /* empty, keeps memory, forgets failure */

/* 0, -E2BIG, -ENOMEM. data lies outside the buffer. */
int buf_add(struct buf *b, const void *data, size_t len);
int buf_puts(struct buf *b, const char *s);
int buf_putc(struct buf *b, char c);
int buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int buf_vprintf(struct buf *b, const char *fmt, va_list ap);
/* Room for len more bytes, to be filled by the caller, then buf_commit(). NULL: too big. */
char *buf_reserve(struct buf *b, size_t len);
void buf_commit(struct buf *b, size_t len);
void buf_consume(struct buf *b, size_t len); /* drops len bytes from the front */
bool buf_failed(const struct buf *b);
const char *buf_str(const struct buf *b); /* borrowed, "" when empty */
/* Caller owns a NUL-terminated string, or gets NULL when an append had failed; the buffer is empty
 * then. */
char *buf_take(struct buf *b);
