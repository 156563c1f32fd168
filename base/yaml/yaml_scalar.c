/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_scalar.c - the implicit types of YAML 1.1 as Go's yaml.v2 resolves them, because that is what kubectl and
 * the kubelet show their users. Differences, on purpose: integers of any size keep their digits.
 */
#include "yaml_scalar.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

static const struct {
    const char *text;
    enum yaml_kind kind;
    const char *json;
} words[] = {
    { "", YAML_NULL, "null" },       { "~", YAML_NULL, "null" },      { "null", YAML_NULL, "null" },
    { "Null", YAML_NULL, "null" },   { "NULL", YAML_NULL, "null" },   { "true", YAML_BOOL, "true" },
    { "True", YAML_BOOL, "true" },   { "TRUE", YAML_BOOL, "true" },   { "yes", YAML_BOOL, "true" },
    { "Yes", YAML_BOOL, "true" },    { "YES", YAML_BOOL, "true" },    { "on", YAML_BOOL, "true" },
    { "On", YAML_BOOL, "true" },     { "ON", YAML_BOOL, "true" },     { "y", YAML_BOOL, "true" },
    { "Y", YAML_BOOL, "true" },      { "false", YAML_BOOL, "false" }, { "False", YAML_BOOL, "false" },
    { "FALSE", YAML_BOOL, "false" }, { "no", YAML_BOOL, "false" },    { "No", YAML_BOOL, "false" },
    { "NO", YAML_BOOL, "false" },    { "off", YAML_BOOL, "false" },   { "Off", YAML_BOOL, "false" },
    { "OFF", YAML_BOOL, "false" },   { "n", YAML_BOOL, "false" },     { "N", YAML_BOOL, "false" },
    { ".nan", YAML_NOT_FINITE, "" }, { ".NaN", YAML_NOT_FINITE, "" }, { ".NAN", YAML_NOT_FINITE, "" },
    { ".inf", YAML_NOT_FINITE, "" }, { ".Inf", YAML_NOT_FINITE, "" }, { ".INF", YAML_NOT_FINITE, "" },
};

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 99;
}

/* 0x1f, 0o17, 017, 0b11 and plain digits, with '_' between them. False: not an integer. */
static bool integer(const char *s, size_t len, bool negative, struct buf *ret_json)
{
    unsigned base = 10;
    if (len > 1 && s[0] == '0') {
        char mark = (char)tolower((unsigned char)s[1]);
        base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
        size_t skip = mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1;
        s += skip;
        len -= skip;
    }
    uint64_t value = 0;
    size_t digits = 0;
    bool fits = true;
    struct buf text = BUF_INIT(len + 1);
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '_')
            continue;
        unsigned d = (unsigned)digit_of(s[i]);
        if (d >= base) {
            buf_done(&text);
            return false;
        }
        fits = fits && !__builtin_mul_overflow(value, (uint64_t)base, &value) &&
               !__builtin_add_overflow(value, (uint64_t)d, &value);
        buf_putc(&text, s[i]);
        digits++;
    }
    bool ok = digits > 0 && (fits || base == 10);
    if (ok) {
        if (negative && !(fits && value == 0))
            buf_putc(ret_json, '-');
        if (fits)
            buf_printf(ret_json, "%llu", (unsigned long long)value);
        else
            buf_add(ret_json, text.data, text.len);
    }
    buf_done(&text);
    return ok;
}

static size_t run_of_digits(const char *s, size_t len)
{
    size_t n = 0;
    while (n < len && isdigit((unsigned char)s[n]))
        n++;
    return n;
}

/* [0-9]* [. [0-9]*] [(e|E) [+-] [0-9]+], at least one digit before the exponent; written as JSON wants it, and as
 * an integer when the fraction is nothing but zeros (as Go prints such a float). */
static bool floating(const char *s, size_t len, bool negative, struct buf *ret_json)
{
    size_t whole = run_of_digits(s, len), at = whole, fraction = 0;
    const char *fraction_at = s;
    if (at < len && s[at] == '.') {
        fraction_at = s + ++at;
        fraction = run_of_digits(fraction_at, len - at);
        at += fraction;
    }
    if (whole + fraction == 0)
        return false;
    const char *exponent = s + at;
    size_t exponent_len = len - at;
    if (exponent_len > 0) {
        size_t sign = exponent_len > 1 && (exponent[1] == '+' || exponent[1] == '-') ? 1 : 0;
        size_t n = exponent_len > 1 + sign ? run_of_digits(exponent + 1 + sign, exponent_len - 1 - sign) : 0;
        if ((*exponent != 'e' && *exponent != 'E') || n == 0 || n + 1 + sign != exponent_len)
            return false;
    }
    while (whole > 1 && *s == '0') { /* JSON knows no leading zeros */
        s++;
        whole--;
    }
    while (fraction > 0 && fraction_at[fraction - 1] == '0')
        fraction--;
    if (negative)
        buf_putc(ret_json, '-');
    if (whole > 0)
        buf_add(ret_json, s, whole);
    else
        buf_putc(ret_json, '0');
    if (fraction > 0) {
        buf_putc(ret_json, '.');
        buf_add(ret_json, fraction_at, fraction);
    }
    buf_add(ret_json, exponent, exponent_len);
    return true;
}

enum yaml_kind yaml_scalar(const char *s, size_t len, struct buf *ret_json)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strlen(words[i].text) == len && memcmp(words[i].text, s, len) == 0) {
            buf_puts(ret_json, words[i].json);
            return words[i].kind;
        }
    }
    bool negative = s[0] == '-';
    if (negative || s[0] == '+') {
        s++;
        len--;
    }
    if (len == 4 && strncasecmp(s, ".inf", 4) == 0)
        return YAML_NOT_FINITE;
    if (len == 0 || (!isdigit((unsigned char)s[0]) && s[0] != '.'))
        return YAML_STRING;
    if (integer(s, len, negative, ret_json))
        return YAML_INT;
    return floating(s, len, negative, ret_json) ? YAML_FLOAT : YAML_STRING;
}
