/* SPDX-License-Identifier: Apache-2.0 */
/* log.c - one event, one line, one write(2). */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"

#define QUOTE_BUFFERS 8
#define QUOTE_BYTES   1024

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARN] = "warn",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_DEBUG] = "debug",
};

static enum log_level max_level = LOG_LEVEL_INFO;
static int log_fd = STDERR_FILENO;

void log_set_level(enum log_level level)
{
    max_level = level;
}

bool log_enabled(enum log_level level)
{
    return level <= max_level;
}

void log_set_fd(int fd)
{
    log_fd = fd;
}

/* A reader that is gone or slow must not stop us: what cannot be written is lost. */
static void write_line(const char *line, size_t len)
{
    while (len > 0) {
        ssize_t n = write(log_fd, line, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        line += n;
        len -= (size_t)n;
    }
}

/* level=… ts=… mod=… msg="…"; returns its length, below size. */
static size_t head(char *line, size_t size, enum log_level level, const char *mod, const char *msg)
{
    int64_t wall_ns = clock_wall_ns();
    time_t seconds = (time_t)(wall_ns / NS_PER_S);
    struct tm tm = { .tm_year = 70 };
    char ts[32];
    int len;

    (void)gmtime_r(&seconds, &tm);
    (void)strftime(ts, sizeof(ts), "%Y-%m-%dT%H:%M:%S", &tm);
    len = snprintf(line, size, "level=%s ts=%s.%03dZ mod=%s msg=%s", level_names[level], ts,
                   (int)(wall_ns % NS_PER_S / NS_PER_MS), mod, log_quote(msg));
    return len < 0 ? 0 : (size_t)len < size ? (size_t)len : size - 1;
}

void log_line(enum log_level level, const char *mod, const char *msg, const char *fmt, ...)
{
    char line[LIMIT_LOG_LINE_BYTES];
    size_t len, room;
    va_list ap;
    int wanted;

    if (!log_enabled(level))
        return;
    len = head(line, sizeof(line) - 1, level, mod, msg);
    if (fmt[0] && len + 1 < sizeof(line)) {
        line[len++] = ' ';
        room = sizeof(line) - len; /* the NUL's place becomes the newline's */
        va_start(ap, fmt);
        wanted = vsnprintf(line + len, room, fmt, ap);
        va_end(ap);
        if (wanted > 0)
            len += (size_t)wanted < room ? (size_t)wanted : room - 1;
    }
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = ' ';
    }
    line[len++] = '\n';
    write_line(line, len);
}

/* One byte as it stands between quotes; returns its length, at most 4. */
static size_t escape(unsigned char c, char out[4])
{
    static const char hex[] = "0123456789abcdef", from[] = "\"\\\n\t\r", to[] = "\"\\ntr";
    const char *at = c ? strchr(from, c) : NULL;

    if (!at && c >= 0x20 && c != 0x7f) {
        out[0] = (char)c;
        return 1;
    }
    out[0] = '\\';
    if (at) {
        out[1] = to[at - from];
        return 2;
    }
    out[1] = 'x';
    out[2] = hex[c >> 4];
    out[3] = hex[c & 15];
    return 4;
}

const char *log_quote(const char *s)
{
    static _Thread_local char buffers[QUOTE_BUFFERS][QUOTE_BYTES];
    static _Thread_local unsigned turn;
    char *out = buffers[turn++ % QUOTE_BUFFERS];
    size_t len = 0;

    out[len++] = '"';
    for (; s && *s; s++) {
        char piece[4];
        size_t n = escape((unsigned char)*s, piece);

        if (len + n + sizeof("...\"") > QUOTE_BYTES) {
            memcpy(out + len, "...", 3);
            len += 3;
            break;
        }
        memcpy(out + len, piece, n);
        len += n;
    }
    out[len++] = '"';
    out[len] = '\0';
    return out;
}
