/* SPDX-License-Identifier: Apache-2.0 */
/* expand.c - $(NAME) in values, commands and arguments. */
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "environment/environment.h"

/* What stands at text, which begins with '$'; returns how much of it was read. */
static size_t expand_dollar(const struct env *e, const char *text, struct buf *out)
{
    size_t name_len = text[1] == '(' ? strcspn(text + 2, ")") : 0;

    if (text[1] == '$') {
        (void)buf_putc(out, '$');
        return 2;
    }
    if (text[1] != '(' || text[2 + name_len] != ')') {
        (void)buf_putc(out, '$');
        return 1;
    }
    AUTO(free) char *name = xstrndup(text + 2, name_len);
    const char *value = env_get(e, name);
    if (value)
        (void)buf_puts(out, value);
    else
        (void)buf_add(out, text, name_len + 3);
    return name_len + 3;
}

const char *env_expand(const struct env *e, const char *text, struct arena *arena)
{
    AUTO(buf_done) struct buf out = BUF_INIT(LIMIT_ENV_VALUE_BYTES);

    if (!strchr(text, '$'))
        return arena_strdup(arena, text);
    while (*text) {
        size_t plain = strcspn(text, "$");
        (void)buf_add(&out, text, plain);
        text += plain;
        if (*text)
            text += expand_dollar(e, text, &out);
    }
    return buf_failed(&out) ? NULL : arena_strndup(arena, buf_str(&out), out.len);
}
