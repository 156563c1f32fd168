/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/int_or_string.h"

#include <errno.h>
#include <string.h>

#include "base/json_write.h"

/* Through the digits, as all integers. */
static int decode_int(const struct json_token *token, int32_t *ret, struct err *err)
{
    bool negative = token->text[0] == '-';
    int64_t v = 0;

    for (size_t i = negative; i < token->len; i++) {
        if (token->text[i] < '0' || token->text[i] > '9')
            return err_set(err, -EINVAL, "expected integer or string, got %.*s",
                           (int)(token->len > 40 ? 40 : token->len), token->text);
        v = v * 10 + (token->text[i] - '0');
        if (v > (int64_t)INT32_MAX + negative)
            return err_set(err, -EINVAL, "%.*s is out of range for a 32-bit integer",
                           (int)(token->len > 40 ? 40 : token->len), token->text);
    }
    *ret = (int32_t)(negative ? -v : v);
    return 0;
}

static int decode(const struct json_token *token, struct arena *arena, void *dest, struct err *err)
{
    struct k8s_int_or_string *v = (struct k8s_int_or_string *)dest;

    if (token->kind == JSON_TOKEN_BOOL)
        return -EINVAL;
    v->has = true;
    if (token->kind == JSON_TOKEN_NUMBER) {
        v->is_int = true;
        return decode_int(token, &v->i, err);
    }
    if (memchr(token->text, '\0', token->len))
        return err_set(err, -EINVAL, "string with a NUL character");
    v->s = arena_strndup(arena, token->text, token->len);
    return v->s ? 0 : -E2BIG;
}

static void encode(const void *value, struct json_writer *w)
{
    const struct k8s_int_or_string *v = (const struct k8s_int_or_string *)value;

    if (v->is_int)
        json_write_int(w, v->i);
    else
        json_write_string(w, v->s ? v->s : "");
}

static bool empty(const void *value)
{
    return !((const struct k8s_int_or_string *)value)->has;
}

static const struct json_scalar scalar = {
    .expected = "integer or string",
    .decode = decode,
    .encode = encode,
    .empty = empty,
    .has_string = true,
    .string_offset = offsetof(struct k8s_int_or_string, s),
};

const struct json_type k8s_int_or_string_type = {
    .name = "k8s_int_or_string",
    .shape = JSON_SCALAR,
    .size = sizeof(struct k8s_int_or_string),
    .scalar = &scalar,
};
