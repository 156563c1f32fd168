/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - JSON to and from C structs, by tables.
 *
 * A type is declared once, as a list of its fields; the struct, the decoder, the encoder and the
 * list of supported fields come from it, so they cannot differ:
 *
 *   #define SHOP_PORT_FIELDS(F)                                       \
 *       F(value, int32_t, container_port, "containerPort", JSON_ALWAYS)  \
 *       F(value, const char *, protocol, "protocol", 0)
 *   JSON_STRUCT(shop_port, SHOP_PORT_FIELDS);        header: struct shop_port, shop_port_type
 *   JSON_TYPE(shop_port, SHOP_PORT_FIELDS);          one source file: the table
 *
 * A row is F(category, type, member, "jsonName", flags):
 *
 *   value     T         T member                      absent: NULL, 0, false, !has, len 0
 *   values    T         struct { T const *items; size_t len; }
 *   object    stem      const struct stem *member     absent: NULL
 *   embed     stem      struct stem member            absent: all zero
 *   objects   stem      struct { const struct stem *items; size_t len; }
 *   dict      stem      struct { const struct stem_entry *items; size_t len; }, see JSON_DICT
 *   inline    stem      struct stem member; its fields stand among ours in the JSON text
 *   rare      stem      const struct stem *member; likewise, and NULL when it has none of them
 *   any       json_any  const void *member; its type is chosen while decoding (opts.choose)
 *   each      json_each no member; the elements go to a callback one by one (opts.each)
 *   ignored   json_any  no member; known, and skipped on purpose
 *
 * The C type of a value decides how it is read and written (_Generic): const char *, bool, int32_t,
 * int64_t, uint64_t, struct opt_bool, opt_i32, opt_i64, json_map, json_multimap, json_bytes,
 * json_bytes_map, json_raw. Any other does not compile. A stem is a record declared with
 * JSON_STRUCT, or a type of its own text form (struct json_scalar).
 *
 * Rules of decoding. A decoded object is immutable; everything in it lies in the arena and nothing
 * points into the input. null counts as absent (inside lists and maps: as the zero value, a string
 * as ""). Integers are exact: a fraction, an exponent or an overflow is an error. A repeated key:
 * the last one wins. Maps come out sorted by key. Unknown fields are skipped and not stored; their
 * paths can be collected. Text must be UTF-8; a NUL character inside a string, which a C string
 * cannot carry, becomes U+FFFD and its path is collected with the unknown ones. Errors name the
 * place: "spec.containers[2].ports[0].containerPort: expected integer, got string".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* ---- what members are made of ---- */

struct opt_bool {
    bool has;
    bool value;
};
struct opt_i32 {
    bool has;
    int32_t value;
};
struct opt_i64 {
    bool has;
    int64_t value;
};

/* Decoded: sorted by key, each key once. */
struct json_pair {
    const char *key;
    const char *value;
};
struct json_map {
    const struct json_pair *items;
    size_t len;
};
const char *json_map_get(const struct json_map *map, const char *key); /* NULL: absent */

struct json_bytes { /* base64 on the wire */
    const unsigned char *data;
    size_t len;
};
struct json_bytes_pair {
    const char *key;
    struct json_bytes value;
};
struct json_bytes_map {
    const struct json_bytes_pair *items;
    size_t len;
};
const struct json_bytes *json_bytes_map_get(const struct json_bytes_map *map, const char *key);

struct json_strings {
    const char *const *items;
    size_t len;
};
struct json_strings_pair {
    const char *key;
    struct json_strings value;
};
struct json_multimap { /* a map from strings to lists of strings */
    const struct json_strings_pair *items;
    size_t len;
};

/* Any JSON value as compact text, NUL-terminated; numbers keep their digits. NULL: absent. */
struct json_raw {
    const char *text;
    size_t len;
};

/* ---- tables ---- */

enum json_shape {
    JSON_RECORD,
    JSON_MAPPING, /* entries of elem_size bytes: the key first, the value at value_offset */
    JSON_SEQUENCE,
    JSON_SCALAR,
    JSON_STRING,
    JSON_BOOL,
    JSON_I32,
    JSON_I64,
    JSON_U64,
    JSON_OPT_BOOL,
    JSON_OPT_I32,
    JSON_OPT_I64,
    JSON_BYTES,
    JSON_RAW,
};

/* How a field's member holds its type. */
enum json_storage {
    JSON_IN_PLACE,
    JSON_POINTER,
    JSON_LIST,
    JSON_INLINE,
    JSON_RARE,
    JSON_ANY,
    JSON_EACH,
    JSON_IGNORED,
};

enum {
    JSON_ALWAYS = 1,   /* encoded also when empty */
    JSON_REQUIRED = 2, /* decoding fails without it */
};

struct json_type;

struct json_field {
    const char *key;
    const struct json_type *type; /* of the value, or of the list's elements */
    uint32_t offset;
    uint16_t key_len;
    uint8_t storage;
    uint8_t flags;
};

enum json_token_kind { JSON_TOKEN_STRING, JSON_TOKEN_NUMBER, JSON_TOKEN_BOOL };
struct json_token {
    enum json_token_kind kind;
    const char *text; /* not NUL-terminated; "true" or "false" for a bool */
    size_t len;
};
struct json_writer;

/* A type with a text form of its own (a quantity, a time). */
struct json_scalar {
    const char *expected; /* for messages: "expected quantity, got bool" */
    /* dest is zeroed, of the type's size. 0; -EINVAL with err->msg a reason without a place, or no
     * message for a token of a wrong kind; -E2BIG when the arena is full. */
    int (*decode)(const struct json_token *token, struct arena *arena, void *dest, struct err *err);
    void (*encode)(const void *value, struct json_writer *w);
    bool (*empty)(const void *value);
    bool has_string; /* the C type has one const char * member, at string_offset, for json_copy() */
    size_t string_offset;
};

struct json_type {
    const char *name; /* the stem */
    enum json_shape shape;
    uint32_t size;                                     /* of the C type */
    const struct json_field *(*fields)(size_t *ret_n); /* JSON_RECORD */
    const struct json_scalar *scalar;                  /* JSON_SCALAR */
    const struct json_type *elem;     /* JSON_MAPPING: of a value, JSON_SEQUENCE: of an element */
    uint32_t elem_size, value_offset; /* JSON_MAPPING, JSON_SEQUENCE */
};

extern const struct json_type json_string_type, json_bool_type, json_i32_type, json_i64_type,
    json_u64_type, json_opt_bool_type, json_opt_i32_type, json_opt_i64_type, json_map_type,
    json_multimap_type, json_bytes_type, json_bytes_map_type, json_raw_type;

/* {} or anything: for dicts whose values say nothing ({"80/tcp": {}}). */
struct json_nothing {
    char nothing;
};
extern const struct json_type json_nothing_type;

/* ---- decoding ---- */

struct json_paths {
    const char *const *items; /* in the decoding arena */
    size_t len;
    size_t more; /* how many were dropped beyond LIMIT_JSON_UNKNOWN_PATHS */
};

struct json_decode_opts {
    size_t max_bytes; /* 0: LIMIT_JSON_BYTES */

    /* Unknown fields at or below this path are collected. NULL: none are, "": all. */
    const char *unknown_below;
    struct json_paths *ret_unknown;

    /* For a field of category any: which type has its value? record: borrowed, the fields decoded
     * so far. NULL: error. */
    const struct json_type *(*choose)(void *user, const void *record, struct err *err);

    /* For a field of category each: elements are of each_type, and each gets an arena of its own of
     * at most each_max_bytes. each takes the arena, also on failure; a negative answer ends the
     * decoding with that. */
    const struct json_type *each_type;
    size_t each_max_bytes; /* 0: LIMIT_JSON_ARENA_BYTES */
    int (*each)(void *user, struct arena *arena, void *element, const struct json_paths *unknown,
                struct err *err);

    void *user; /* for choose and each */
};

/*
 * json_decode() - one JSON value, complete in data.
 *
 * opts:       NULL: the defaults
 * arena:      borrowed; everything the result points to is taken from it
 * ret_struct: of the type's size; need not be initialised; written on success only
 *
 * Returns 0; -EINVAL (not JSON, or not of this type); -E2BIG beyond a limit.
 */
int json_decode(const struct json_type *type, const char *data, size_t len,
                const struct json_decode_opts *opts, struct arena *arena, void *ret_struct,
                struct err *err);

/* The same by pieces, as they come from a socket. arena and opts are borrowed until finish or free.
 * After a failure feed and finish return the same failure. */
struct json_decoder;
struct json_decoder *json_decoder_new(const struct json_type *type,
                                      const struct json_decode_opts *opts, struct arena *arena);
int json_decoder_feed(struct json_decoder *d, const char *data, size_t len, struct err *err);
int json_decoder_finish(struct json_decoder *d, void *ret_struct, struct err *err);
struct json_decoder *json_decoder_free(struct json_decoder *d); /* NULL */
DEFINE_CLEANUP(struct json_decoder *, json_decoder_free)

/* Appends obj to out as compact JSON. Empty values are left out, but those of JSON_ALWAYS fields.
 * -E2BIG: out is full. Bytes that are not UTF-8 are written as U+FFFD. */
int json_encode(const struct json_type *type, const void *obj, struct buf *out);
/* The same as the next value of a writer. */
void json_encode_value(const struct json_type *type, const void *obj, struct json_writer *w);

/* ---- copying ---- */

/*
 * json_copy() - a deep copy in a single piece of memory of exactly the size it needs, equal strings
 * kept once.
 *
 * head_bytes: room, zeroed, in front of the copy for a header of the caller's, who finds it at
 *             (char *)*ret_copy - head_bytes; a multiple of 16, or 0
 * ret_copy:   in arena, of the type's size. Members of category any are NULL in it.
 *
 * Returns 0; -E2BIG when the arena is full.
 */
int json_copy(const struct json_type *type, const void *obj, size_t head_bytes, struct arena *arena,
              void **ret_copy);

/* ---- looking at tables ---- */

/* Calls fn with the path of every field of a type and of the types below it
 * ("spec.containers[].name"), each record type once on a path. For documentation, dictionaries and
 * tests. */
void json_type_walk(const struct json_type *type,
                    void (*fn)(void *user, const char *path, const struct json_field *f),
                    void *user);

/* ---- the macros behind the tables ---- */

#define JSON_STRUCT(stem, FIELDS)                                                                  \
    struct stem {                                                                                  \
        FIELDS(JSON_MEMBER_)                                                                       \
    };                                                                                             \
    extern const struct json_type stem##_type

/* The table of a record; in one source file. */
#define JSON_TYPE(stem, FIELDS)                                                                    \
    static const struct json_field *stem##_fields(size_t *ret_n)                                   \
    {                                                                                              \
        typedef struct stem json_self;                                                             \
        static const struct json_field fields[] = { FIELDS(JSON_FIELD_) };                         \
        *ret_n = sizeof(fields) / sizeof(fields[0]);                                               \
        return fields;                                                                             \
    }                                                                                              \
    const struct json_type stem##_type = {                                                         \
        .name = #stem, .shape = JSON_RECORD, .size = sizeof(struct stem), .fields = stem##_fields  \
    }

/* A map from strings to records: struct stem_entry { const char *key; struct stem value; }. Use
 * after JSON_STRUCT. */
#define JSON_DICT(stem)                                                                            \
    struct stem##_entry {                                                                          \
        const char *key;                                                                           \
        struct stem value;                                                                         \
    };                                                                                             \
    extern const struct json_type stem##_dict_type
#define JSON_DICT_TYPE(stem)                                                                       \
    const struct json_type stem##_dict_type = {                                                    \
        .name = #stem "_dict",                                                                     \
        .shape = JSON_MAPPING,                                                                     \
        .size = 2 * sizeof(size_t),                                                                \
        .elem = &stem##_type,                                                                      \
        .elem_size = sizeof(struct stem##_entry),                                                  \
        .value_offset = offsetof(struct stem##_entry, value),                                      \
    }

#define JSON_MEMBER_(category, type, member, key, flags) JSON_MEMBER_##category(type, member)
#define JSON_MEMBER_value(type, member)                  type member;
#define JSON_MEMBER_values(type, member)                                                           \
    struct {                                                                                       \
        type const *items;                                                                         \
        size_t len;                                                                                \
    } member;
#define JSON_MEMBER_object(stem, member) const struct stem *member;
#define JSON_MEMBER_embed(stem, member)  struct stem member;
#define JSON_MEMBER_objects(stem, member)                                                          \
    struct {                                                                                       \
        const struct stem *items;                                                                  \
        size_t len;                                                                                \
    } member;
#define JSON_MEMBER_dict(stem, member)                                                             \
    struct {                                                                                       \
        const struct stem##_entry *items;                                                          \
        size_t len;                                                                                \
    } member;
#define JSON_MEMBER_inline(stem, member) struct stem member;
#define JSON_MEMBER_rare(stem, member)   const struct stem *member;
#define JSON_MEMBER_any(stem, member)    const void *member;
#define JSON_MEMBER_each(stem, member)
#define JSON_MEMBER_ignored(stem, member)

#define JSON_FIELD_(category, type, member, key, flags)                                            \
    JSON_FIELD_##category(type, member, key, flags)
#define JSON_FIELD_AT_(json_key, json_type_, where, how, json_flags)                               \
    { .key = (json_key),                                                                           \
      .type = (json_type_),                                                                        \
      .offset = (where),                                                                           \
      .key_len = sizeof(json_key) - 1,                                                             \
      .storage = (how),                                                                            \
      .flags = (json_flags) },
#define JSON_FIELD_value(c_type, member, key, flags)                                               \
    JSON_FIELD_AT_(key, JSON_TYPE_OF_(((json_self *)0)->member), offsetof(json_self, member),      \
                   JSON_IN_PLACE, flags)
#define JSON_FIELD_values(c_type, member, key, flags)                                              \
    JSON_FIELD_AT_(key, JSON_TYPE_OF_(*((json_self *)0)->member.items),                            \
                   offsetof(json_self, member), JSON_LIST, flags)
#define JSON_FIELD_object(stem, member, key, flags)                                                \
    JSON_FIELD_AT_(key, &stem##_type, offsetof(json_self, member), JSON_POINTER, flags)
#define JSON_FIELD_embed(stem, member, key, flags)                                                 \
    JSON_FIELD_AT_(key, &stem##_type, offsetof(json_self, member), JSON_IN_PLACE, flags)
#define JSON_FIELD_objects(stem, member, key, flags)                                               \
    JSON_FIELD_AT_(key, &stem##_type, offsetof(json_self, member), JSON_LIST, flags)
#define JSON_FIELD_dict(stem, member, key, flags)                                                  \
    JSON_FIELD_AT_(key, &stem##_dict_type, offsetof(json_self, member), JSON_IN_PLACE, flags)
#define JSON_FIELD_inline(stem, member, key, flags)                                                \
    JSON_FIELD_AT_(key, &stem##_type, offsetof(json_self, member), JSON_INLINE, flags)
#define JSON_FIELD_rare(stem, member, key, flags)                                                  \
    JSON_FIELD_AT_(key, &stem##_type, offsetof(json_self, member), JSON_RARE, flags)
#define JSON_FIELD_any(stem, member, key, flags)                                                   \
    JSON_FIELD_AT_(key, NULL, offsetof(json_self, member), JSON_ANY, flags)
#define JSON_FIELD_each(stem, member, key, flags) JSON_FIELD_AT_(key, NULL, 0, JSON_EACH, flags)
#define JSON_FIELD_ignored(stem, member, key, flags)                                               \
    JSON_FIELD_AT_(key, NULL, 0, JSON_IGNORED, flags)

#define JSON_TYPE_OF_(lvalue)                                                                      \
    _Generic((lvalue),                                                                            \
        const char *: &json_string_type,                                                          \
        bool: &json_bool_type,                                                                    \
        int32_t: &json_i32_type,                                                                  \
        int64_t: &json_i64_type,                                                                  \
        uint64_t: &json_u64_type,                                                                 \
        struct opt_bool: &json_opt_bool_type,                                                     \
        struct opt_i32: &json_opt_i32_type,                                                       \
        struct opt_i64: &json_opt_i64_type,                                                       \
        struct json_map: &json_map_type,                                                          \
        struct json_multimap: &json_multimap_type,                                                \
        struct json_bytes: &json_bytes_type,                                                      \
        struct json_bytes_map: &json_bytes_map_type,                                              \
        struct json_raw: &json_raw_type)
