/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digest.h - names of content: "sha256:<64 hex>" or "sha512:<128 hex>", lower case.
 * Spec: OCI image specification, descriptor.md, "Digests"
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

#define DIGEST_TEXT_MAX (7 + 128 + 1) /* longest form with its NUL */

struct err;

/* 0 when text is a digest that we can verify; -EINVAL: not a digest; -EOPNOTSUPP: another
 * algorithm. Pure. */
int digest_check(const char *text, struct err *err);
const char *
digest_hex(const char *digest); /* the part after the colon, borrowed. digest is valid */

/* A hash under way. Any thread, one at a time. */
struct digest_state;
struct digest_state *digest_new(const char *like); /* the algorithm of this digest; NULL: sha256 */
struct digest_state *digest_free(struct digest_state *d); /* NULL */
DEFINE_CLEANUP(struct digest_state *, digest_free)
void digest_add(struct digest_state *d, const void *data, size_t len);
void digest_text(const struct digest_state *d,
                 char ret[DIGEST_TEXT_MAX]); /* of what was added so far */

void digest_of(const char *like, const void *data, size_t len, char ret[DIGEST_TEXT_MAX]);
bool digest_matches(const char *digest, const void *data, size_t len);
