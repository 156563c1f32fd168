/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mem.h - small allocations that abort when memory is out.
 *
 * The agent is crash-only: its pods live in other processes and its state is on disk, so an abort costs a
 * restart and nothing else. Anything whose size a peer chooses does not come from here but from buf.h or
 * arena.h, which have limits and fail with -E2BIG or -ENOMEM.
 */
#pragma once

#include <stddef.h>

void *xmalloc(size_t bytes) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t count, size_t bytes) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *old, size_t bytes) __attribute__((returns_nonnull));
/* Grows an array geometrically: *cap is in elements. Aborts on overflow. */
void *xgrow(void *array, size_t *cap, size_t need, size_t element_bytes);
char *xstrdup(const char *s) __attribute__((malloc)); /* NULL stays NULL */
char *xstrndup(const char *s, size_t len) __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *fmt, ...) __attribute__((malloc, returns_nonnull, format(printf, 1, 2)));

#define NEW(type) ((type *)xcalloc(1, sizeof(type)))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member)                                                           \
    ((type *)(void *)((char *)(ptr) - offsetof(type, member)))
