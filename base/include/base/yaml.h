/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml.h - YAML text to JSON text, document by document; what it means is decided by the JSON tables.
 *
 * Scalars mean what they mean to every Kubernetes tool (YAML 1.1 as Go's yaml.v2 reads it): yes/no/on/off are
 * booleans, 0644 is octal, integers are exact. Refused, with the line: anchors and aliases (a small file could
 * unfold into a huge one), tags beyond the core ones, duplicate keys, nesting deeper than LIMIT_JSON_DEPTH,
 * numbers that JSON cannot hold. Keys that are numbers or booleans become strings. Pure.
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"
#include "base/cleanup.h"

struct err;
struct yaml_reader;

enum yaml_outcome { YAML_END = 1 };

/* name: for messages ("FILE"), copied. data: borrowed until yaml_reader_free(). */
struct yaml_reader *yaml_reader_new(const char *name, const void *data, size_t len);
struct yaml_reader *yaml_reader_free(struct yaml_reader *r); /* NULL */
DEFINE_CLEANUP(struct yaml_reader *, yaml_reader_free)
/*
 * The next document that is not empty, as JSON, appended to ret_json (within its maximum: -E2BIG).
 * ret_line, if not NULL: where it starts, from 1. YAML_END: there is none left. After an error there is nothing more.
 * Messages: "FILE:12: cause".
 */
int yaml_next(struct yaml_reader *r, struct buf *ret_json, size_t *ret_line, struct err *err);
/* The one document of a file; an empty file gives YAML_END, more than one -EINVAL. */
int yaml_to_json(const char *name, const void *data, size_t len, struct buf *ret_json, struct err *err);
