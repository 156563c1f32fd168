/* SPDX-License-Identifier: Apache-2.0 */
/* value.c - text to value, by the kind of a setting. */
#include "setting.h"

#include <ctype.h>
#include <errno.h>

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

/* A sum of numbers with units ("1h30m"), or one number with a unit from the table. */
static int parse_units(const char *text, const struct unit *units, size_t units_len, bool sum, int64_t *ret)
{
    int64_t total = 0;

    do {
        size_t digits = strspn(text, "0123456789"), letters = strcspn(text + digits, "0123456789");
        AUTO(free) char *number = xstrndup(text, digits);
        const struct unit *unit = NULL;
        int64_t value, part;

        for (size_t i = 0; i < units_len; i++)
            if (strlen(units[i].suffix) == letters && !strncmp(units[i].suffix, text + digits, letters))
                unit = &units[i];
        if (!unit || str_to_i64(number, 0, INT64_MAX, &value) < 0)
            return -EINVAL;
        if (__builtin_mul_overflow(value, unit->factor, &part) || __builtin_add_overflow(total, part, &total))
            return -ERANGE;
        text += digits + letters;
    } while (sum && *text);
    *ret = total;
    return *text ? -EINVAL : 0;
}

static int parse_duration_ms(const char *text, int64_t *ret)
{
    static const struct unit units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 } };

    if (str_eq(text, "0")) {
        *ret = 0;
        return 0;
    }
    return parse_units(text, units, ARRAY_LEN(units), true, ret);
}

static int parse_bytes(const char *text, int64_t *ret)
{
    static const struct unit units[] = {
        { "", 1 },           { "k", 1000 },       { "M", 1000000 },     { "G", 1000000000 },
        { "Ki", 1ll << 10 }, { "Mi", 1ll << 20 }, { "Gi", 1ll << 30 }, { "Ti", 1ll << 40 },
    };
    return parse_units(text, units, ARRAY_LEN(units), false, ret);
}

static bool is_choice(const char *choices, const char *text)
{
    AUTO(strv_free) char **all = strv_split(choices, '|');

    for (char **c = all; *c; c++)
        if (str_eq(*c, text))
            return true;
    return false;
}

static int fail_expected(const struct setting *s, const char *text, struct err *err)
{
    if (s->choices)
        return err_set(err, -EINVAL, "expected one of %s, got \"%s\"", s->choices, text);
    if (s->kind == SETTING_INT)
        return err_set(err, -EINVAL, "expected an integer from %lld to %lld, got \"%s\"", (long long)s->min,
                       (long long)s->max, text);
    return err_set(err, -EINVAL, "expected %s, got \"%s\"", kind_names[s->kind], text);
}

static int set_number(const struct setting *s, int64_t *target, const char *text, struct err *err)
{
    int64_t value = 0;
    int r = s->kind == SETTING_INT        ? str_to_i64(text, s->min, s->max, &value)
            : s->kind == SETTING_DURATION ? parse_duration_ms(text, &value)
                                          : parse_bytes(text, &value);

    if (r < 0)
        return fail_expected(s, text, err);
    if (value < s->min || value > s->max)
        return err_set(err, -ERANGE, "\"%s\" is out of range", text);
    *target = value;
    return 0;
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
    default: {
        AUTO(strv_free) char **parts = strv_split(text, ',');
        setting_reset(s, c);
        for (char **p = parts; *p; p++)
            if (**p && add_part(s, c, *p, err) < 0)
                return -EINVAL;
        return 0;
    }
    }
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
