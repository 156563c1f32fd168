/* SPDX-License-Identifier: Apache-2.0 */
/* err.c - filling, wrapping and copying the error on the caller's stack. */
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A failure is always negative, whatever a careless caller or a foreign library hands over. */
static int negative(int code)
{
    if (code == 0)
        return -EIO;
    return code > 0 ? -code : code;
}

/* Cuts are visible: the last three bytes become dots. len is what vsnprintf() wanted to write. */
static void mark_cut(char *msg, int len)
{
    if (len >= ERR_MSG_MAX)
        memcpy(msg + ERR_MSG_MAX - 4, "...", 4);
}

/* Arguments may point into err->msg, so the text is put together beside it. */
static void fill(struct err *err, const char *fmt, va_list ap)
{
    char msg[ERR_MSG_MAX];

    mark_cut(msg, vsnprintf(msg, sizeof(msg), fmt, ap));
    memcpy(err->msg, msg, strlen(msg) + 1);
}

int err_set(struct err *err, int code, const char *fmt, ...)
{
    va_list ap;

    code = negative(code);
    if (!err)
        return code;
    va_start(ap, fmt);
    fill(err, fmt, ap);
    va_end(ap);
    err->code = code;
    err->reason = NULL;
    return code;
}

int err_set_reason(struct err *err, int code, const char *reason, const char *fmt, ...)
{
    va_list ap;

    code = negative(code);
    if (!err)
        return code;
    va_start(ap, fmt);
    fill(err, fmt, ap);
    va_end(ap);
    err->code = code;
    err->reason = reason;
    return code;
}

int err_errno(struct err *err, int errnum, const char *fmt, ...)
{
    char text[128], msg[ERR_MSG_MAX];
    int code = negative(errnum);
    va_list ap;

    if (!err)
        return code;
    va_start(ap, fmt);
    fill(err, fmt, ap);
    va_end(ap);
    mark_cut(msg,
             snprintf(msg, sizeof(msg), "%s: %s", err->msg, strerror_r(-code, text, sizeof(text))));
    memcpy(err->msg, msg, strlen(msg) + 1);
    err->code = code;
    err->reason = NULL;
    return code;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
    char old[ERR_MSG_MAX], msg[ERR_MSG_MAX];
    va_list ap;

    if (!err)
        return -EIO;
    memcpy(old, err->msg, strlen(err->msg) + 1);
    va_start(ap, fmt);
    fill(err, fmt, ap);
    va_end(ap);
    if (old[0]) {
        mark_cut(msg, snprintf(msg, sizeof(msg), "%s: %s", err->msg, old));
        memcpy(err->msg, msg, strlen(msg) + 1);
    }
    err->code = negative(err->code);
    return err->code;
}

int err_reason_default(struct err *err, const char *reason)
{
    if (!err)
        return -EIO;
    if (!err->reason)
        err->reason = reason;
    return err->code;
}

void err_copy(struct err *dst, const struct err *src)
{
    if (dst && src && dst != src)
        *dst = *src;
}

void err_clear(struct err *err)
{
    if (!err)
        return;
    err->code = 0;
    err->reason = NULL;
    err->msg[0] = '\0';
}
