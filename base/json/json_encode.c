/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_encode.c - structs to text, by the same tables. What is empty is left out, as Go's
 * "omitempty" does, and also an embedded record in which everything is empty; JSON_ALWAYS fields
 * are written as Go writes their empty value.
 */
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"

struct header { /* of every list and map */
    const char *items;
    size_t len;
};

static bool record_empty(const struct json_type *type, const char *base);

static bool value_empty(const struct json_type *type, const void *value)
{
    switch (type->shape) {
    case JSON_RECORD:
        return record_empty(type, (const char *)value);
    case JSON_MAPPING:
    case JSON_SEQUENCE:
        return ((const struct header *)value)->len == 0;
    case JSON_SCALAR:
        return type->scalar->empty(value);
    case JSON_STRING:
        return !*(const char *const *)value;
    case JSON_BOOL:
        return !*(const bool *)value;
    case JSON_I32:
        return *(const int32_t *)value == 0;
    case JSON_I64:
    case JSON_U64:
        return *(const int64_t *)value == 0;
    case JSON_OPT_BOOL:
        return !((const struct opt_bool *)value)->has;
    case JSON_OPT_I32:
        return !((const struct opt_i32 *)value)->has;
    case JSON_OPT_I64:
        return !((const struct opt_i64 *)value)->has;
    case JSON_BYTES:
        return !((const struct json_bytes *)value)->data;
    case JSON_RAW:
        return !((const struct json_raw *)value)->text;
    }
    return true;
}

static bool field_empty(const struct json_field *f, const char *base)
{
    const void *member = base + f->offset;

    switch ((enum json_storage)f->storage) {
    case JSON_IN_PLACE:
    case JSON_INLINE:
        return value_empty(f->type, member);
    case JSON_POINTER:
    case JSON_RARE:
        return !*(const void *const *)member;
    case JSON_LIST:
        return ((const struct header *)member)->len == 0;
    case JSON_ANY: /* its type is not known here */
    case JSON_EACH:
    case JSON_IGNORED:
        return true;
    }
    return true;
}

static bool record_empty(const struct json_type *type, const char *base)
{
    size_t n;
    const struct json_field *fields = type->fields(&n);

    for (size_t i = 0; i < n; i++)
        if (!field_empty(&fields[i], base))
            return false;
    return true;
}

static void encode_list(const struct json_type *elem, const struct header *list,
                        struct json_writer *w)
{
    json_write_array(w);
    for (size_t i = 0; i < list->len; i++)
        json_encode_value(elem, list->items + i * elem->size, w);
    json_write_end(w);
}

static void encode_map(const struct json_type *type, const struct header *map,
                       struct json_writer *w)
{
    json_write_object(w);
    for (size_t i = 0; i < map->len; i++) {
        const char *entry = map->items + i * type->elem_size;

        json_write_key(w, *(const char *const *)(const void *)entry);
        json_encode_value(type->elem, entry + type->value_offset, w);
    }
    json_write_end(w);
}

static void encode_fields(const struct json_type *type, const char *base, struct json_writer *w);

static void encode_field(const struct json_field *f, const char *base, struct json_writer *w)
{
    const void *member = base + f->offset;

    if (f->storage == JSON_INLINE) {
        encode_fields(f->type, (const char *)member, w);
        return;
    }
    if (f->storage == JSON_RARE) {
        if (*(const void *const *)member)
            encode_fields(f->type, *(const char *const *)member, w);
        return;
    }
    if (!f->type || (!(f->flags & JSON_ALWAYS) && field_empty(f, base)))
        return;
    json_write_key_n(w, f->key, f->key_len);
    if (f->storage == JSON_LIST)
        encode_list(f->type, (const struct header *)member, w);
    else if (f->storage == JSON_IN_PLACE)
        json_encode_value(f->type, member, w);
    else if (*(const void *const *)member)
        json_encode_value(f->type, *(const void *const *)member, w);
    else
        json_write_null(w);
}

static void encode_fields(const struct json_type *type, const char *base, struct json_writer *w)
{
    size_t n;
    const struct json_field *fields = type->fields(&n);

    for (size_t i = 0; i < n; i++)
        encode_field(&fields[i], base, w);
}

/* Values that tell themselves whether they are there: null when they are not. */
static void encode_optional(const struct json_type *type, const void *obj, struct json_writer *w)
{
    const struct json_bytes *bytes = (const struct json_bytes *)obj;
    const struct json_raw *raw = (const struct json_raw *)obj;

    if (value_empty(type, obj))
        json_write_null(w);
    else if (type->shape == JSON_SCALAR)
        type->scalar->encode(obj, w);
    else if (type->shape == JSON_OPT_BOOL)
        json_write_bool(w, ((const struct opt_bool *)obj)->value);
    else if (type->shape == JSON_OPT_I32)
        json_write_int(w, ((const struct opt_i32 *)obj)->value);
    else if (type->shape == JSON_OPT_I64)
        json_write_int(w, ((const struct opt_i64 *)obj)->value);
    else if (type->shape == JSON_BYTES)
        json_write_base64(w, bytes->data, bytes->len);
    else
        json_write_raw(w, raw->text, raw->len);
}

void json_encode_value(const struct json_type *type, const void *obj, struct json_writer *w)
{
    const char *s;

    switch (type->shape) {
    case JSON_RECORD:
        json_write_object(w);
        encode_fields(type, (const char *)obj, w);
        json_write_end(w);
        break;
    case JSON_MAPPING:
        encode_map(type, (const struct header *)obj, w);
        break;
    case JSON_SEQUENCE:
        encode_list(type->elem, (const struct header *)obj, w);
        break;
    case JSON_STRING:
        s = *(const char *const *)obj;
        json_write_string(w, s ? s : "");
        break;
    case JSON_BOOL:
        json_write_bool(w, *(const bool *)obj);
        break;
    case JSON_I32:
        json_write_int(w, *(const int32_t *)obj);
        break;
    case JSON_I64:
        json_write_int(w, *(const int64_t *)obj);
        break;
    case JSON_U64:
        json_write_uint(w, *(const uint64_t *)obj);
        break;
    default:
        encode_optional(type, obj, w);
    }
}

int json_encode(const struct json_type *type, const void *obj, struct buf *out)
{
    struct json_writer w = JSON_WRITER(out);

    json_encode_value(type, obj, &w);
    return buf_failed(out) ? -E2BIG : 0;
}
