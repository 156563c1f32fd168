/* SPDX-License-Identifier: Apache-2.0 */
/*
 * console.h - what a person sees of `play`: lines with a prefix, coloured on a terminal.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct console_prefix {
    char *text; /* "hello/web", padded; owned */
    unsigned color;
    bool at_line_start;
};

void console_prefix_init(struct console_prefix *p, const char *pod, const char *container, unsigned number);
void console_prefix_done(struct console_prefix *p);
/* Bytes of a log to stdout, the prefix in front of every line. */
void console_log(struct console_prefix *p, const char *data, size_t len);
/* One line about what happens, to stderr. */
void console_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
