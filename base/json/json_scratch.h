/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_scratch.h - private: where the elements of a list lie until the list is complete and its
 * length is known.
 *
 * A stack of blocks that never move (an element under construction is pointed to). Lists nest, so
 * what was taken after a mark is given back as a whole when the list ends.
 */
#pragma once

#include <stddef.h>

struct scratch_node {
    struct scratch_node *next;
    size_t seq; /* position in its list */
    _Alignas(max_align_t) char data[];
};

struct scratch_block {
    struct scratch_block *below;
    size_t used, size; /* of data */
    _Alignas(max_align_t) char data[];
};
struct scratch {
    struct scratch_block *top;
    struct scratch_block *fixed; /* the first block, which is not of the heap */
    size_t bytes;                /* of the blocks in use */
    struct scratch_block *spare; /* one block kept, so that a boundary is not a malloc each time */
};
struct scratch_mark {
    struct scratch_block *block;
    size_t used;
};

/* memory: aligned for any type, borrowed until scratch_done(); best enough for most documents. */
void scratch_init(struct scratch *s, void *memory, size_t bytes);
/* NULL beyond LIMIT_JSON_SCRATCH_BYTES. */
struct scratch_node *scratch_node(struct scratch *s, size_t data_bytes); /* data zeroed */
void *scratch_alloc(struct scratch *s, size_t bytes);                    /* not zeroed */
struct scratch_mark scratch_mark(const struct scratch *s);
void scratch_release(struct scratch *s, struct scratch_mark mark);
void scratch_done(struct scratch *s);
