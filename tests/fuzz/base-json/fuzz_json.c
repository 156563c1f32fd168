/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_json.c - the decoder over a type with members of every kind. What is decoded, encoded and
 * decoded again is the same; pieces give what the whole gives; a copy is the same as its original.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "shop.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int decode(const char *data, size_t len, size_t first, struct arena *arena, struct shop *ret)
{
    struct json_paths unknown;
    struct json_decode_opts opts = { .unknown_below = "", .ret_unknown = &unknown };
    AUTO(json_decoder_free) struct json_decoder *d = json_decoder_new(&shop_type, &opts, arena);
    struct err err = ERR_INIT;
    int r = json_decoder_feed(d, data, first, &err);

    if (r == 0)
        r = json_decoder_feed(d, data + first, len - first, &err);
    if (r == 0)
        r = json_decoder_finish(d, ret, &err);
    if (r < 0 && (err.code != r || !err.msg[0]))
        abort();
    return r;
}

static void encode(const void *shop, struct buf *out)
{
    if (json_encode(&shop_type, shop, out) < 0)
        abort();
}

static void must_equal(const struct buf *a, const struct buf *b)
{
    if (a->len != b->len || memcmp(a->data, b->data, a->len) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_unref) struct arena *arena = arena_new(8 * MIB);
    AUTO(buf_done) struct buf once = BUF_INIT(8 * MIB);
    AUTO(buf_done) struct buf pieces = BUF_INIT(8 * MIB);
    AUTO(buf_done) struct buf copied = BUF_INIT(8 * MIB);
    AUTO(buf_done) struct buf twice = BUF_INIT(8 * MIB);
    struct shop shop, in_pieces, again;
    void *copy;
    int r = decode((const char *)data, size, 0, arena, &shop);

    if (decode((const char *)data, size, size / 2, arena, &in_pieces) != r)
        abort();
    if (r < 0)
        return 0;
    encode(&shop, &once);
    encode(&in_pieces, &pieces);
    must_equal(&once, &pieces);
    if (json_copy(&shop_type, &shop, 0, arena, &copy) < 0)
        abort();
    encode(copy, &copied);
    must_equal(&once, &copied);
    if (decode(once.data, once.len, 0, arena, &again) < 0)
        abort();
    encode(&again, &twice);
    must_equal(&once, &twice);
    return 0;
}
