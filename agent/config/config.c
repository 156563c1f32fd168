/* SPDX-License-Identifier: Apache-2.0 */
/* config.c - defaults, files and command line, in that order. */
#include "setting.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

const struct setting *setting_by_flag(const char *flag, size_t len)
{
    for (size_t i = 0; i < settings_len; i++)
        if (settings[i].flag && strlen(settings[i].flag) == len && !strncmp(settings[i].flag, flag, len))
            return &settings[i];
    return NULL;
}

void config_init(struct config *c)
{
    *c = (struct config){ 0 };
    for (size_t i = 0; i < settings_len; i++)
        if (settings[i].fallback) {
            struct err err = ERR_INIT;
            int r = setting_set(&settings[i], c, settings[i].fallback, &err);
            assert(r == 0); /* the table's own defaults: a unit test goes over all of them */
            (void)r;
        }
}

void config_done(struct config *c)
{
    for (size_t i = 0; i < settings_len; i++)
        setting_reset(&settings[i], c);
}

static int read_config_file(struct config *c, const char *path, const struct config_warn *warn, struct err *err)
{
    struct buf text;
    buf_init(&text, LIMIT_CONFIG_BYTES);
    int r = file_read(AT_FDCWD, path, &text, err);

    if (r < 0)
        r = err_wrap(err, "--config");
    else
        r = config_parse_documents(c, path, buf_str(&text), text.len, warn, err);
    buf_done(&text);
    return r;
}

/* Sets what each flag says; with only set, that one alone. A list that is given twice is the sum of both. */
static int each_flag(struct config *c, int argc, char *const *argv, const char *only, struct err *err)
{
    AUTO(free) bool *given = xcalloc(settings_len, sizeof(*given));

    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        if (!str_has_prefix(arg, "--"))
            return err_set(err, -EINVAL, "unexpected argument \"%s\": flags begin with --", arg);
        size_t len = strcspn(arg + 2, "=");
        const struct setting *s = setting_by_flag(arg + 2, len);
        if (!s)
            return err_set(err, -EINVAL, "unknown flag --%.*s", (int)len, arg + 2);

        const char *value = arg[2 + len] == '=' ? arg + 3 + len : NULL;
        if (!value && s->kind == SETTING_BOOL)
            value = "true";
        if (!value && i + 1 < argc)
            value = argv[++i];
        if (!value)
            return err_set(err, -EINVAL, "--%s: expected %s, got nothing", s->flag, setting_kind_name(s->kind));
        if (only && !str_eq(only, s->flag))
            continue;
        bool *again = &given[s - settings];
        if ((*again ? setting_append : setting_set)(s, c, value, err) < 0)
            return err_wrap(err, "--%s", s->flag);
        *again = true;
    }
    return 0;
}

bool config_flag_takes_value(const char *arg)
{
    const struct setting *s = setting_by_flag(arg + 2, strlen(arg + 2));

    return !s || s->kind != SETTING_BOOL;
}

int config_parse(struct config *c, int argc, char *const *argv, const struct config_warn *warn, struct err *err)
{
    int r = each_flag(c, argc, argv, "config", err);

    if (r == 0 && !str_empty(c->config_file))
        r = read_config_file(c, c->config_file, warn, err);
    if (r == 0)
        r = each_flag(c, argc, argv, NULL, err);
    return r == 0 ? config_validate(c, err) : r;
}
