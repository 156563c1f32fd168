/* SPDX-License-Identifier: Apache-2.0 */
/* str.c - strings and numbers from text. The one place that may turn digits into numbers. */
#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

bool str_eq(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool str_empty(const char *s)
{
    return !s || !s[0];
}

bool str_has_prefix(const char *s, const char *prefix)
{
    return s && prefix && strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_has_suffix(const char *s, const char *suffix)
{
    size_t len, tail;

    if (!s || !suffix)
        return false;
    len = strlen(s);
    tail = strlen(suffix);
    return len >= tail && memcmp(s + len - tail, suffix, tail) == 0;
}

const char *str_or(const char *s, const char *fallback)
{
    return str_empty(s) ? fallback : s;
}

/* All of s as digits of base (8 or 10). A bad character anywhere wins over a value out of range. */
static int digits(const char *s, unsigned base, uint64_t max, uint64_t *ret)
{
    bool over = false;
    uint64_t value = 0;

    if (str_empty(s))
        return -EINVAL;
    for (; *s; s++) {
        unsigned digit = (unsigned char)*s - (unsigned)'0';

        if (digit >= base)
            return -EINVAL;
        over = over || __builtin_mul_overflow(value, (uint64_t)base, &value) ||
               __builtin_add_overflow(value, (uint64_t)digit, &value);
    }
    if (over || value > max)
        return -ERANGE;
    *ret = value;
    return 0;
}

int str_to_u64(const char *s, uint64_t max, uint64_t *ret)
{
    return digits(s, 10, max, ret);
}

int str_to_i64(const char *s, int64_t min, int64_t max, int64_t *ret)
{
    bool negative = s && s[0] == '-';
    uint64_t magnitude;
    int64_t value;
    int r;

    r = digits(negative ? s + 1 : s, 10, negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX,
               &magnitude);
    if (r < 0)
        return r;
    value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    if (value < min || value > max)
        return -ERANGE;
    *ret = value;
    return 0;
}

int str_to_mode(const char *s, uint32_t *ret_mode)
{
    uint64_t mode;
    int r = digits(s, 8, 07777, &mode);

    if (r == 0)
        *ret_mode = (uint32_t)mode;
    return r;
}

void str_hex(const void *data, size_t len, char *out)
{
    static const char hex[] = "0123456789abcdef";
    const unsigned char *in = (const unsigned char *)data;

    for (size_t i = 0; i < len; i++) {
        *out++ = hex[in[i] >> 4];
        *out++ = hex[in[i] & 15];
    }
    *out = '\0';
}

char *str_base64_encode(const void *data, size_t len)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *in = (const unsigned char *)data;
    char *text = (char *)xmalloc((len / 3 + 1) * 4 + 1);
    char *out = text;

    for (size_t i = 0; i < len; i += 3) {
        unsigned left = len - i < 3 ? (unsigned)(len - i) : 3;
        unsigned bits = (unsigned)in[i] << 16;

        bits |= left > 1 ? (unsigned)in[i + 1] << 8 : 0;
        bits |= left > 2 ? (unsigned)in[i + 2] : 0;
        *out++ = alphabet[bits >> 18];
        *out++ = alphabet[(bits >> 12) & 63];
        *out++ = left > 1 ? alphabet[(bits >> 6) & 63] : '=';
        *out++ = left > 2 ? alphabet[bits & 63] : '=';
    }
    *out = '\0';
    return text;
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

/* Non-zero bits under the padding are accepted, as by the decoders that other programs of a cluster
 * use. */
int str_base64_decode(const char *s, size_t len, unsigned char **ret_data, size_t *ret_len)
{
    AUTO(free) unsigned char *data = NULL;
    size_t out = 0, pad = 0;

    if (len % 4 != 0)
        return -EINVAL;
    while (pad < 2 && pad < len && s[len - 1 - pad] == '=')
        pad++;
    data = (unsigned char *)xmalloc(len / 4 * 3 + 1);
    for (size_t i = 0; i < len; i += 4) {
        size_t chars = i + 4 == len ? 4 - pad : 4;
        unsigned bits = 0;

        for (size_t k = 0; k < 4; k++) {
            int value = k < chars ? base64_value(s[i + k]) : 0;

            if (value < 0)
                return -EINVAL;
            bits = bits << 6 | (unsigned)value;
        }
        for (size_t k = 0; k + 1 < chars; k++)
            data[out++] = (unsigned char)(bits >> (16 - 8 * k));
    }
    data[out] = '\0';
    *ret_len = out;
    *ret_data = TAKE_PTR(data);
    return 0;
}

char **strv_new(void)
{
    return (char **)xcalloc(1, sizeof(char *));
}

static void push_owned(char ***v, char *s)
{
    size_t len = strv_len(*v);

    *v = (char **)xrealloc(*v, (len + 2) * sizeof(char *));
    (*v)[len] = s;
    (*v)[len + 1] = NULL;
}

void strv_push(char ***v, const char *s)
{
    push_owned(v, xstrndup(s, strlen(s)));
}

void strv_pushf(char ***v, const char *fmt, ...)
{
    char *s = NULL;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&s, fmt, ap) < 0)
        abort();
    va_end(ap);
    push_owned(v, s);
}

size_t strv_len(char *const *v)
{
    size_t len = 0;

    while (v && v[len])
        len++;
    return len;
}

char **strv_copy(const char *const *v)
{
    char **copy = strv_new();

    for (size_t i = 0; v && v[i]; i++)
        strv_push(&copy, v[i]);
    return copy;
}

char **strv_free(char **v)
{
    for (size_t i = 0; v && v[i]; i++)
        free(v[i]);
    free(v);
    return NULL;
}

char **strv_split(const char *s, char sep)
{
    char **v = strv_new();

    if (str_empty(s))
        return v;
    for (;;) {
        const char *end = strchr(s, sep);

        if (!end)
            break;
        push_owned(&v, xstrndup(s, (size_t)(end - s)));
        s = end + 1;
    }
    strv_push(&v, s);
    return v;
}

uint64_t str_hash(const void *data, size_t len)
{
    const unsigned char *in = (const unsigned char *)data;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ in[i]) * UINT64_C(0x100000001b3);
    return hash;
}
