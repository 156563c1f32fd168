/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_find.c - which field has this key?
 *
 * The search begins where the last one ended: API servers write fields in the order of the
 * declaration, so it is a single comparison, and any other order is still right. Fields of records
 * that stand inline in another are looked for in passing.
 */
#include <string.h>

#include "json_decoder.h"

static bool key_is(const struct json_field *f, const char *key, size_t len)
{
    return f->key_len == len && f->key[0] == key[0] &&
           memcmp(f->key, key, len) == 0; /* f->key ends in a NUL */
}

/* A record of category rare comes into being with its first field. NULL: arena full, failure set.
 */
static char *rare_record(struct json_decoder *d, const struct json_field *f, char *base)
{
    void **member = (void **)(void *)(base + f->offset);

    if (!*member)
        *member = arena_alloc(d->arena, f->type->size);
    if (!*member)
        (void)decoder_full(d);
    return (char *)*member;
}

static const struct json_field *find_in(struct json_decoder *d, const struct json_type *type,
                                        const char *key, size_t len, char **base);

/* A field of the record that stands inline in another, at *base. */
static const struct json_field *find_inline(struct json_decoder *d, const struct json_field *f,
                                            const char *key, size_t len, char **base)
{
    const struct json_field *found;
    char *inner;

    if (f->storage == JSON_INLINE) {
        inner = *base + f->offset;
        found = find_in(d, f->type, key, len, &inner);
    } else {
        size_t n, i = 0;
        const struct json_field *fields = f->type->fields(&n);

        while (i < n && !key_is(&fields[i], key, len))
            i++;
        found = i < n ? &fields[i] : NULL;
        inner = found ? rare_record(d, f, *base) : NULL;
    }
    if (found)
        *base = inner;
    return found;
}

static const struct json_field *find_in(struct json_decoder *d, const struct json_type *type,
                                        const char *key, size_t len, char **base)
{
    size_t n;
    const struct json_field *fields = type->fields(&n), *found;

    for (size_t i = 0; i < n; i++) {
        if (key_is(&fields[i], key, len))
            return &fields[i];
        if (fields[i].storage != JSON_INLINE && fields[i].storage != JSON_RARE)
            continue;
        found = find_inline(d, &fields[i], key, len, base);
        if (found)
            return found;
    }
    return NULL;
}

const struct json_field *decoder_find(struct json_decoder *d, struct frame *f, const char *key,
                                      size_t len)
{
    f->field_base = f->base;
    for (size_t n = 0, i = f->next; n < f->n_fields; n++, i++) {
        const struct json_field *field;

        if (i >= f->n_fields)
            i = 0;
        field = &f->fields[i];
        if (field->storage == JSON_INLINE || field->storage == JSON_RARE) {
            field = find_inline(d, field, key, len, &f->field_base);
            if (field)
                return field;
            continue;
        }
        if (key_is(field, key, len)) {
            f->next = i + 1;
            f->seen |= i < 64 ? UINT64_C(1) << i : 0;
            return field;
        }
    }
    return NULL;
}
