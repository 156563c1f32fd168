/* SPDX-License-Identifier: Apache-2.0 */
/*
 * str.h - strings and numbers from text. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* NULL equals only NULL. */
bool str_eq(const char *a, const char *b);
bool str_empty(const char *s); /* NULL or "" */
bool str_has_prefix(const char *s, const char *prefix);
bool str_has_suffix(const char *s, const char *suffix);
const char *str_or(const char *s, const char *fallback); /* fallback when s is NULL or "" */

/* The whole of s must be a decimal number (a leading '-' for int64) in [min, max].
 * Returns 0; -EINVAL not a number; -ERANGE outside. */
int str_to_i64(const char *s, int64_t min, int64_t max, int64_t *ret);
int str_to_u64(const char *s, uint64_t max, uint64_t *ret);
int str_to_mode(const char *s, uint32_t *ret_mode); /* octal */

/* Lower-case hexadecimal; out holds 2 * len + 1 bytes. */
void str_hex(const void *data, size_t len, char *out);

/* base64, RFC 4648 with padding. Decoding accepts no white space. Caller owns the results. */
char *str_base64_encode(const void *data, size_t len);
int str_base64_decode(const char *s, size_t len, unsigned char **ret_data,
                      size_t *ret_len); /* 0, -EINVAL */

/* A NULL-terminated array of strings, all owned by it. */
char **strv_new(void);
void strv_push(char ***v, const char *s);
void strv_pushf(char ***v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
size_t strv_len(char *const *v); /* NULL counts as empty */
char **strv_copy(const char *const *v);
char **strv_free(char **v); /* NULL */
/* Splits at sep, keeps empty parts; "" gives none. */
char **strv_split(const char *s, char sep);

uint64_t str_hash(const void *data, size_t len); /* FNV-1a 64, stable across runs and machines */

#include "base/cleanup.h"
DEFINE_CLEANUP(char **, strv_free)
