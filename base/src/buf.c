/* SPDX-License-Identifier: Apache-2.0 */
/* buf.c - the growing byte buffer. */
#include "base/buf.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"

#define BUF_FIRST_BYTES 64

void buf_init(struct buf *b, size_t max_bytes)
{
    *b = (struct buf)BUF_INIT(max_bytes);
}

void buf_done(struct buf *b)
{
    free(b->data);
    buf_init(b, b->max_bytes);
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = false;
    if (b->data)
        b->data[0] = '\0';
}

/* Room for len more bytes and a NUL. The maximum is a peer's affair, so running out here is an
 * error, not an abort. */
static int grow(struct buf *b, size_t len)
{
    size_t need, cap;
    char *data;

    if (b->failed)
        return -E2BIG;
    if (len > b->max_bytes || b->len > b->max_bytes - len || b->max_bytes == SIZE_MAX) {
        b->failed = true;
        return -E2BIG;
    }
    need = b->len + len + 1;
    if (need <= b->cap)
        return 0;
    cap = b->cap ? b->cap : BUF_FIRST_BYTES;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    if (cap > b->max_bytes + 1)
        cap = b->max_bytes + 1;
    data = (char *)realloc(b->data, cap);
    if (!data) {
        b->failed = true;
        return -ENOMEM;
    }
    b->data = data;
    b->cap = cap;
    return 0;
}

int buf_add(struct buf *b, const void *data, size_t len)
{
    int r = grow(b, len);

    if (r < 0)
        return r;
    if (len)
        memcpy(b->data + b->len, data, len);
    buf_commit(b, len);
    return 0;
}

int buf_puts(struct buf *b, const char *s)
{
    return buf_add(b, s, strlen(s));
}

int buf_putc(struct buf *b, char c)
{
    return buf_add(b, &c, 1);
}

int buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    int r;

    va_start(ap, fmt);
    r = buf_vprintf(b, fmt, ap);
    va_end(ap);
    return r;
}

int buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
    va_list again;
    int len, r;

    va_copy(again, ap);
    len = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (len < 0) {
        b->failed = true;
        return -EINVAL;
    }
    r = grow(b, (size_t)len);
    if (r < 0)
        return r;
    (void)vsnprintf(b->data + b->len, (size_t)len + 1, fmt, ap);
    b->len += (size_t)len;
    return 0;
}

char *buf_reserve(struct buf *b, size_t len)
{
    if (grow(b, len) < 0)
        return NULL;
    b->data[b->len] = '\0'; /* also when nothing is committed */
    return b->data + b->len;
}

void buf_commit(struct buf *b, size_t len)
{
    b->len += len;
    b->data[b->len] = '\0';
}

void buf_consume(struct buf *b, size_t len)
{
    if (len == 0)
        return;
    if (len >= b->len) {
        b->len = 0;
    } else {
        memmove(b->data, b->data + len, b->len - len);
        b->len -= len;
    }
    if (b->data)
        b->data[b->len] = '\0';
}

bool buf_failed(const struct buf *b)
{
    return b->failed;
}

const char *buf_str(const struct buf *b)
{
    return b->data ? b->data : "";
}

char *buf_take(struct buf *b)
{
    char *s;

    if (b->failed) {
        buf_done(b);
        return NULL;
    }
    s = b->data ? b->data : xstrdup("");
    buf_init(b, b->max_bytes);
    return s;
}
