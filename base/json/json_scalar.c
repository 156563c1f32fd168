/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_scalar.c - one string, number or boolean into one member. Integers are read from their
 * digits, so that nothing is lost on the way through a double.
 */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "json_decoder.h"

static const char *expected_word(const struct json_type *type, enum json_storage storage)
{
    static const char *const words[] = {
        [JSON_RECORD] = "object",   [JSON_MAPPING] = "object",  [JSON_SEQUENCE] = "list",
        [JSON_STRING] = "string",   [JSON_BOOL] = "boolean",    [JSON_I32] = "integer",
        [JSON_I64] = "integer",     [JSON_U64] = "integer",     [JSON_OPT_BOOL] = "boolean",
        [JSON_OPT_I32] = "integer", [JSON_OPT_I64] = "integer", [JSON_BYTES] = "base64 string",
        [JSON_RAW] = "any value",
    };

    if (storage == JSON_LIST || storage == JSON_EACH)
        return "list";
    if (!type)
        return "object";
    return type->shape == JSON_SCALAR ? type->scalar->expected : words[type->shape];
}

int decoder_expected(struct json_decoder *d, const struct json_type *type,
                     enum json_storage storage, const char *got)
{
    return decoder_fail(d, -EINVAL, "expected %s, got %s", expected_word(type, storage), got);
}

static const char *token_word(const struct json_token *t)
{
    return t->kind == JSON_TOKEN_STRING   ? "string"
           : t->kind == JSON_TOKEN_NUMBER ? "number"
                                          : "boolean";
}

const char *decoder_string(struct json_decoder *d, const char *text, size_t len)
{
    static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */
    AUTO(buf_done) struct buf clean = BUF_INIT(LIMIT_JSON_BYTES);
    const char *copy;

    if (!memchr(text, '\0', len)) {
        copy = arena_strndup(d->arena, text, len);
    } else {
        for (size_t i = 0; i < len; i++)
            (void)(text[i] ? buf_putc(&clean, text[i]) : buf_puts(&clean, replacement));
        if (decoder_note_unknown(d, NULL, 0) < 0)
            return NULL;
        copy = buf_failed(&clean) ? NULL : arena_strndup(d->arena, clean.data, clean.len);
    }
    if (!copy)
        (void)decoder_full(d);
    return copy;
}

/* |value| and the sign of a JSON integer. -EINVAL: has a fraction or an exponent; -ERANGE: beyond
 * 64 bits. */
static int read_digits(const struct json_token *t, bool *ret_negative, uint64_t *ret)
{
    size_t i = t->text[0] == '-';
    uint64_t v = 0;

    *ret_negative = i == 1;
    for (; i < t->len; i++) {
        unsigned digit = (unsigned)(t->text[i] - '0');

        if (digit > 9)
            return -EINVAL;
        if (v > (UINT64_MAX - digit) / 10)
            return -ERANGE;
        v = v * 10 + digit;
    }
    *ret = v;
    return 0;
}

static int out_of_range(struct json_decoder *d, const struct json_token *t, const char *what)
{
    return decoder_fail(d, -EINVAL, "%.*s%s is out of range for %s",
                        (int)(t->len > 40 ? 40 : t->len), t->text, t->len > 40 ? "..." : "", what);
}

static int store_unsigned(struct json_decoder *d, const struct json_type *type,
                          const struct json_token *t, uint64_t max_negative, uint64_t max,
                          const char *what, bool *ret_negative, uint64_t *ret)
{
    int r;

    if (t->kind != JSON_TOKEN_NUMBER)
        return decoder_expected(d, type, JSON_IN_PLACE, token_word(t));
    r = read_digits(t, ret_negative, ret);
    if (r == -EINVAL)
        return decoder_fail(d, -EINVAL, "expected integer, got %.*s",
                            (int)(t->len > 40 ? 40 : t->len), t->text);
    if (r < 0 || *ret > (*ret_negative ? max_negative : max))
        return out_of_range(d, t, what);
    return 0;
}

static int store_i64(struct json_decoder *d, const struct json_type *type,
                     const struct json_token *t, bool is_32, int64_t *ret)
{
    uint64_t max = is_32 ? INT32_MAX : INT64_MAX, v = 0;
    bool negative = false;
    int r = store_unsigned(d, type, t, max + 1, max,
                           is_32 ? "a 32-bit integer" : "a 64-bit integer", &negative, &v);

    if (r < 0)
        return r;
    *ret = negative ? (int64_t)(0 - v) : (int64_t)v;
    return 0;
}

static int store_bytes(struct json_decoder *d, const struct json_token *t, struct json_bytes *dest)
{
    AUTO(free) char *joined = NULL;
    AUTO(free) unsigned char *data = NULL;
    size_t len = 0, n = 0;

    /* Encoders for mail break lines; Go's decoder skips the breaks, so manifests have them. */
    joined = (char *)malloc(t->len + 1);
    if (!joined)
        return decoder_full(d);
    for (size_t i = 0; i < t->len; i++)
        if (t->text[i] != '\n' && t->text[i] != '\r')
            joined[n++] = t->text[i];
    if (str_base64_decode(joined, n, &data, &len) < 0)
        return decoder_fail(d, -EINVAL, "not base64");
    dest->data = (const unsigned char *)arena_strndup(d->arena, len ? (const char *)data : "", len);
    if (!dest->data)
        return decoder_full(d);
    dest->len = len;
    return 0;
}

static int store_own(struct json_decoder *d, const struct json_type *type,
                     const struct json_token *t, void *dest)
{
    struct err err = ERR_INIT;
    int r;

    memset(dest, 0, type->size);
    r = type->scalar->decode(t, d->arena, dest, &err);
    if (r == -E2BIG)
        return decoder_full(d);
    if (r < 0 && err.msg[0])
        return decoder_fail(d, -EINVAL, "%s", err.msg);
    return r < 0 ? decoder_expected(d, type, JSON_IN_PLACE, token_word(t)) : 0;
}

static int store_raw(struct json_decoder *d, const struct json_token *t, struct json_raw *dest)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_JSON_BYTES);
    struct json_writer w = JSON_WRITER(&text);

    if (t->kind == JSON_TOKEN_STRING)
        json_write_string_n(&w, t->text, t->len);
    else
        json_write_raw(&w, t->text, t->len);
    dest->text = buf_failed(&text) ? NULL : arena_strndup(d->arena, text.data, text.len);
    dest->len = text.len;
    return dest->text ? 0 : decoder_full(d);
}

static int store_string(struct json_decoder *d, const struct json_type *type,
                        const struct json_token *t, const char **dest)
{
    const char *s;

    if (t->kind != JSON_TOKEN_STRING)
        return decoder_expected(d, type, JSON_IN_PLACE, token_word(t));
    s = decoder_string(d, t->text, t->len);
    if (!s)
        return d->status;
    *dest = s;
    return 0;
}

static int store_bool(struct json_decoder *d, const struct json_type *type,
                      const struct json_token *t, bool *dest)
{
    if (t->kind != JSON_TOKEN_BOOL)
        return decoder_expected(d, type, JSON_IN_PLACE, token_word(t));
    *dest = t->text[0] == 't';
    return 0;
}

static int store_integer(struct json_decoder *d, const struct json_type *type,
                         const struct json_token *t, void *dest)
{
    bool is_32 = type->shape == JSON_I32 || type->shape == JSON_OPT_I32;
    int64_t v = 0;
    int r = store_i64(d, type, t, is_32, &v);

    if (r < 0)
        return r;
    if (type->shape == JSON_I32)
        *(int32_t *)dest = (int32_t)v;
    else if (type->shape == JSON_I64)
        *(int64_t *)dest = v;
    else if (is_32)
        *(struct opt_i32 *)dest = (struct opt_i32){ .has = true, .value = (int32_t)v };
    else
        *(struct opt_i64 *)dest = (struct opt_i64){ .has = true, .value = v };
    return 0;
}

int decoder_store(struct json_decoder *d, const struct json_type *type, const struct json_token *t,
                  void *dest)
{
    struct opt_bool *opt;
    bool negative;

    switch (type->shape) {
    case JSON_STRING:
        return store_string(d, type, t, (const char **)dest);
    case JSON_BOOL:
        return store_bool(d, type, t, (bool *)dest);
    case JSON_OPT_BOOL:
        opt = (struct opt_bool *)dest;
        if (store_bool(d, type, t, &opt->value) < 0)
            return d->status;
        opt->has = true;
        return 0;
    case JSON_I32:
    case JSON_I64:
    case JSON_OPT_I32:
    case JSON_OPT_I64:
        return store_integer(d, type, t, dest);
    case JSON_U64:
        return store_unsigned(d, type, t, 0, UINT64_MAX, "an unsigned 64-bit integer", &negative,
                              (uint64_t *)dest);
    case JSON_SCALAR:
        return store_own(d, type, t, dest);
    case JSON_BYTES:
        if (t->kind == JSON_TOKEN_STRING)
            return store_bytes(d, t, (struct json_bytes *)dest);
        break;
    case JSON_RAW:
        return store_raw(d, t, (struct json_raw *)dest);
    case JSON_RECORD:
    case JSON_MAPPING:
    case JSON_SEQUENCE:
        break;
    }
    return decoder_expected(d, type, JSON_IN_PLACE, token_word(t));
}
