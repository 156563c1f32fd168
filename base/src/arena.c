/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.c - chunks that are filled from both ends.
 *
 * Structs are taken from the front of a chunk, aligned; text from its back, unaligned: no byte is
 * lost between them. Chunks grow with the arena (a quarter of what it has), so that small objects
 * stay small and large ones need few chunks. What is larger than a chunk gets one of its own, put
 * behind the current one, whose rest stays in use. Chunks come zeroed and nothing is given back, so
 * all memory handed out is zero.
 */
#include "base/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define CHUNK_MIN_BYTES 512u
#define CHUNK_MAX_BYTES 65536u

struct chunk {
    struct chunk *next;
    size_t front; /* offsets of the free space in data */
    size_t back;
    _Alignas(max_align_t) char data[];
};

struct arena {
    unsigned refs;
    size_t max_bytes;
    size_t bytes;         /* in chunks, headers included */
    struct chunk *chunks; /* the first one is being filled; NULL at first */
};

struct arena *arena_new(size_t max_bytes)
{
    struct arena *a = NEW(struct arena);

    a->refs = 1;
    a->max_bytes = max_bytes;
    return a;
}

struct arena *arena_ref(struct arena *a)
{
    a->refs++;
    return a;
}

struct arena *arena_unref(struct arena *a)
{
    if (!a)
        return NULL;
    assert(a->refs > 0);
    if (--a->refs > 0)
        return NULL;
    while (a->chunks) {
        struct chunk *next = a->chunks->next;

        free(a->chunks);
        a->chunks = next;
    }
    free(a);
    return NULL;
}

/* A chunk with room for bytes; NULL beyond the maximum. The first in the list is the one with most
 * room left. */
static struct chunk *new_chunk(struct arena *a, size_t bytes)
{
    size_t size = a->bytes / 4, left = a->max_bytes - a->bytes;
    struct chunk *c;

    if (left < sizeof(*c) || bytes > left - sizeof(*c))
        return NULL;
    size = size < CHUNK_MIN_BYTES   ? CHUNK_MIN_BYTES
           : size > CHUNK_MAX_BYTES ? CHUNK_MAX_BYTES
                                    : size;
    if (size < bytes + sizeof(*c))
        size = bytes + sizeof(*c);
    if (size > left)
        size = left;
    c = (struct chunk *)calloc(1, size);
    if (!c)
        return NULL;
    c->back = size - sizeof(*c);
    a->bytes += size;
    if (a->chunks && a->chunks->back - a->chunks->front > c->back - bytes) {
        c->next = a->chunks->next;
        a->chunks->next = c;
    } else {
        c->next = a->chunks;
        a->chunks = c;
    }
    return c;
}

void arena_reserve(struct arena *a, size_t bytes)
{
    (void)new_chunk(a, bytes); /* beyond the maximum: the allocation itself will fail */
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    const size_t align = _Alignof(max_align_t);
    struct chunk *c = a->chunks;
    size_t size;
    void *p;

    if (bytes > a->max_bytes || bytes > SIZE_MAX / 2)
        return NULL;
    size = (bytes + align - 1) & ~(align - 1);
    if (!c || c->back - c->front < size)
        c = new_chunk(a, size);
    if (!c)
        return NULL;
    p = c->data + c->front;
    c->front += size;
    return p;
}

/* Unaligned, from the back. */
static char *alloc_text(struct arena *a, size_t bytes)
{
    struct chunk *c = a->chunks;

    if (bytes > a->max_bytes || bytes > SIZE_MAX / 2)
        return NULL;
    if (!c || c->back - c->front < bytes)
        c = new_chunk(a, bytes);
    if (!c)
        return NULL;
    c->back -= bytes;
    return c->data + c->back;
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
    char *copy = len < SIZE_MAX ? alloc_text(a, len + 1) : NULL;

    if (copy && len)
        memcpy(copy, s, len);
    return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return s ? arena_strndup(a, s, strlen(s)) : NULL;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap, again;
    char *text = NULL;
    int len;

    va_start(ap, fmt);
    va_copy(again, ap);
    len = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (len >= 0)
        text = alloc_text(a, (size_t)len + 1);
    if (text)
        (void)vsnprintf(text, (size_t)len + 1, fmt, ap);
    va_end(ap);
    return text;
}

void *arena_copy(struct arena *a, const void *data, size_t len)
{
    void *copy = arena_alloc(a, len);

    if (copy && len)
        memcpy(copy, data, len);
    return copy;
}

size_t arena_bytes(const struct arena *a)
{
    return a->bytes;
}
