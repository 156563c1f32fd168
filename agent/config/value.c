/* SPDX-License-Identifier: Apache-2.0 */
/* value.c - text to value, by the kind of a setting. */
#include "setting.h"

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

static const char *const kind_names[SETTING_KIND_NR] = {
    [SETTING_STRING] = "a string",
    [SETTING_BOOL] = "true or false",
    [SETTING_INT] = "an integer",
    [SETTING_DURATION] = "a duration such as 1m30s",
    [SETTING_BYTES] = "a size such as 10Mi",
    [SETTING_STRINGS] = "a list of strings",
    [SETTING_MAP] = "a map (key=value,…)",
    [SETTING_TAINTS] = "taints (key=value:Effect,…)",
};

const char *setting_kind_name(enum setting_kind kind)
{
    return kind_names[kind];
}

struct unit {
    const char *suffix;
    int64_t factor;
};

static const struct unit *find_unit(const struct unit *units, size_t units_len, const char *text, size_t len)
{
    for (size_t i = 0; i < units_len; i++)
        if (strlen(units[i].suffix) == len && !strncmp(units[i].suffix, text, len))
            return &units[i];
    return NULL;
}

/* The digits after a point, as that part of factor; finer than nine digits is cut. */
static int64_t fraction_of(const char *digits, size_t len, int64_t factor)
{
    int64_t part = 0, scale = 1;

    for (size_t i = 0; i < len && i < 9; i++) {
        part = part * 10 + (digits[i] - '0');
        scale *= 10;
    }
    return (int64_t)((double)part / (double)scale * (double)factor);
}

/* One "1.5h": adds it to *total and moves *text on. */
static int add_duration_part(const char **text, int64_t *total_ns)
{
    static const struct unit units[] = {
        { "ns", 1 }, { "us", 1000 }, { "µs", 1000 }, { "ms", NS_PER_MS }, { "s", NS_PER_S }, { "m", 60 * NS_PER_S },
        { "h", 3600 * NS_PER_S },
    };
    const char *at = *text;
    size_t digits = strspn(at, "0123456789"), fraction = at[digits] == '.' ? strspn(at + digits + 1, "0123456789") : 0;
    const char *suffix = at + digits + (at[digits] == '.' ? 1 + fraction : 0);
    size_t len = strcspn(suffix, "0123456789.");
    const struct unit *unit = find_unit(units, ARRAY_LEN(units), suffix, len);
    AUTO(free) char *number = digits ? xstrndup(at, digits) : xstrdup("0");
    int64_t value, part;

    if (!unit || digits + fraction == 0 || str_to_i64(number, 0, INT64_MAX, &value) < 0)
        return -EINVAL;
    if (__builtin_mul_overflow(value, unit->factor, &part) || __builtin_add_overflow(*total_ns, part, total_ns) ||
        __builtin_add_overflow(*total_ns, fraction_of(at + digits + 1, fraction, unit->factor), total_ns))
        return -ERANGE;
    *text = suffix + len;
    return 0;
}

/* As Go writes durations. Finer than a millisecond is cut. */
static int parse_duration_ms(const char *text, int64_t *ret)
{
    int64_t total_ns = 0;
    int r = *text ? 0 : -EINVAL;

    if (str_eq(text, "0"))
        text = "0s";
    while (r == 0 && *text)
        r = add_duration_part(&text, &total_ns);
    if (r == 0)
        *ret = total_ns / NS_PER_MS;
    return r;
}

static int parse_bytes(const char *text, int64_t *ret)
{
    static const struct unit units[] = {
        { "", 1 },           { "k", 1000 },       { "M", 1000000 },    { "G", 1000000000 },
        { "Ki", 1ll << 10 }, { "Mi", 1ll << 20 }, { "Gi", 1ll << 30 }, { "Ti", 1ll << 40 },
    };
    size_t digits = strspn(text, "0123456789");
    const struct unit *unit = find_unit(units, ARRAY_LEN(units), text + digits, strlen(text + digits));
    AUTO(free) char *number = xstrndup(text, digits);
    int64_t value;

    if (!unit || str_to_i64(number, 0, INT64_MAX, &value) < 0)
        return -EINVAL;
    return __builtin_mul_overflow(value, unit->factor, ret) ? -ERANGE : 0;
}

static bool is_choice(const char *choices, const char *text)
{
    AUTO(strv_free) char **all = strv_split(choices, '|');

    for (char **c = all; *c; c++)
        if (str_eq(*c, text))
            return true;
    return false;
}

static const char *print_duration(int64_t ms, char out[32])
{
    static const struct unit units[] = { { "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 } };
    size_t i = 0;

    while (ms % units[i].factor)
        i++;
    (void)snprintf(out, 32, "%lld%s", (long long)(ms / units[i].factor), units[i].suffix);
    return out;
}

static int fail_expected(const struct setting *s, const char *text, struct err *err)
{
    char lo[32], hi[32];

    if (s->choices)
        return err_set(err, -EINVAL, "expected one of %s, got \"%s\"", s->choices, text);
    if (s->kind == SETTING_INT)
        return err_set(err, -EINVAL, "expected an integer from %lld to %lld, got \"%s\"", (long long)s->min,
                       (long long)s->max, text);
    if (s->kind == SETTING_DURATION)
        return err_set(err, -EINVAL, "expected a duration from %s to %s, got \"%s\"", print_duration(s->min, lo),
                       print_duration(s->max, hi), text);
    if (s->kind == SETTING_BYTES)
        return err_set(err, -EINVAL, "expected a size such as 10Mi, of at least %lld bytes, got \"%s\"",
                       (long long)s->min, text);
    return err_set(err, -EINVAL, "expected %s, got \"%s\"", kind_names[s->kind], text);
}

static int parse_number(const struct setting *s, const char *text, int64_t *ret)
{
    return s->kind == SETTING_INT        ? str_to_i64(text, INT64_MIN, INT64_MAX, ret)
           : s->kind == SETTING_DURATION ? parse_duration_ms(text, ret)
                                         : parse_bytes(text, ret);
}

static int set_number(const struct setting *s, int64_t *target, const char *text, struct err *err)
{
    int64_t value = 0;

    if (parse_number(s, text, &value) < 0 || value < s->min || value > s->max)
        return fail_expected(s, text, err);
    *target = value;
    return 0;
}

bool setting_is_zero(const struct setting *s, const char *text)
{
    int64_t value;

    if (s->kind == SETTING_INT || s->kind == SETTING_DURATION || s->kind == SETTING_BYTES)
        return parse_number(s, text, &value) == 0 && value == 0;
    return s->kind == SETTING_STRING && str_empty(text);
}

static void map_set(struct config_map *m, const char *key, const char *value)
{
    for (size_t i = 0; i < m->len; i++)
        if (str_eq(m->items[i].key, key)) {
            free(m->items[i].value);
            m->items[i].value = xstrdup(value);
            return;
        }
    m->items = xrealloc(m->items, (m->len + 1) * sizeof(*m->items));
    m->items[m->len++] = (struct config_pair){ .key = xstrdup(key), .value = xstrdup(value) };
}

static bool is_taint_effect(const char *effect)
{
    return is_choice("NoSchedule|PreferNoSchedule|NoExecute", effect);
}

static struct config_taint *taint_at(struct config_taints *t, size_t index)
{
    while (t->len <= index) {
        t->items = xrealloc(t->items, (t->len + 1) * sizeof(*t->items));
        t->items[t->len++] = (struct config_taint){ 0 };
    }
    return &t->items[index];
}

/* key[=value]:Effect */
static int taint_add_text(struct config_taints *t, const char *text, struct err *err)
{
    const char *colon = strrchr(text, ':');
    const char *equals = strchr(text, '=');

    if (!colon || colon == text || equals == text || !is_taint_effect(colon + 1))
        return err_set(err, -EINVAL,
                       "expected key=value:Effect with NoSchedule, PreferNoSchedule or NoExecute, got \"%s\"", text);
    if (equals && equals > colon)
        equals = NULL;

    struct config_taint *taint = taint_at(t, t->len);
    taint->key = xstrndup(text, (size_t)((equals ? equals : colon) - text));
    taint->value = equals ? xstrndup(equals + 1, (size_t)(colon - equals - 1)) : xstrdup("");
    taint->effect = xstrdup(colon + 1);
    return 0;
}

static int add_part(const struct setting *s, struct config *c, const char *part, struct err *err)
{
    void *target = (char *)c + s->offset;

    if (s->kind == SETTING_STRINGS)
        return setting_add_item(s, c, part, err);
    if (s->kind == SETTING_TAINTS)
        return taint_add_text(target, part, err);

    const char *equals = strchr(part, '=');
    if (!equals || equals == part) /* eviction thresholds are written with '<' on command lines */
        equals = s->path && str_has_prefix(s->path, "eviction") ? strchr(part, '<') : NULL;
    if (!equals)
        return err_set(err, -EINVAL, "expected key=value, got \"%s\"", part);
    AUTO(free) char *key = xstrndup(part, (size_t)(equals - part));
    return setting_add_pair(s, c, key, equals + 1, err);
}

static int append_parts(const struct setting *s, struct config *c, const char *text, struct err *err)
{
    AUTO(strv_free) char **parts = strv_split(text, ',');

    for (char **p = parts; *p; p++)
        if (**p && add_part(s, c, *p, err) < 0)
            return -EINVAL;
    return 0;
}

int setting_set(const struct setting *s, struct config *c, const char *text, struct err *err)
{
    void *target = (char *)c + s->offset;

    switch (s->kind) {
    case SETTING_STRING:
        if (s->choices && !is_choice(s->choices, text))
            return fail_expected(s, text, err);
        free(*(char **)target);
        *(char **)target = xstrdup(text);
        return 0;
    case SETTING_BOOL:
        if (!str_eq(text, "true") && !str_eq(text, "false"))
            return fail_expected(s, text, err);
        *(bool *)target = str_eq(text, "true");
        return 0;
    case SETTING_INT:
    case SETTING_DURATION:
    case SETTING_BYTES:
        return set_number(s, target, text, err);
    default:
        setting_reset(s, c);
        return append_parts(s, c, text, err);
    }
}

int setting_append(const struct setting *s, struct config *c, const char *text, struct err *err)
{
    return s->kind < SETTING_STRINGS ? setting_set(s, c, text, err) : append_parts(s, c, text, err);
}

int setting_add_item(const struct setting *s, struct config *c, const char *text, struct err *err)
{
    (void)err;
    strv_push((char ***)(void *)((char *)c + s->offset), text);
    return 0;
}

int setting_add_pair(const struct setting *s, struct config *c, const char *key, const char *text, struct err *err)
{
    (void)err;
    map_set((struct config_map *)(void *)((char *)c + s->offset), key, text);
    return 0;
}

int setting_add_taint_member(const struct setting *s, struct config *c, size_t index, const char *member,
                             const char *text, struct err *err)
{
    struct config_taint *t = taint_at((struct config_taints *)(void *)((char *)c + s->offset), index);
    char **target = str_eq(member, "key")      ? &t->key
                    : str_eq(member, "value")  ? &t->value
                    : str_eq(member, "effect") ? &t->effect
                                               : NULL;

    if (!target)
        return str_eq(member, "timeAdded") ? 0 : err_set(err, -EINVAL, "unknown field");
    if (target == &t->effect && !is_taint_effect(text))
        return err_set(err, -EINVAL, "expected one of NoSchedule|PreferNoSchedule|NoExecute, got \"%s\"", text);
    free(*target);
    *target = xstrdup(text);
    return 0;
}

void setting_reset(const struct setting *s, struct config *c)
{
    void *target = (char *)c + s->offset;
    struct config_map *m = target;
    struct config_taints *t = target;

    switch (s->kind) {
    case SETTING_STRING:
        free(*(char **)target);
        *(char **)target = NULL;
        break;
    case SETTING_STRINGS:
        strv_free(*(char ***)target);
        *(char ***)target = NULL;
        break;
    case SETTING_MAP:
        for (size_t i = 0; i < m->len; i++) {
            free(m->items[i].key);
            free(m->items[i].value);
        }
        free(m->items);
        *m = (struct config_map){ 0 };
        break;
    case SETTING_TAINTS:
        for (size_t i = 0; i < t->len; i++) {
            free(t->items[i].key);
            free(t->items[i].value);
            free(t->items[i].effect);
        }
        free(t->items);
        *t = (struct config_taints){ 0 };
        break;
    default:
        break;
    }
}
