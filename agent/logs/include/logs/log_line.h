/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_line.h - one line of a container's log file: "TIME stdout|stderr F|P text". Pure.
 * Spec: the CRI log format (kubernetes design proposals, "CRI: Log management").
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log_line {
    const char *time; /* RFC 3339, not NUL-terminated; all borrowed from the input */
    size_t time_len;
    int stream; /* LOG_STDOUT or LOG_STDERR */
    bool partial; /* the program's line goes on in the next one */
    const char *text;
    size_t text_len; /* without the newline */
};

/* line: without its newline. -EINVAL: not such a line. */
int log_line_parse(const char *line, size_t len, struct log_line *ret);
