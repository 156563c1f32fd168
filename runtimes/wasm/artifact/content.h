/* SPDX-License-Identifier: Apache-2.0 */
/* content.h - what a file is, by its first bytes. */
#pragma once

#include <stddef.h>

#include "base/err.h"

enum content {
    CONTENT_ABSENT, /* there is no such file */
    CONTENT_OTHER,  /* also an empty one */
    CONTENT_MODULE, /* a core module or a component, of whatever version */
    CONTENT_TEXT,   /* their text format */
    CONTENT_ELF,    /* a native program, or code that an engine has compiled before */
    CONTENT_SCRIPT, /* #!… */
    CONTENT_NR,
};

#define CONTENT_BYTES 64 /* that are looked at: the text format may begin with white space */

enum content content_of(const void *bytes, size_t len); /* never ABSENT. Pure */
int content_read(int fd, enum content *ret, struct err *err); /* of what fd stands at */
