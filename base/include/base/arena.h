/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h - memory that is freed as a whole, with a maximum, and counted references.
 *
 * An immutable object (a decoded API object) lives in one arena; whoever keeps the object holds a reference
 * to the arena. Only the loop thread takes and drops references: counts need no atomics.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "base/cleanup.h"

struct arena;

struct arena *arena_new(size_t max_bytes); /* one reference, caller's */
struct arena *arena_ref(struct arena *a);
struct arena *arena_unref(struct arena *a); /* NULL */
DEFINE_CLEANUP(struct arena *, arena_unref)

/* A hint: about so much will be needed, so take it from the system at once. What stays unused is wasted. */
void arena_reserve(struct arena *a, size_t bytes);

/* Zeroed, aligned for any type. NULL beyond max_bytes: the caller fails with -E2BIG. */
void *arena_alloc(struct arena *a, size_t bytes);
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_strdup(struct arena *a, const char *s); /* NULL stays NULL */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void *arena_copy(struct arena *a, const void *data, size_t len);
size_t arena_bytes(const struct arena *a); /* taken from the system, for tests and metrics */

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
