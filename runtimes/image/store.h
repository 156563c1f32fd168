/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h - the directory in which images live, and what this process knows about it.
 *
 * Invariants
 * - Nothing in blobs/ or layers/ is ever changed; it appears complete, by a rename, and goes as a
 * whole.
 * - index.json refers only to what is there. So things are made first and written down last, and
 * struck out first and removed last. Whatever the index does not mention is nobody's: the start
 * sweeps it, collection removes it.
 * - A power cut may lose the content of files that were renamed into place shortly before. Instead
 * of waiting for the disk in every pull, an image is written down together with the boot that made
 * it; after the disk has been told to write everything (a second or so later) the note goes. An
 * image with another boot's note is not trusted.
 * - What pulls under way rely on is pinned, so that collection leaves it alone.
 */
#pragma once

#include <stdbool.h>

#include "base/list.h"
#include "base/loop.h"
#include "base/map.h"
#include "base/worker.h"
#include "record.h"

struct store_change;
typedef void (*store_done_fn)(void *user, const struct err *err); /* NULL: it is on disk */

struct store {
    struct loop *loop;
    char *root;
    int root_fd, lock_fd;
    bool read_only;
    struct image_set images;
    struct map layers;   /* name of the directory → struct store_layer */
    struct map blobs;    /* digest → struct store_layer, too */
    struct map pins;     /* chain or digest → count */
    struct list changes; /* struct store_change, the first is being written */
    struct worker_job write_job, sync_job;
    bool writing, syncing, sync_failed;
    struct store_collection *collection; /* under way; NULL: none */
    unsigned temp_serial;
    struct loop_timer sync_timer, collect_timer;
    void (*on_change)(void *user); /* images or layers have changed: who waits looks again */
    void *user;
};

/* Opens, reads, sweeps. Blocking: at the start of a process. */
int store_open(struct store *s, struct loop *loop, const char *root, bool read_only,
               void (*on_change)(void *user), void *user, struct err *err);
void store_close(struct store *s); /* waits for what is being written, and for the disk */

char *store_temp_path(
    struct store *s); /* below ingest/, never used before by this process. Caller owns */

/* Unpacked layers. */
enum store_layer_state {
    STORE_LAYER_ABSENT,
    STORE_LAYER_THERE,
    STORE_LAYER_MAKING,
    STORE_LAYER_GOING,
    STORE_LAYER_CLASH
};
enum store_layer_state store_layer_state(const struct store *s, const char *chain);
void store_layer_making(struct store *s,
                        const char *chain); /* ABSENT before; the others wait for its end */
void store_layer_made(struct store *s, const char *chain, bool ok);

bool store_has_blob(const struct store *s, const char *digest);
void store_blob_made(struct store *s, const char *digest);

/* What is pinned is not collected. Counted. key: a chain or the digest of a blob. */
void store_pin(struct store *s, const char *key);
void store_unpin(struct store *s, const char *key);

/* Adds an image (takes the reference) or removes one; on_done comes on the loop, when the index is
 * on disk or failed. */
void store_add(struct store *s, struct snapshot *image, store_done_fn on_done, void *user);
void store_remove(struct store *s, const char *id, store_done_fn on_done, void *user);

void store_collect(struct store *s); /* now: removes what neither an image nor a pull refers to */
void store_collect_later(
    struct store *s); /* after a failed pull: it will probably be tried again */
