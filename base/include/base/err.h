/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err.h - one error, on the caller's stack.
 *
 * Return values of everything that can fail, in the whole tree:
 *   0    done
 *   < 0  failed: a negative errno; *err is filled; pass it up, or wrap it, or decide here
 *   > 0  a named outcome of this one function's own enum: handle it here, never forward it
 * Outputs (ret_x) are written on success only. err may be NULL for callers that only need the code.
 *
 * reason is an opaque CamelCase word which the place that fails chooses and the place that reports
 * shows (events, conditions, container states). It must be a string with static life, or NULL.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#define ERR_MSG_MAX 1024

struct err {
    int code;           /* 0: nothing has failed, else a negative errno */
    const char *reason; /* static; NULL: none */
    char msg[ERR_MSG_MAX];
};

#define ERR_INIT                                                                                   \
    {                                                                                              \
        .code = 0                                                                                  \
    }

/* All of these return code (negative), so that "return err_set(err, -EINVAL, …);" works.
 * Messages that do not fit are cut at the end with "...". */
int err_set(struct err *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int err_set_reason(struct err *err, int code, const char *reason, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* "fmt: strerror(errnum)"; errnum is a positive errno, as errno is. */
int err_errno(struct err *err, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Puts context in front: "fmt: old message". Keeps code and reason; returns err->code
 * (-EIO when err is NULL or empty: a wrap always fails). */
int err_wrap(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Sets the reason if there is none yet; returns err->code. */
int err_reason_default(struct err *err, const char *reason);
void err_copy(struct err *dst, const struct err *src);
void err_clear(struct err *err);
