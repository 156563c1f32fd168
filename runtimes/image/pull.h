/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pull.h - one image on its way into the store: from a registry, a layout or an archive.
 *
 *   document ──▶ (index: choose, document) ──▶ configuration ──▶ layers ──▶ write down
 *   file of this node ──▶ a manifest is made of it ──────────────────▲
 *
 * Layers are fetched three at a time and unpacked one after the other, the lowest first, because a
 * layer's implied directories look like those below. Whenever a step ends, pull_advance() looks at
 * all layers and starts what can be started; nothing remembers where it was. A layer that another
 * pull is making is waited for.
 */
#pragma once

#include "doc.h"
#include "fetch.h"
#include "layer.h"
#include "local.h"
#include "platform.h"
#include "store.h"

#define PULL_FETCHES_MAX 3

/* What `docker save` says instead of a manifest: paths in the archive. */
struct pull_parts {
    const char *config;
    const char *const *layers;
    size_t layers_len;
};

struct pull_opts {
    struct store *store;
    const char *unpack_path;             /* lives as long as the pull */
    struct platform_order platforms;     /* lives as long as the pull */
    struct registry *registry;      /* taken; or, when NULL: */
    int dir_fd;                     /* borrowed until the end */
    const char *document;           /* tag or digest; copied */
    const struct pull_parts *parts; /* instead of document; copied */
    const char *file;               /* absolute path: a module of this node, instead of all these;
                                       copied */
    char *const *tags;              /* full names it gets; copied */
    const char *name;               /* without tag, for its repo digest; NULL: gets none; copied */
};

struct pull;
typedef void (*pull_progress_fn)(void *user, const struct rt_pull_progress *p);
/* err NULL: image is in the store (borrowed). The pull is freed after it. Not from within
 * pull_start(). */
typedef void (*pull_done_fn)(void *user, const struct err *err, struct snapshot *image);

struct pull *pull_start(const struct pull_opts *opts, pull_progress_fn on_progress,
                        pull_done_fn on_done, void *user);
void pull_cancel(struct pull *p);  /* an early end; on_done still comes */
void pull_abort(struct pull *p);   /* frees at once, for the end of the process: no call comes */
void pull_advance(struct pull *p); /* something has changed in the store */
