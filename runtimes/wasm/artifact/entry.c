/* SPDX-License-Identifier: Apache-2.0 */
#include "entry.h"

#include <string.h>

#include "base/str.h"

static enum entry_name name_of(const char *path)
{
    if (str_has_suffix(path, ".wasm"))
        return ENTRY_WASM;
    return str_has_suffix(path, ".wat") ? ENTRY_WAT : ENTRY_PLAIN;
}

bool entry_of(const struct rt_strings *args, struct arena *arena, struct entry *ret)
{
    const char *arg = args->len ? str_or(args->items[0], "") : "";
    size_t len = strcspn(arg, "#");
    const char *slash = arg[0] == '/' || len == 0 ? "" : "/"; /* taken from the root: the only directory known here */
    char *path = arena_printf(arena, "%s%.*s", slash, (int)len, arg);
    if (!path)
        return false;
    enum entry_name name = name_of(path);
    *ret = (struct entry){
        .path = path,
        .function = arg[len] && arg[len + 1] ? arena_strdup(arena, arg + len + 1) : NULL,
        .name = name,
        .bare = name == ENTRY_PLAIN && !memchr(arg, '/', len),
    };
    return !(arg[len] && arg[len + 1]) || ret->function;
}
