/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar is ambiguous only on the surface: after a comma comes either another parameter (a
 * token and "=") or another challenge (a token, then a space or the end).
 */
#include "challenge.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

struct cursor {
    const char *s;
};

static void skip(struct cursor *c, const char *set)
{
    c->s += strspn(c->s, set);
}

static size_t token(struct cursor *c, const char **ret)
{
    *ret = c->s;
    size_t len = strcspn(c->s, " \t,=\"");
    c->s += len;
    return len;
}

/* token or "quoted \" string"; cut values count as absent. */
static void value(struct cursor *c, char *dst, size_t dst_bytes)
{
    size_t n = 0;
    bool quoted = *c->s == '"';
    if (quoted)
        c->s++;
    while (*c->s && (quoted ? *c->s != '"' : !strchr(" \t,", *c->s))) {
        if (quoted && *c->s == '\\' && c->s[1])
            c->s++;
        if (n + 1 < dst_bytes)
            dst[n] = *c->s;
        n++;
        c->s++;
    }
    if (quoted && *c->s == '"')
        c->s++;
    if (dst_bytes)
        dst[n < dst_bytes ? n : 0] = '\0';
}

static void parameter(struct challenge *ch, struct cursor *c, const char *name, size_t len)
{
    struct {
        const char *name;
        char *dst;
        size_t bytes;
    } known[] = {
        { "realm", ch->realm, sizeof(ch->realm) },
        { "service", ch->service, sizeof(ch->service) },
        { "scope", ch->scope, sizeof(ch->scope) },
        { "error", ch->error, sizeof(ch->error) },
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strlen(known[i].name) == len && strncasecmp(known[i].name, name, len) == 0) {
            value(c, known[i].dst, known[i].bytes);
            return;
        }
    value(c, NULL, 0);
}

static enum challenge_kind kind_of(const char *name, size_t len)
{
    if (len == 6 && strncasecmp(name, "bearer", 6) == 0)
        return CHALLENGE_BEARER;
    return len == 5 && strncasecmp(name, "basic", 5) == 0 ? CHALLENGE_BASIC : CHALLENGE_NONE;
}

static void keep_better(struct challenge *best, const struct challenge *ch)
{
    bool usable = ch->kind != CHALLENGE_BEARER || ch->realm[0];
    if (usable && ch->kind > best->kind)
        *best = *ch;
}

void challenge_parse(const char *header, struct challenge *ret)
{
    struct challenge now = { .kind = CHALLENGE_NONE }, best = { .kind = CHALLENGE_NONE };
    struct cursor c = { header ? header : "" };
    for (;;) {
        const char *name;
        skip(&c, " \t,");
        size_t len = token(&c, &name);
        if (len == 0 && *c.s == '\0')
            break;
        struct cursor after = c;
        skip(&after, " \t");
        if (*after.s == '=') {
            after.s++;
            skip(&after, " \t");
            c = after;
            parameter(&now, &c, name, len);
        } else if (len == 0) {
            c.s++; /* a stray quote */
        } else {
            keep_better(&best, &now);
            now = (struct challenge){ .kind = kind_of(name, len) };
        }
    }
    keep_better(&best, &now);
    *ret = best;
}
