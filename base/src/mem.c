/* SPDX-License-Identifier: Apache-2.0 */
/* mem.c - allocation that does not fail: out of memory is one line on stderr and an abort. */
#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void out_of_memory(void)
{
    static const char line[] = "level=error mod=mem msg=\"out of memory\"\n";

    (void)!write(STDERR_FILENO, line, sizeof(line) - 1);
    abort();
}

static void *checked(void *p)
{
    if (!p)
        out_of_memory();
    return p;
}

void *xmalloc(size_t bytes)
{
    return checked(malloc(bytes ? bytes : 1));
}

void *xcalloc(size_t count, size_t bytes)
{
    return checked(count && bytes ? calloc(count, bytes) : calloc(1, 1));
}

void *xrealloc(void *old, size_t bytes)
{
    return checked(realloc(old, bytes ? bytes : 1));
}

void *xgrow(void *array, size_t *cap, size_t need, size_t element_bytes)
{
    size_t new_cap, bytes;

    if (need <= *cap)
        return array;
    new_cap = *cap < SIZE_MAX / 2 ? *cap * 2 : SIZE_MAX;
    if (new_cap < need)
        new_cap = need;
    if (new_cap < 4)
        new_cap = 4;
    if (__builtin_mul_overflow(new_cap, element_bytes, &bytes))
        out_of_memory();
    array = xrealloc(array, bytes);
    *cap = new_cap;
    return array;
}

char *xstrdup(const char *s)
{
    return s ? xstrndup(s, strlen(s)) : NULL;
}

char *xstrndup(const char *s, size_t len)
{
    char *copy;

    if (len == SIZE_MAX)
        out_of_memory();
    copy = (char *)xmalloc(len + 1);
    if (len)
        memcpy(copy, s, len);
    copy[len] = '\0';
    return copy;
}

char *xasprintf(const char *fmt, ...)
{
    char *s = NULL;
    va_list ap;
    int len;

    va_start(ap, fmt);
    len = vasprintf(&s, fmt, ap);
    va_end(ap);
    if (len < 0)
        out_of_memory();
    return (char *)checked(s);
}
