/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - lines of key=value on stderr.
 *
 *   log_info("pod", "container started", "pod=%s/%s container=%s", ns, name, container);
 *   → level=info ts=2026-01-02T03:04:05.678Z mod=pod msg="container started"
 *     pod=default/web container=app
 *
 * Only programs (agent/, helpers' main) log; libraries return struct err. User text in a value is
 * quoted with LOG_Q(): log_warn("pod", "…", "error=" LOG_Q, LOG_QUOTE(err.msg)).
 */
#pragma once

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

void log_set_level(enum log_level level);
bool log_enabled(enum log_level level);
void log_set_fd(int fd); /* default 2 */
void log_line(enum log_level level, const char *mod, const char *msg, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Quotes and escapes; the result lives in one of a few rotating static buffers (loop thread only),
 * cut at 1 KiB. */
const char *log_quote(const char *s);

#define LOG_QUOTE(s)             log_quote(s)
#define LOG_Q                    "%s"
#define log_error(mod, msg, ...) log_line(LOG_LEVEL_ERROR, mod, msg, __VA_ARGS__)
#define log_warn(mod, msg, ...)  log_line(LOG_LEVEL_WARN, mod, msg, __VA_ARGS__)
#define log_info(mod, msg, ...)  log_line(LOG_LEVEL_INFO, mod, msg, __VA_ARGS__)
#define log_debug(mod, msg, ...)                                                                   \
    do {                                                                                           \
        if (log_enabled(LOG_LEVEL_DEBUG))                                                          \
            log_line(LOG_LEVEL_DEBUG, mod, msg, __VA_ARGS__);                                      \
    } while (0)
