/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/time.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json_write.h"

#define NS_PER_S INT64_C(1000000000)

/* Days since 1970 of a date of the Gregorian calendar. Years begin in March here, so that the leap
 * day is the last. */
static int64_t days_of(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year, era = y / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_of(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day)
{
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, of_era = z - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100), m = (5 * of_year + 2) / 153;

    *ret_day = (int)(of_year - (153 * m + 2) / 5 + 1);
    *ret_month = (int)(m < 10 ? m + 3 : m - 9);
    *ret_year = year + era * 400 + (*ret_month <= 2);
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month - 1] + (month == 2 && leap);
}

/* A number of exactly n digits in [min, max], followed by then ('\0': anything). Moves on. */
static bool take(const char **s, const char *end, int n, int min, int max, char then, int *ret)
{
    int v = 0;

    if (end - *s < n + (then != '\0'))
        return false;
    for (int i = 0; i < n; i++) {
        if ((*s)[i] < '0' || (*s)[i] > '9')
            return false;
        v = v * 10 + ((*s)[i] - '0');
    }
    *s += n;
    if (then != '\0' && *(*s)++ != then)
        return false;
    *ret = v;
    return v >= min && v <= max;
}

static bool take_fraction(const char **s, const char *end, int64_t *ret_ns)
{
    int64_t unit = NS_PER_S;
    const char *start;

    *ret_ns = 0;
    if (*s == end || **s != '.')
        return true;
    start = ++*s;
    for (; *s < end && **s >= '0' && **s <= '9'; ++*s) {
        unit /= 10;
        *ret_ns += (**s - '0') * unit;
    }
    return *s > start;
}

static bool take_zone(const char **s, const char *end, int64_t *ret_s)
{
    int hours, minutes, sign;

    *ret_s = 0;
    if (*s == end)
        return false;
    if (**s == 'Z') {
        ++*s;
        return *s == end;
    }
    if (**s != '+' && **s != '-')
        return false;
    sign = *(*s)++ == '-' ? -1 : 1;
    if (!take(s, end, 2, 0, 23, ':', &hours) || !take(s, end, 2, 0, 59, '\0', &minutes))
        return false;
    *ret_s = sign * (hours * 3600 + minutes * 60);
    return *s == end;
}

int k8s_time_parse(const char *s, size_t len, int64_t *ret_unix_ns)
{
    const char *end = s + len;
    int year, month, day, hour, minute, second;
    int64_t fraction_ns, zone_s, unix_s, ns;

    if (!take(&s, end, 4, 0, 9999, '-', &year) || !take(&s, end, 2, 1, 12, '-', &month) ||
        !take(&s, end, 2, 1, 31, 'T', &day) || !take(&s, end, 2, 0, 23, ':', &hour) ||
        !take(&s, end, 2, 0, 59, ':', &minute) || !take(&s, end, 2, 0, 59, '\0', &second) ||
        !take_fraction(&s, end, &fraction_ns) || !take_zone(&s, end, &zone_s) ||
        day > days_in_month(year, month))
        return -EINVAL;
    unix_s = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - zone_s;
    if (__builtin_mul_overflow(unix_s, NS_PER_S, &ns) ||
        __builtin_add_overflow(ns, fraction_ns, &ns))
        ns = unix_s < 0 ? INT64_MIN : INT64_MAX;
    *ret_unix_ns = ns;
    return 0;
}

char *k8s_time_print(int64_t unix_ns, int fraction_digits, char out[K8S_TIME_TEXT_BYTES])
{
    int64_t unix_s = unix_ns / NS_PER_S, ns = unix_ns % NS_PER_S, days, year, left;
    int month, day, n;

    if (ns < 0) {
        ns += NS_PER_S;
        unix_s--;
    }
    days = unix_s / 86400;
    left = unix_s % 86400;
    if (left < 0) {
        left += 86400;
        days--;
    }
    date_of(days, &year, &month, &day);
    n = snprintf(out, K8S_TIME_TEXT_BYTES, "%04d-%02d-%02dT%02d:%02d:%02d", (int)year, month, day,
                 (int)(left / 3600), (int)(left / 60 % 60), (int)(left % 60));
    if (fraction_digits > 0) {
        n += snprintf(out + n, K8S_TIME_TEXT_BYTES - (size_t)n, ".%09d", (int)ns);
        n -= 9 - fraction_digits;
    }
    memcpy(out + n, "Z", 2);
    return out;
}

/* k8s_time and k8s_micro_time have the same members. */
static int decode(const struct json_token *token, struct arena *arena, void *dest, struct err *err)
{
    struct k8s_time *t = (struct k8s_time *)dest;

    (void)arena;
    if (token->kind != JSON_TOKEN_STRING)
        return -EINVAL;
    if (k8s_time_parse(token->text, token->len, &t->unix_ns) < 0)
        return err_set(err, -EINVAL, "\"%.*s\" is not an RFC 3339 time",
                       (int)(token->len > 80 ? 80 : token->len), token->text);
    t->has = true;
    return 0;
}

static void encode_seconds(const void *value, struct json_writer *w)
{
    char text[K8S_TIME_TEXT_BYTES];

    json_write_string(w, k8s_time_print(((const struct k8s_time *)value)->unix_ns, 0, text));
}

static void encode_micro(const void *value, struct json_writer *w)
{
    char text[K8S_TIME_TEXT_BYTES];

    json_write_string(w, k8s_time_print(((const struct k8s_micro_time *)value)->unix_ns, 6, text));
}

static bool empty(const void *value)
{
    return !((const struct k8s_time *)value)->has;
}

static const struct json_scalar seconds = {
    .expected = "time", .decode = decode, .encode = encode_seconds, .empty = empty
};
static const struct json_scalar micro = {
    .expected = "time", .decode = decode, .encode = encode_micro, .empty = empty
};

const struct json_type k8s_time_type = {
    .name = "k8s_time", .shape = JSON_SCALAR, .size = sizeof(struct k8s_time), .scalar = &seconds
};
const struct json_type k8s_micro_time_type = { .name = "k8s_micro_time",
                                               .shape = JSON_SCALAR,
                                               .size = sizeof(struct k8s_micro_time),
                                               .scalar = &micro };
