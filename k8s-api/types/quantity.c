/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quantity.c - amounts of resources.
 *
 * Reading treats the text as a row of digits with a point somewhere; a decimal suffix or exponent
 * only moves the point. The digits before it are the whole part, those after it a fraction of 29
 * digits (more than any suffix can lift to a billionth). A binary suffix multiplies both by 1024,
 * up to six times. Nothing goes through floating point.
 *
 * Where this is stricter than Go's reader: a sign or a point without any digit is refused.
 */
#include "k8s/quantity.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json_write.h"

__extension__ typedef __int128 wide; /* whole and nano in one: up to 9.3e27 */

#define NANO            1000000000
#define FRACTION_DIGITS 29

static const struct suffix {
    char text[3];
    uint8_t format; /* enum k8s_quantity_format */
    int8_t power;   /* of 1000, or of 1024 */
} suffixes[] = {
    { "n", K8S_DECIMAL_SI, -3 }, { "u", K8S_DECIMAL_SI, -2 }, { "m", K8S_DECIMAL_SI, -1 },
    { "", K8S_DECIMAL_SI, 0 },   { "k", K8S_DECIMAL_SI, 1 },  { "M", K8S_DECIMAL_SI, 2 },
    { "G", K8S_DECIMAL_SI, 3 },  { "T", K8S_DECIMAL_SI, 4 },  { "P", K8S_DECIMAL_SI, 5 },
    { "E", K8S_DECIMAL_SI, 6 },  { "Ki", K8S_BINARY_SI, 1 },  { "Mi", K8S_BINARY_SI, 2 },
    { "Gi", K8S_BINARY_SI, 3 },  { "Ti", K8S_BINARY_SI, 4 },  { "Pi", K8S_BINARY_SI, 5 },
    { "Ei", K8S_BINARY_SI, 6 },
};

#define N_SUFFIXES (sizeof(suffixes) / sizeof(suffixes[0]))

static wide to_wide(const struct k8s_quantity *q)
{
    return q->has ? (wide)q->whole * NANO + q->nano : 0;
}

static struct k8s_quantity from_wide(wide v, unsigned format)
{
    const wide max = (wide)INT64_MAX * NANO;

    v = v > max ? max : v < -max ? -max : v;
    return (struct k8s_quantity){ .whole = (int64_t)(v / NANO),
                                  .nano = (int32_t)(v % NANO),
                                  .format = (uint8_t)format,
                                  .has = true };
}

/* ---- reading ---- */

struct parts {
    const char *digits; /* may hold the point, which counts for nothing */
    size_t len;
    size_t n;         /* digits without the point */
    int64_t point;    /* digits before it */
    const char *rest; /* the suffix */
    size_t rest_len;
    bool negative;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int split(const char *s, size_t len, struct parts *p)
{
    size_t i = len > 0 && (s[0] == '-' || s[0] == '+');
    bool seen_point = false;

    *p = (struct parts){ .negative = i && s[0] == '-' };
    while (i < len && s[i] == '0' && i + 1 < len && is_digit(s[i + 1]))
        i++;
    p->digits = s + i;
    for (; i < len && (is_digit(s[i]) || (s[i] == '.' && !seen_point)); i++) {
        seen_point = seen_point || s[i] == '.';
        p->n += s[i] != '.';
        p->point += !seen_point;
    }
    p->len = (size_t)(s + i - p->digits);
    p->rest = s + i;
    p->rest_len = len - i;
    return p->n ? 0 : -EINVAL;
}

static int read_exponent(const char *s, size_t len, int64_t *ret)
{
    size_t i = len > 1 && (s[0] == '-' || s[0] == '+');
    int64_t v = 0;

    if (len == 0)
        return -EINVAL;
    for (; i < len; i++) {
        if (!is_digit(s[i]))
            return -EINVAL;
        v = v > INT32_MAX ? v : v * 10 + (s[i] - '0');
    }
    *ret = s[0] == '-' ? -v : v;
    return 0;
}

/* What stands behind the digits. ret_point: by how many digits the point moves; ret_binary: powers
 * of 1024. */
static int read_suffix(const struct parts *p, unsigned *ret_format, int64_t *ret_point,
                       int *ret_binary)
{
    for (size_t i = 0; i < N_SUFFIXES; i++) {
        const struct suffix *x = &suffixes[i];

        if (strlen(x->text) != p->rest_len || memcmp(x->text, p->rest, p->rest_len) != 0)
            continue;
        *ret_format = x->format;
        *ret_point = x->format == K8S_BINARY_SI ? 0 : 3 * x->power;
        *ret_binary = x->format == K8S_BINARY_SI ? x->power : 0;
        return 0;
    }
    if (p->rest[0] != 'e' && p->rest[0] != 'E')
        return -EINVAL;
    *ret_format = K8S_DECIMAL_EXPONENT;
    *ret_binary = 0;
    return read_exponent(p->rest + 1, p->rest_len - 1, ret_point);
}

/* Billionths, rounded up. point: digits before it, may be negative or far behind the last one. */
static wide read_digits(const struct parts *p, int64_t point, int binary)
{
    const wide max = (wide)INT64_MAX * NANO;
    wide whole = 0, fraction = 0, unit = 1; /* fraction of unit */
    bool more = false;                      /* digits that are too small to be held */
    int64_t at = 0;

    for (size_t i = 0; i < p->len; i++) {
        int digit = p->digits[i] - '0';

        if (p->digits[i] == '.')
            continue;
        if (at++ < point)
            whole = whole > INT64_MAX ? whole : whole * 10 + digit;
        else if (at - point <= FRACTION_DIGITS)
            fraction = fraction * 10 + digit;
        else
            more = more || digit;
    }
    for (; at < point && whole > 0 && whole <= INT64_MAX; at++)
        whole *= 10;
    if (fraction || more) {
        for (int i = 0; i < FRACTION_DIGITS; i++)
            unit *= 10;
        for (int64_t i = at > point ? at - point : 0; i < FRACTION_DIGITS; i++)
            fraction *= 10;
    }
    for (; binary > 0 && whole <= INT64_MAX; binary--) {
        fraction *= 1024;
        whole = whole * 1024 + (fraction ? fraction / unit : 0);
        fraction = fraction ? fraction % unit : 0;
    }
    if (whole > INT64_MAX)
        return max;
    if (!fraction && !more)
        return whole * NANO;
    fraction = fraction * NANO + (more ? 1 : 0);
    return whole * NANO + fraction / unit + (fraction % unit != 0);
}

int k8s_quantity_parse(const char *s, size_t len, struct k8s_quantity *ret)
{
    struct parts p;
    unsigned format;
    int64_t move;
    int binary;
    wide v;

    if (split(s, len, &p) < 0 || read_suffix(&p, &format, &move, &binary) < 0)
        return -EINVAL;
    v = read_digits(&p, p.point + move, binary);
    if (format == K8S_BINARY_SI && v > 0 && v < NANO)
        format = K8S_DECIMAL_SI;
    *ret = from_wide(p.negative ? -v : v, format);
    return 0;
}

/* ---- writing ---- */

static char *put_wide(char *out, wide v)
{
    char digits[40];
    size_t n = 0;

    if (v < 0) {
        *out++ = '-';
        v = -v;
    }
    do {
        digits[n++] = (char)('0' + (int)(v % 10));
        v /= 10;
    } while (v);
    while (n)
        *out++ = digits[--n];
    return out;
}

static const char *suffix_text(unsigned format, int power)
{
    for (size_t i = 0; i < N_SUFFIXES; i++)
        if (suffixes[i].format == format && suffixes[i].power == power)
            return suffixes[i].text;
    return "";
}

char *k8s_quantity_print(const struct k8s_quantity *q, char out[K8S_QUANTITY_TEXT_BYTES])
{
    wide v = to_wide(q);
    bool binary = q->format == K8S_BINARY_SI && v % NANO == 0 &&
                  (v >= 1024 * (wide)NANO || v <= -1024 * (wide)NANO);
    wide base = binary ? 1024 : 1000;
    int power = binary ? 0 : -3;
    char *end;

    if (binary)
        v /= NANO;
    while (v != 0 && v % base == 0) {
        v /= base;
        power++;
    }
    if (v == 0 || (binary && power == 0)) /* 1025: no suffix in either family */
        power = 0;
    end = put_wide(out, v);
    if (!binary && q->format == K8S_DECIMAL_EXPONENT && power != 0)
        (void)snprintf(end, (size_t)(out + K8S_QUANTITY_TEXT_BYTES - end), "e%d", 3 * power);
    else
        (void)snprintf(end, (size_t)(out + K8S_QUANTITY_TEXT_BYTES - end), "%s",
                       suffix_text(binary && power ? K8S_BINARY_SI : K8S_DECIMAL_SI, power));
    return out;
}

/* ---- numbers ---- */

/* v / unit, away from zero. */
static int64_t divide_up(wide v, wide unit)
{
    wide d = v / unit;

    if (v % unit != 0)
        d += v > 0 ? 1 : -1;
    return d > INT64_MAX ? INT64_MAX : d < -INT64_MAX ? -INT64_MAX : (int64_t)d;
}

int64_t k8s_quantity_value(const struct k8s_quantity *q)
{
    return divide_up(to_wide(q), NANO);
}

int64_t k8s_quantity_milli(const struct k8s_quantity *q)
{
    return divide_up(to_wide(q), NANO / 1000);
}

struct k8s_quantity k8s_quantity_from_value(int64_t value, enum k8s_quantity_format format)
{
    return from_wide((wide)value * NANO, format);
}

struct k8s_quantity k8s_quantity_from_milli(int64_t milli, enum k8s_quantity_format format)
{
    return from_wide((wide)milli * (NANO / 1000), format);
}

int k8s_quantity_compare(const struct k8s_quantity *a, const struct k8s_quantity *b)
{
    wide x = to_wide(a), y = to_wide(b);

    return x < y ? -1 : x > y;
}

bool k8s_quantity_is_zero(const struct k8s_quantity *q)
{
    return to_wide(q) == 0;
}

static unsigned common_format(const struct k8s_quantity *a, const struct k8s_quantity *b)
{
    return k8s_quantity_is_zero(a) ? b->format : a->format;
}

struct k8s_quantity k8s_quantity_add(const struct k8s_quantity *a, const struct k8s_quantity *b)
{
    return from_wide(to_wide(a) + to_wide(b), common_format(a, b));
}

struct k8s_quantity k8s_quantity_sub(const struct k8s_quantity *a, const struct k8s_quantity *b)
{
    return from_wide(to_wide(a) - to_wide(b), common_format(a, b));
}

const struct k8s_quantity *k8s_resource_list_get(const struct k8s_resource_list *list,
                                                 const char *name)
{
    for (size_t i = 0; i < list->len; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return &list->items[i].quantity;
    return NULL;
}

/* ---- JSON ---- */

static int decode(const struct json_token *token, struct arena *arena, void *dest, struct err *err)
{
    const char *s = token->text;
    size_t len = token->len;

    (void)arena;
    if (token->kind == JSON_TOKEN_BOOL)
        return -EINVAL;
    while (len && strchr(" \t\r\n", s[0])) {
        s++;
        len--;
    }
    while (len && strchr(" \t\r\n", s[len - 1]))
        len--;
    if (k8s_quantity_parse(s, len, (struct k8s_quantity *)dest) < 0)
        return err_set(err, -EINVAL, "\"%.*s\" is not a quantity",
                       (int)(token->len > 80 ? 80 : token->len), token->text);
    return 0;
}

static void encode(const void *value, struct json_writer *w)
{
    char text[K8S_QUANTITY_TEXT_BYTES];

    json_write_string(w, k8s_quantity_print((const struct k8s_quantity *)value, text));
}

static bool empty(const void *value)
{
    return !((const struct k8s_quantity *)value)->has;
}

static const struct json_scalar scalar = {
    .expected = "quantity", .decode = decode, .encode = encode, .empty = empty
};

const struct json_type k8s_quantity_type = { .name = "k8s_quantity",
                                             .shape = JSON_SCALAR,
                                             .size = sizeof(struct k8s_quantity),
                                             .scalar = &scalar };

const struct json_type k8s_resource_list_type = {
    .name = "k8s_resource_list",
    .shape = JSON_MAPPING,
    .size = sizeof(struct k8s_resource_list),
    .elem = &k8s_quantity_type,
    .elem_size = sizeof(struct k8s_resource),
    .value_offset = offsetof(struct k8s_resource, quantity),
};
