/* SPDX-License-Identifier: Apache-2.0 */
/* json_type.c - the types of C's own values, look-ups in maps, and the walk over a type's fields.
 */
#include "base/json.h"

#include <string.h>

#include "base/limits.h"

#define PLAIN(stem, c_type, json_shape)                                                            \
    const struct json_type json_##stem##_type = { .name = #stem,                                   \
                                                  .shape = json_shape,                             \
                                                  .size = sizeof(c_type) }

PLAIN(string, const char *, JSON_STRING);
PLAIN(bool, bool, JSON_BOOL);
PLAIN(i32, int32_t, JSON_I32);
PLAIN(i64, int64_t, JSON_I64);
PLAIN(u64, uint64_t, JSON_U64);
PLAIN(opt_bool, struct opt_bool, JSON_OPT_BOOL);
PLAIN(opt_i32, struct opt_i32, JSON_OPT_I32);
PLAIN(opt_i64, struct opt_i64, JSON_OPT_I64);
PLAIN(bytes, struct json_bytes, JSON_BYTES);
PLAIN(raw, struct json_raw, JSON_RAW);

#define MAPPING(stem, c_type, pair, value_type)                                                    \
    const struct json_type json_##stem##_type = {                                                  \
        .name = #stem,                                                                             \
        .shape = JSON_MAPPING,                                                                     \
        .size = sizeof(c_type),                                                                    \
        .elem = (value_type),                                                                      \
        .elem_size = sizeof(pair),                                                                 \
        .value_offset = offsetof(pair, value),                                                     \
    }

static const struct json_type strings_type = { .name = "strings",
                                               .shape = JSON_SEQUENCE,
                                               .size = sizeof(struct json_strings),
                                               .elem = &json_string_type };

MAPPING(map, struct json_map, struct json_pair, &json_string_type);
MAPPING(bytes_map, struct json_bytes_map, struct json_bytes_pair, &json_bytes_type);
MAPPING(multimap, struct json_multimap, struct json_strings_pair, &strings_type);

static const struct json_field *no_fields(size_t *ret_n)
{
    *ret_n = 0;
    return NULL;
}

const struct json_type json_nothing_type = { .name = "json_nothing",
                                             .shape = JSON_RECORD,
                                             .size = sizeof(struct json_nothing),
                                             .fields = no_fields };

/* Maps are small, and one that was built by hand need not be sorted. */
const char *json_map_get(const struct json_map *map, const char *key)
{
    for (size_t i = 0; i < map->len; i++)
        if (strcmp(map->items[i].key, key) == 0)
            return map->items[i].value;
    return NULL;
}

const struct json_bytes *json_bytes_map_get(const struct json_bytes_map *map, const char *key)
{
    for (size_t i = 0; i < map->len; i++)
        if (strcmp(map->items[i].key, key) == 0)
            return &map->items[i].value;
    return NULL;
}

/* ---- walk ---- */

struct walk {
    void (*fn)(void *user, const char *path, const struct json_field *f);
    void *user;
    struct buf path;
    const struct json_type
        *open[LIMIT_JSON_DEPTH]; /* the records above: a type inside itself is not entered */
    unsigned depth;
};

static void walk_record(struct walk *w, const struct json_type *type);

static void walk_below(struct walk *w, const struct json_type *type)
{
    size_t len = w->path.len;

    while (type && (type->shape == JSON_MAPPING || type->shape == JSON_SEQUENCE)) {
        (void)buf_puts(&w->path, type->shape == JSON_MAPPING ? "{}" : "[]");
        type = type->elem;
    }
    if (type && type->shape == JSON_RECORD)
        walk_record(w, type);
    w->path.len = len;
}

static void walk_field(struct walk *w, const struct json_field *f)
{
    size_t len = w->path.len;

    if (f->storage == JSON_INLINE || f->storage == JSON_RARE) {
        walk_record(w, f->type);
        return;
    }
    (void)buf_printf(&w->path, "%s%s%s", len ? "." : "", f->key,
                     f->storage == JSON_LIST || f->storage == JSON_EACH ? "[]" : "");
    w->fn(w->user, buf_str(&w->path), f);
    walk_below(w, f->type);
    w->path.len = len;
    w->path.data[len] = '\0';
}

static void walk_record(struct walk *w, const struct json_type *type)
{
    size_t n;
    const struct json_field *fields = type->fields(&n);

    for (unsigned i = 0; i < w->depth; i++)
        if (w->open[i] == type)
            return;
    if (w->depth == LIMIT_JSON_DEPTH)
        return;
    w->open[w->depth++] = type;
    for (size_t i = 0; i < n; i++)
        walk_field(w, &fields[i]);
    w->depth--;
}

void json_type_walk(const struct json_type *type,
                    void (*fn)(void *user, const char *path, const struct json_field *f),
                    void *user)
{
    struct walk w = { .fn = fn, .user = user, .path = BUF_INIT(LIMIT_PATH_BYTES) };

    walk_below(&w, type);
    buf_done(&w.path);
}
