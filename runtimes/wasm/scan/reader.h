/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader.h - numbers and names out of a binary, never beyond its end.
 *
 * A reader that has met something it cannot read is bad, and stays so: every further read gives 0 and moves nothing.
 * So a sequence of reads needs one check at its end, and a loop over a count that a stranger wrote one in its condition.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
    const uint8_t *at, *end;
    bool bad;
};

uint8_t reader_u8(struct reader *r);
/* LEB128, at most 5 and 10 bytes. A value that does not fit makes the reader bad. */
uint32_t reader_u32(struct reader *r);
uint64_t reader_u64(struct reader *r);
/* A name: its length, then that many bytes of it; borrowed. */
const char *reader_name(struct reader *r, size_t *ret_len);
/* The next len bytes as a reader of their own; r goes on behind them. */
struct reader reader_slice(struct reader *r, size_t len);
static inline bool reader_more(const struct reader *r)
{
    return !r->bad && r->at < r->end;
}
