/* SPDX-License-Identifier: Apache-2.0 */
#include "identity.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

void identity_done(struct auth_identity *i)
{
    free(i->user);
    free(i->uid);
    strv_free(i->groups);
    arena_unref(i->arena);
    *i = (struct auth_identity){ 0 };
}

void identity_copy(struct auth_identity *dst, const struct auth_identity *src)
{
    identity_done(dst);
    *dst = (struct auth_identity){ .user = xstrdup(src->user), .uid = xstrdup(src->uid),
                                   .groups = strv_copy((const char *const *)src->groups), .extra = src->extra,
                                   .arena = src->arena ? arena_ref(src->arena) : NULL };
}

static bool copy_pair(struct arena *a, const struct json_strings_pair *from, struct json_strings_pair *to)
{
    const char **values = arena_alloc(a, (from->value.len + 1) * sizeof(*values));

    to->key = arena_strdup(a, str_or(from->key, ""));
    to->value = (struct json_strings){ values, from->value.len };
    if (!values || !to->key)
        return false;
    for (size_t i = 0; i < from->value.len; i++) {
        values[i] = arena_strdup(a, str_or(from->value.items[i], ""));
        if (!values[i])
            return false;
    }
    return true;
}

static bool copy_extra(const struct json_multimap *from, struct auth_identity *to)
{
    AUTO(arena_unref) struct arena *a = arena_new(LIMIT_AUTH_EXTRA_BYTES);
    struct json_strings_pair *pairs = arena_alloc(a, from->len * sizeof(*pairs));

    for (size_t i = 0; i < from->len; i++)
        if (!pairs || !copy_pair(a, &from->items[i], &pairs[i]))
            return false;
    to->extra = (struct json_multimap){ pairs, from->len };
    to->arena = TAKE_PTR(a);
    return true;
}

bool identity_take(const struct server_identity *told, struct auth_identity *ret)
{
    AUTO(identity_done) struct auth_identity i = { .user = NULL };

    if (told->extra.len && !copy_extra(&told->extra, &i))
        return false;
    i.user = xstrdup(told->user);
    i.uid = xstrdup(told->uid);
    i.groups = strv_new();
    for (size_t g = 0; g < told->groups_len; g++)
        strv_push(&i.groups, told->groups[g]);
    identity_done(ret);
    *ret = TAKE(i, ((struct auth_identity){ .user = NULL }));
    return true;
}

struct server_identity identity_told(const struct auth_identity *i)
{
    return (struct server_identity){ .user = i->user, .uid = i->uid, .groups = (const char *const *)i->groups,
                                     .groups_len = strv_len(i->groups), .extra = i->extra };
}
