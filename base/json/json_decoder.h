/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_decoder.h - private: between the parser (json_parse.c, which alone knows yajl) and the
 * decoder.
 *
 * The parser turns text into the events below; the decoder keeps a stack of frames, one for each
 * JSON object or list that is open and wanted, and writes values straight into the structs of the
 * tables. Each event returns 0 or a negative errno, which stays in decoder->status.
 */
#pragma once

#include "base/json.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "json_scratch.h"

enum frame_kind { FRAME_ROOT, FRAME_RECORD, FRAME_LIST, FRAME_MAP, FRAME_EACH };

/* Where a record of category rare goes, if a value comes for it. */
struct rare {
    void **member; /* NULL: none */
    const struct json_type *type;
};

struct frame {
    enum frame_kind kind;
    bool note_root;               /* paths of unknown fields begin below this one */
    bool sorted;                  /* map: keys came in strictly ascending order so far */
    const struct json_type *type; /* record: its own; list: of the elements; map: the mapping */
    char *base; /* record: the struct; list and map: the header {items, len} to fill */
    /* record */
    const struct json_field *fields;
    size_t n_fields;
    size_t next;   /* where the search for a key starts: keys come in the order of the table */
    uint64_t seen; /* bit i: fields[i] had a value */
    const struct json_field *field; /* of the current key; NULL: unknown or none */
    char *field_base; /* the struct that holds field: differs from base for inline ones */
    struct rare rare; /* field is in this record, instead */
    /* list, map, each */
    size_t count;
    struct scratch_node *first, *last;
    struct scratch_mark mark;
};

struct json_decoder {
    const struct json_type *type;
    struct json_decode_opts opts;
    struct arena *arena;      /* where values go now: the caller's, or that of an each element */
    struct arena *home_arena; /* borrowed, the caller's */
    void *each_element;       /* the element under construction */
    void *parser;             /* yajl */
    size_t fed_bytes;

    int status; /* 0, or the failure */
    struct err err;

    char *root; /* type->size bytes behind this struct: copied to the caller at the end */
    bool complete;

    struct json_paths unknown;
    const char **unknown_items;
    size_t unknown_cap;

    unsigned skip_depth; /* > 0: inside a value that nobody wants */
    unsigned raw_depth;  /* > 0: inside a value that is kept as text */
    struct json_raw *raw_dest;
    struct buf raw;
    struct json_writer raw_writer;

    struct scratch scratch;
    unsigned depth; /* frames in use; frames[0] is the root */
    struct frame frames[LIMIT_JSON_DEPTH + 1];
    _Alignas(max_align_t) char first_scratch[4096];
};

int decoder_null(struct json_decoder *d);
int decoder_scalar(struct json_decoder *d, const struct json_token *token);
int decoder_begin_object(struct json_decoder *d);
int decoder_begin_list(struct json_decoder *d);
int decoder_key(struct json_decoder *d, const char *key, size_t len);
int decoder_end(struct json_decoder *d); /* of the innermost object or list */
void decoder_done(struct json_decoder *d);

/* json_path.c */
/* Puts the place in front of d->err (or sets it from fmt), keeps the status. Returns code. */
int decoder_fail(struct json_decoder *d, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int decoder_full(struct json_decoder *d); /* fails: the arena is full */
/* key: of the unknown field in the top record; NULL: the current place itself. 0, -E2BIG. */
int decoder_note_unknown(struct json_decoder *d, const char *key, size_t len);

/* json_find.c */
/* The field of a record with that key, its struct in f->field_base. NULL: none, or the failure is
 * set. */
const struct json_field *decoder_find(struct frame *f, const char *key, size_t len);

/* json_scalar.c */
/* Stores a token into dest. 0; -EINVAL, -E2BIG with the failure set. */
int decoder_store(struct json_decoder *d, const struct json_type *type,
                  const struct json_token *token, void *dest);
/* A C string in the arena; a NUL inside becomes U+FFFD and is noted. NULL: arena full, failure set.
 */
const char *decoder_string(struct json_decoder *d, const char *text, size_t len);
int decoder_expected(struct json_decoder *d, const struct json_type *type,
                     enum json_storage storage, const char *got);
