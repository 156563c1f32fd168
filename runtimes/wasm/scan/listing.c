/* SPDX-License-Identifier: Apache-2.0 */
#include "listing.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void say(struct listing *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct listing *l, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(l->text + l->len, sizeof(l->text) - l->len, fmt, ap);
    va_end(ap);
    if (n > 0)
        l->len += (size_t)n;
    if (l->len >= sizeof(l->text))
        l->len = sizeof(l->text) - 1;
}

void listing_add(struct listing *l, const char *name, const char *note)
{
    if (l->shown == LISTING_SHOWN) {
        l->more++;
        return;
    }
    say(l, "%s%.*s%s", l->shown++ ? ", " : "", LISTING_NAME_BYTES, name, strlen(name) > LISTING_NAME_BYTES ? "…" : "");
    if (note)
        say(l, " (%s)", note);
}

const char *listing_text(struct listing *l)
{
    if (l->shown == 0)
        return "nothing";
    if (l->more)
        say(l, " and %zu more", l->more);
    l->more = 0;
    return l->text;
}

static const char *note_of(enum wasm_sort sort)
{
    static const char *const notes[WASM_SORT_NR] = {
        [WASM_SORT_TABLE] = "a table", [WASM_SORT_MEMORY] = "a memory",       [WASM_SORT_GLOBAL] = "a global",
        [WASM_SORT_TAG] = "a tag",     [WASM_SORT_MODULE] = "a module",       [WASM_SORT_VALUE] = "a value",
        [WASM_SORT_TYPE] = "a type",   [WASM_SORT_COMPONENT] = "a component",
    };
    return sort < WASM_SORT_NR ? notes[sort] : NULL;
}

void listing_add_names(struct listing *l, const struct wasm_names *names)
{
    for (size_t i = 0; i < names->len; i++)
        listing_add(l, names->items[i].name, note_of(names->items[i].sort));
}
