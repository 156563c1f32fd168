/* SPDX-License-Identifier: Apache-2.0 */
#include "pod/termination.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"

/* Past the time, the stream and the tag of a CRI log line; NULL: it is none. */
static const char *text_of_line(const char *line, size_t len, bool *ret_whole)
{
    const char *end = line + len, *at = line;
    for (int field = 0; field < 2; field++) {
        at = memchr(at, ' ', (size_t)(end - at));
        if (!at)
            return NULL;
        at++;
    }
    if (end - at < 1 || (*at != 'F' && *at != 'P'))
        return NULL;
    *ret_whole = *at == 'F';
    at = memchr(at, ' ', (size_t)(end - at));
    return at ? at + 1 : end;
}

const char *termination_from_log(const char *log, struct arena *arena)
{
    struct buf text = BUF_INIT(MIB);
    for (const char *line = str_or(log, ""); *line;) {
        const char *newline = strchr(line, '\n');
        size_t len = newline ? (size_t)(newline - line) : strlen(line);
        bool whole = true;
        const char *words = text_of_line(line, len, &whole);
        if (words) {
            (void)buf_add(&text, words, len - (size_t)(words - line));
            if (whole)
                (void)buf_putc(&text, '\n');
        }
        line += len + (newline ? 1 : 0);
    }
    if (text.len > TERMINATION_LOG_BYTES)
        buf_consume(&text, text.len - TERMINATION_LOG_BYTES);
    const char *copy = arena_strdup(arena, buf_str(&text));
    buf_done(&text);
    return copy;
}
