/* SPDX-License-Identifier: Apache-2.0 */
/* pull_private.h - shared by pull.c (documents, the end) and pull_layers.c. */
#pragma once

#include "pull.h"

enum pull_layer_state { LAYER_WANTED, LAYER_FETCHING, LAYER_FETCHED, LAYER_UNPACKING, LAYER_DONE };

struct pull_layer {
    struct pull *pull;
    struct image_layer_record record; /* chain NULL: kept as a blob */
    char *source;                     /* where the blob is */
    char *chain, *blob_path;          /* blob_path: the file in ingest/, NULL: none */
    enum pull_layer_state state;
    bool ours; /* we have told the store that we are making it */
    uint64_t bytes;
    struct fetch fetch;
    struct layer unpack;
};

struct pull {
    struct pull_opts opts;
    char *document, *name, *file;
    char **tags;
    struct pull_parts parts; /* in the arena */
    unsigned depth;          /* of indexes */
    pull_progress_fn on_progress;
    pull_done_fn on_done;
    void *user;

    struct loop_defer defer; /* breaks recursion: a look at the layers, or the end */
    struct doc doc;
    struct local local; /* of opts.file */
    struct arena *arena;
    char top_digest[DIGEST_TEXT_MAX];      /* of what the tag or digest names: index or manifest */
    char manifest_digest[DIGEST_TEXT_MAX]; /* "": there is none */
    struct buf manifest_data, config_data;
    struct image_document manifest;
    struct image_spec spec;
    bool is_image; /* not an artifact */
    char config_digest[DIGEST_TEXT_MAX];

    struct pull_layer *layers; /* NULL: not known yet */
    size_t layers_len;
    char **pins;
    int64_t progress_ms;

    struct worker_job write_job; /* of blobs */
    struct err write_err;
    bool committing;
    struct snapshot *result;
    struct err err; /* set: it ends */
    bool ended, aborted;
};

void pull_fail(struct pull *p, const struct err *err); /* the first one counts */
int pull_layers_init(struct pull *p, struct err *err);
bool pull_layers_advance(struct pull *p); /* starts what can be; are all done? */
bool pull_layers_stop(struct pull *p);    /* after a failure; has everything ended? */
void pull_layers_free(struct pull *p, bool abort);
void pull_report(struct pull *p, bool now);
