/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_parse.c - text to events: the only file that knows yajl.
 *
 * yajl checks the grammar and UTF-8, undoes escapes, and hands numbers over as their digits.
 */
#include <errno.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/mem.h"
#include "json_decoder.h"

static int on_null(void *ctx)
{
    return decoder_null((struct json_decoder *)ctx) == 0;
}

static int on_bool(void *ctx, int value)
{
    struct json_token t = { .kind = JSON_TOKEN_BOOL,
                            .text = value ? "true" : "false",
                            .len = value ? 4 : 5 };

    return decoder_scalar((struct json_decoder *)ctx, &t) == 0;
}

static int on_number(void *ctx, const char *text, size_t len)
{
    struct json_token t = { .kind = JSON_TOKEN_NUMBER, .text = text, .len = len };

    return decoder_scalar((struct json_decoder *)ctx, &t) == 0;
}

static int on_string(void *ctx, const unsigned char *text, size_t len)
{
    struct json_token t = { .kind = JSON_TOKEN_STRING, .text = (const char *)text, .len = len };

    return decoder_scalar((struct json_decoder *)ctx, &t) == 0;
}

static int on_begin_object(void *ctx)
{
    return decoder_begin_object((struct json_decoder *)ctx) == 0;
}

static int on_key(void *ctx, const unsigned char *key, size_t len)
{
    return decoder_key((struct json_decoder *)ctx, (const char *)key, len) == 0;
}

static int on_begin_list(void *ctx)
{
    return decoder_begin_list((struct json_decoder *)ctx) == 0;
}

static int on_end(void *ctx)
{
    return decoder_end((struct json_decoder *)ctx) == 0;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_bool,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_begin_object,
    .yajl_map_key = on_key,
    .yajl_end_map = on_end,
    .yajl_start_array = on_begin_list,
    .yajl_end_array = on_end,
};

struct json_decoder *json_decoder_new(const struct json_type *type,
                                      const struct json_decode_opts *opts, struct arena *arena)
{
    struct json_decoder *d = (struct json_decoder *)xmalloc(sizeof(*d) + type->size);

    memset(d, 0, offsetof(struct json_decoder, frames)); /* a frame is set when it is pushed */
    d->type = type;
    if (opts)
        d->opts = *opts;
    if (!d->opts.max_bytes)
        d->opts.max_bytes = LIMIT_JSON_BYTES;
    d->arena = d->home_arena = arena;
    d->root = (char *)(d + 1);
    memset(d->root, 0, type->size);
    scratch_init(&d->scratch, d->first_scratch, sizeof(d->first_scratch));
    d->frames[0] = (struct frame){ .kind = FRAME_ROOT, .type = type };
    d->depth = 1;
    d->parser = yajl_alloc(&callbacks, NULL, d);
    if (!d->parser)
        abort(); /* out of memory */
    return d;
}

struct json_decoder *json_decoder_free(struct json_decoder *d)
{
    if (!d)
        return NULL;
    decoder_done(d);
    yajl_free((yajl_handle)d->parser);
    free(d);
    return NULL;
}

/* yajl's own words, without its line break. at: of the offending byte in this piece. */
static int syntax_error(struct json_decoder *d, size_t at)
{
    yajl_handle parser = (yajl_handle)d->parser;
    unsigned char *text = yajl_get_error(parser, 0, NULL, 0);
    const char *say = text ? (const char *)text : "malformed";
    int r;

    r = decoder_fail(d, -EINVAL, "not JSON at byte %zu: %.*s", at, (int)strcspn(say, "\n"), say);
    yajl_free_error(parser, text);
    return r;
}

static int answer(struct json_decoder *d, struct err *err)
{
    if (d->status)
        err_copy(err, &d->err);
    return d->status;
}

int json_decoder_feed(struct json_decoder *d, const char *data, size_t len, struct err *err)
{
    yajl_handle parser = (yajl_handle)d->parser;

    if (d->status)
        return answer(d, err);
    if (len > d->opts.max_bytes || d->fed_bytes > d->opts.max_bytes - len)
        (void)decoder_fail(d, -E2BIG, "larger than %zu bytes", d->opts.max_bytes);
    else if (yajl_parse(parser, (const unsigned char *)data, len) == yajl_status_error)
        (void)syntax_error(d, d->fed_bytes + yajl_get_bytes_consumed(parser));
    d->fed_bytes += len;
    return answer(d, err);
}

int json_decoder_finish(struct json_decoder *d, void *ret_struct, struct err *err)
{
    yajl_handle parser = (yajl_handle)d->parser;

    if (d->status)
        return answer(d, err);
    if (yajl_complete_parse(parser) == yajl_status_error)
        (void)syntax_error(d, d->fed_bytes);
    else if (!d->status && !d->complete)
        (void)decoder_fail(d, -EINVAL, "not JSON: empty");
    if (d->status)
        return answer(d, err);
    memcpy(ret_struct, d->root, d->type->size);
    if (d->opts.ret_unknown)
        *d->opts.ret_unknown = d->unknown;
    return 0;
}

int json_decode(const struct json_type *type, const char *data, size_t len,
                const struct json_decode_opts *opts, struct arena *arena, void *ret_struct,
                struct err *err)
{
    AUTO(json_decoder_free) struct json_decoder *d = json_decoder_new(type, opts, arena);
    int r = json_decoder_feed(d, data, len, err);

    return r < 0 ? r : json_decoder_finish(d, ret_struct, err);
}
