/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_scalar.h - what a plain (unquoted) scalar means. Pure. */
#pragma once

#include <stddef.h>

struct buf;

enum yaml_kind { YAML_STRING, YAML_NULL, YAML_BOOL, YAML_INT, YAML_FLOAT, YAML_NOT_FINITE };

/* For the three kinds that JSON writes in another way than YAML, its JSON text is appended to ret_json. */
enum yaml_kind yaml_scalar(const char *s, size_t len, struct buf *ret_json);
