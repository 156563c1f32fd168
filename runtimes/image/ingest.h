/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ingest.h - content on its way to disk, verified as it goes.
 *
 * Bytes are taken on the loop and written and hashed on a worker, one chunk being filled while
 * another is written; whoever brings more than that is asked to wait. A file that does not end with
 * the promised size and digest is removed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct loop;
struct ingest;

struct ingest_opts {
    struct loop *loop;
    const char *path;   /* must not exist; copied */
    const char *digest; /* NULL: not known */
    int64_t size_bytes; /* < 0: not known, and no more than max_bytes */
    uint64_t max_bytes;
    void (*on_room)(void *user); /* after ingest_add() said no, or a write failed */
    void (*on_finish)(
        void *user,
        const struct err *err); /* NULL: the file is complete and verified, and now the owner's */
    void *user;
};

int ingest_new(const struct ingest_opts *opts, struct ingest **ret, struct err *err);
/* Also in the middle: a write under way ends later, nothing is called any more. Removes a file not
 * finished. NULL is fine. */
struct ingest *ingest_free(struct ingest *in); /* NULL */

/* false: no room, nothing was taken, on_room() comes. */
bool ingest_add(struct ingest *in, const void *data, size_t len);
uint64_t ingest_bytes(const struct ingest *in); /* taken so far */
/* What went wrong so far, NULL: nothing. Bytes taken after a failure are dropped. */
const struct err *ingest_error(const struct ingest *in);
void ingest_finish(struct ingest *in); /* on_finish() comes, not from within */
