/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layer.h - a verified blob becomes a directory: the helper unpacks it, its digest is compared with
 * what the image configuration promises, opaque directories get their mark, and one rename makes it
 * visible.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/proc.h"
#include "base/worker.h"

struct layer_opts { /* all copied */
    struct loop *loop;
    const char *unpack_path; /* the program */
    const char *blob_path;   /* removed when all went well */
    const char *temp_dir;    /* made here, with the layer in "fs"; gone afterwards */
    const char *final_dir;   /* NULL: it stays where it is (an archive that is only looked into) */
    const char *diff_id;     /* NULL: not known */
    const char *chain;
    const char *const *below; /* directories, the nearest first */
    size_t below_len;
};

struct layer;
typedef void (*layer_done_fn)(struct layer *l, const struct err *err);
struct layer { /* embedded */
    layer_done_fn on_done;
    /* private */
    struct layer_work *work;
};

int layer_start(struct layer *l, const struct layer_opts *opts, layer_done_fn on_done,
                struct err *err);
/* An early end: on_done still comes, with NULL when the layer was complete all the same. */
void layer_cancel(struct layer *l);
/* An end at once, for the end of the process: no call comes. */
void layer_abort(struct layer *l);
