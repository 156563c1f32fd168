/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_write.h - writes JSON piece by piece into a buffer: for patches and for texts that have no C
 * struct.
 *
 *   struct json_writer w = JSON_WRITER(&out);
 *   json_write_object(&w);
 *   json_write_key(&w, "ready");
 *   json_write_bool(&w, true);
 *   json_write_end(&w);                       {"ready":true}
 *
 * Commas and brackets are its own business. Nothing fails here: whether everything fitted is told
 * by buf_failed(out) at the end. A call in a place where JSON has none (a value without a key
 * inside an object) is a bug: assert.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"

struct json_writer {
    struct buf *out; /* borrowed */
    unsigned depth;
    bool comma; /* the next thing needs one in front */
    bool after_key;
    uint64_t objects; /* bit d: the container at depth d is an object */
};

#define JSON_WRITER(buffer)                                                                        \
    {                                                                                              \
        .out = (buffer)                                                                            \
    }

void json_write_object(struct json_writer *w);
void json_write_array(struct json_writer *w);
void json_write_end(struct json_writer *w); /* of the innermost object or array */
void json_write_key(struct json_writer *w, const char *key);
void json_write_key_n(struct json_writer *w, const char *key, size_t len);
void json_write_string(struct json_writer *w, const char *s); /* NULL: null */
void json_write_string_n(struct json_writer *w, const char *s, size_t len);
void json_write_int(struct json_writer *w, int64_t value);
void json_write_uint(struct json_writer *w, uint64_t value);
void json_write_bool(struct json_writer *w, bool value);
void json_write_null(struct json_writer *w);
void json_write_raw(struct json_writer *w, const char *text,
                    size_t len); /* one whole JSON value, taken as it is */
void json_write_base64(struct json_writer *w, const void *data, size_t len);

/* The usual pairs inside an object. */
void json_write_key_string(struct json_writer *w, const char *key, const char *s);
void json_write_key_int(struct json_writer *w, const char *key, int64_t value);
void json_write_key_bool(struct json_writer *w, const char *key, bool value);
void json_write_key_object(struct json_writer *w, const char *key);
void json_write_key_array(struct json_writer *w, const char *key);
