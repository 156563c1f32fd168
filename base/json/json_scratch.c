/* SPDX-License-Identifier: Apache-2.0 */
#include "json_scratch.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"

#define BLOCK_BYTES 8192u

void scratch_init(struct scratch *s, void *memory, size_t bytes)
{
    struct scratch_block *b = (struct scratch_block *)memory;

    b->below = NULL;
    b->used = 0;
    b->size = bytes - sizeof(*b);
    *s = (struct scratch){ .fixed = b, .spare = b };
}

static void push_block(struct scratch *s, size_t bytes)
{
    struct scratch_block *b = s->spare;

    if (b && b->size >= bytes) {
        s->spare = NULL;
    } else {
        size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;

        b = (struct scratch_block *)xmalloc(sizeof(*b) + size);
        b->size = size;
    }
    b->used = 0;
    b->below = s->top;
    s->top = b;
    s->bytes += b->size;
}

void *scratch_alloc(struct scratch *s, size_t bytes)
{
    const size_t align = _Alignof(max_align_t);
    void *p;

    bytes = (bytes + align - 1) & ~(align - 1);
    if (!s->top || s->top->size - s->top->used < bytes)
        push_block(s, bytes);
    p = s->top->data + s->top->used;
    s->top->used += bytes;
    return p;
}

struct scratch_node *scratch_node(struct scratch *s, size_t data_bytes)
{
    struct scratch_node *n;

    if (s->bytes > LIMIT_JSON_SCRATCH_BYTES)
        return NULL;
    n = (struct scratch_node *)scratch_alloc(s, sizeof(*n) + data_bytes);
    memset(n, 0, sizeof(*n) + data_bytes);
    return n;
}

struct scratch_mark scratch_mark(const struct scratch *s)
{
    return (struct scratch_mark){ .block = s->top, .used = s->top ? s->top->used : 0 };
}

static void drop_block(const struct scratch *s, struct scratch_block *b)
{
    if (b != s->fixed)
        free(b);
}

void scratch_release(struct scratch *s, struct scratch_mark mark)
{
    while (s->top != mark.block) {
        struct scratch_block *b = s->top;

        s->top = b->below;
        s->bytes -= b->size;
        drop_block(s, s->spare);
        s->spare = b;
    }
    if (s->top)
        s->top->used = mark.used;
}

void scratch_done(struct scratch *s)
{
    scratch_release(s, (struct scratch_mark){ .block = NULL });
    drop_block(s, s->spare);
    s->spare = NULL;
}
