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

static const struct json_field *find_in(struct frame *f, const struct json_type *type, char *base,
                                        const char *key, size_t len);

/* A field of the record that stands inline in another, whose struct is at base. */
static const struct json_field *find_inline(struct frame *f, const struct json_field *field,
                                            char *base, const char *key, size_t len)
{
    const struct json_field *found;
    struct rare rare;

    if (field->storage == JSON_INLINE)
        return find_in(f, field->type, base + field->offset, key, len);
    rare = (struct rare){ .member = (void **)(void *)(base + field->offset), .type = field->type };
    found = find_in(f, field->type, NULL, key, len);
    if (found)
        f->rare = rare;
    return found;
}

static const struct json_field *find_in(struct frame *f, const struct json_type *type, char *base,
                                        const char *key, size_t len)
{
    size_t n;
    const struct json_field *fields = type->fields(&n), *found;

    for (size_t i = 0; i < n; i++) {
        if (fields[i].storage == JSON_INLINE || fields[i].storage == JSON_RARE) {
            found = base ? find_inline(f, &fields[i], base, key, len)
                         : NULL; /* none inside a rare one */
            if (found)
                return found;
        } else if (key_is(&fields[i], key, len)) {
            f->field_base = base;
            return &fields[i];
        }
    }
    return NULL;
}

const struct json_field *decoder_find(struct frame *f, const char *key, size_t len)
{
    f->field_base = f->base;
    f->rare.member = NULL;
    for (size_t n = 0, i = f->next; n < f->n_fields; n++, i++) {
        const struct json_field *field;

        if (i >= f->n_fields)
            i = 0;
        field = &f->fields[i];
        if (field->storage == JSON_INLINE || field->storage == JSON_RARE) {
            field = find_inline(f, field, f->base, key, len);
            if (field)
                return field;
        } else if (key_is(field, key, len)) {
            f->next = i + 1;
            f->seen |= i < 64 ? UINT64_C(1) << i : 0;
            return field;
        }
    }
    return NULL;
}
