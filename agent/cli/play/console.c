/* SPDX-License-Identifier: Apache-2.0 */
#include "console.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"

enum { PREFIX_WIDTH = 16, COLORS = 6, FIRST_COLOR = 31 };

void console_prefix_init(struct console_prefix *p, const char *pod, const char *container, unsigned number)
{
    AUTO(free) char *name = xasprintf("%s/%s", pod, container);

    *p = (struct console_prefix){ .text = xasprintf("%-*s", PREFIX_WIDTH, name),
                                  .color = FIRST_COLOR + number % COLORS, .at_line_start = true };
}

void console_prefix_done(struct console_prefix *p)
{
    free(p->text);
    *p = (struct console_prefix){ 0 };
}

static void put_prefix(const struct console_prefix *p)
{
    if (isatty(STDOUT_FILENO))
        (void)printf("\033[%um%s\033[0m │ ", p->color, p->text);
    else
        (void)printf("%s | ", p->text);
}

void console_log(struct console_prefix *p, const char *data, size_t len)
{
    while (len) {
        const char *newline = memchr(data, '\n', len);
        size_t part = newline ? (size_t)(newline - data) + 1 : len;
        if (p->at_line_start)
            put_prefix(p);
        (void)fwrite(data, 1, part, stdout);
        p->at_line_start = newline != NULL;
        data += part;
        len -= part;
    }
    (void)fflush(stdout);
}

void console_note(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    if (isatty(STDERR_FILENO))
        (void)fputs("\033[2m", stderr);
    (void)vfprintf(stderr, fmt, ap);
    (void)fputs(isatty(STDERR_FILENO) ? "\033[0m\n" : "\n", stderr);
    va_end(ap);
}
