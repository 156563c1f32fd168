/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

static bool ready(struct reader *r, size_t len)
{
    if (!r->bad && (size_t)(r->end - r->at) < len)
        r->bad = true;
    return !r->bad;
}

uint8_t reader_u8(struct reader *r)
{
    return ready(r, 1) ? *r->at++ : 0;
}

static uint64_t unsigned_leb(struct reader *r, unsigned bits)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < bits; shift += 7) {
        uint8_t byte = reader_u8(r);
        uint64_t part = byte & 0x7f;
        unsigned left = bits - shift;
        if (left < 7 && part >> left)
            break; /* does not fit */
        value |= part << shift;
        if (!(byte & 0x80))
            return r->bad ? 0 : value;
    }
    r->bad = true;
    return 0;
}

uint32_t reader_u32(struct reader *r)
{
    return (uint32_t)unsigned_leb(r, 32);
}

uint64_t reader_u64(struct reader *r)
{
    return unsigned_leb(r, 64);
}

const char *reader_name(struct reader *r, size_t *ret_len)
{
    size_t len = reader_u32(r);
    const char *name = (const char *)r->at;
    if (!ready(r, len))
        len = 0;
    else
        r->at += len;
    *ret_len = len;
    return name;
}

struct reader reader_slice(struct reader *r, size_t len)
{
    struct reader slice = { .at = r->at, .end = r->at };
    if (!ready(r, len)) {
        slice.bad = true;
        return slice;
    }
    r->at += len;
    slice.end = r->at;
    return slice;
}
