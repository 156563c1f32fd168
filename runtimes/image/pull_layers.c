/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "discard.h"
#include "pull_private.h"

#define PROGRESS_EVERY_MS 100

void pull_report(struct pull *p, bool now)
{
    struct rt_pull_progress progress = { .layers_total = (unsigned)p->layers_len };
    int64_t ms = clock_boot_ms();
    if (!p->on_progress || (!now && ms - p->progress_ms < PROGRESS_EVERY_MS))
        return;
    p->progress_ms = ms;
    for (size_t i = 0; i < p->layers_len; i++) {
        const struct pull_layer *l = &p->layers[i];
        progress.bytes_total += (uint64_t)(l->record.size > 0 ? l->record.size : 0);
        progress.bytes_done +=
            l->state == LAYER_DONE && l->record.size > 0 ? (uint64_t)l->record.size : l->bytes;
        progress.layers_done += l->state == LAYER_DONE;
    }
    p->on_progress(p->user, &progress);
}

/* ---- making the list ---- */

static char *blob_source(const struct pull *p, const char *digest)
{
    return p->opts.registry ? xasprintf("blobs/%s", digest)
                            : xasprintf("blobs/%.6s/%s", digest, digest_hex(digest));
}

static void fill_layer(struct pull *p, size_t i, const char **chain_below)
{
    struct pull_layer *l = &p->layers[i];
    char chain[DIGEST_TEXT_MAX];
    bool tar = true;
    l->pull = p;
    if (p->opts.parts) {
        l->source = xstrdup(p->opts.parts->layers[i]);
        l->record.media_type = "application/vnd.docker.image.rootfs.diff.tar";
        l->record.size = -1;
    } else {
        const struct image_descriptor *d = &p->manifest.layers.items[i];
        l->source = blob_source(p, d->digest);
        l->record = (struct image_layer_record){ .media_type = d->media_type,
                                                 .digest = d->digest,
                                                 .size = d->size };
        tar = manifest_is_tar_layer(d);
    }
    if (!p->is_image || !tar)
        return;
    l->record.diff_id = p->opts.parts ? p->spec.rootfs.diff_ids.items[i]
                                      : manifest_diff_id(&p->manifest, &p->spec, i);
    manifest_chain(*chain_below, l->record.diff_id, chain);
    l->chain = xstrdup(chain);
    l->record.chain = *chain_below = l->chain;
}

int pull_layers_init(struct pull *p, struct err *err)
{
    const char *below = NULL;
    size_t n = p->opts.parts ? p->opts.parts->layers_len : p->manifest.layers.len;
    if (n > LIMIT_IMAGE_LAYERS)
        return err_set(err, -E2BIG, "%zu layers: more than %d are not accepted", n,
                       LIMIT_IMAGE_LAYERS);
    p->layers_len = n;
    p->layers = xcalloc(n ? n : 1, sizeof(*p->layers));
    for (size_t i = 0; i < n; i++) {
        fill_layer(p, i, &below);
        const char *key = p->layers[i].chain ? p->layers[i].chain : p->layers[i].record.digest;
        if (!key)
            continue;
        store_pin(p->opts.store, key);
        strv_push(&p->pins, key);
    }
    return 0;
}

/* ---- fetching ---- */

static void layer_failed(struct pull_layer *l, const struct err *failed, const char *what)
{
    struct err err;
    err_copy(&err, failed);
    (void)err_wrap(&err, "%s", what);
    pull_fail(l->pull, &err);
}

static void on_fetch_progress(struct fetch *f, uint64_t bytes)
{
    struct pull_layer *l = container_of(f, struct pull_layer, fetch);
    l->bytes = bytes;
    pull_report(l->pull, false);
}

static void on_fetched(struct fetch *f, const struct err *err)
{
    struct pull_layer *l = container_of(f, struct pull_layer, fetch);
    l->state = err ? LAYER_WANTED : LAYER_FETCHED;
    if (err) {
        layer_failed(l, err, "failed to copy");
        return;
    }
    if (l->record.size <= 0)
        l->record.size = (int64_t)l->bytes;
    loop_defer_start(&l->pull->defer);
}

static void start_fetch(struct pull_layer *l)
{
    struct pull *p = l->pull;
    struct err err = ERR_INIT;
    if (!l->blob_path)
        l->blob_path = store_temp_path(p->opts.store);
    struct fetch_opts opts = {
        .loop = p->opts.store->loop,
        .registry = p->opts.registry,
        .dir_fd = p->opts.dir_fd,
        .source = l->source,
        .path = l->blob_path,
        .digest = l->record.digest,
        .size_bytes = l->record.size > 0 ? l->record.size : -1,
        .max_bytes = LIMIT_IMAGE_LAYER_BYTES,
    };
    if (l->chain) {
        store_layer_making(p->opts.store, l->chain);
        l->ours = true;
    }
    l->state = LAYER_FETCHING;
    if (fetch_start(&l->fetch, &opts, on_fetch_progress, on_fetched, &err) < 0) {
        l->state = LAYER_WANTED;
        layer_failed(l, &err, "failed to copy");
    }
}

/* ---- unpacking ---- */

static void release(struct pull_layer *l, bool ok)
{
    if (!TAKE(l->ours, false))
        return;
    store_layer_made(l->pull->opts.store, l->chain, ok);
}

static void on_unpacked(struct layer *layer, const struct err *err)
{
    struct pull_layer *l = container_of(layer, struct pull_layer, unpack);
    l->state = err ? LAYER_WANTED : LAYER_DONE;
    if (!err)
        free(TAKE_PTR(l->blob_path));
    release(l, !err);
    if (err)
        pull_fail(l->pull, err);
    else
        pull_report(l->pull, true);
    loop_defer_start(&l->pull->defer);
}

static void start_unpack(struct pull_layer *l)
{
    struct pull *p = l->pull;
    struct store *s = p->opts.store;
    struct err err = ERR_INIT;
    AUTO(strv_free) char **below = strv_new();
    for (struct pull_layer *b = l; b-- > p->layers;)
        if (b->chain) {
            AUTO(free) char *dir = layer_dir_path(s->root, b->chain);
            strv_pushf(&below, "%s/fs", dir);
        }
    AUTO(free) char *temp = store_temp_path(s);
    AUTO(free) char *final = layer_dir_path(s->root, l->chain);
    struct layer_opts opts = {
        .loop = s->loop,
        .unpack_path = p->opts.unpack_path,
        .blob_path = l->blob_path,
        .temp_dir = temp,
        .final_dir = final,
        .diff_id = l->record.diff_id,
        .chain = l->chain,
        .below = (const char *const *)below,
        .below_len = strv_len(below),
    };
    l->state = LAYER_UNPACKING;
    if (layer_start(&l->unpack, &opts, on_unpacked, &err) < 0) {
        l->state = LAYER_WANTED;
        layer_failed(l, &err, "failed to extract layer");
    }
}

/* ---- looking at all of them ---- */

/* Of a file of this node: the only layer, and it has come already. */
static void take_copy(struct pull_layer *l)
{
    l->blob_path = TAKE_PTR(l->pull->local.copy);
    l->state = LAYER_FETCHED;
}

/* A wanted layer: somebody else may have made it, or be at it. */
static void look_for(struct pull_layer *l, size_t *fetching)
{
    struct store *s = l->pull->opts.store;
    enum store_layer_state there = l->chain ? store_layer_state(s, l->chain)
                                   : store_has_blob(s, l->record.digest) ? STORE_LAYER_THERE
                                                                         : STORE_LAYER_ABSENT;
    struct err err = ERR_INIT;
    if (there == STORE_LAYER_THERE) {
        l->state = LAYER_DONE;
        pull_report(l->pull, true);
    } else if (there == STORE_LAYER_CLASH) {
        (void)err_set(&err, -EEXIST, "layer %s: another layer has the same short name", l->chain);
        pull_fail(l->pull, &err);
    } else if (there == STORE_LAYER_ABSENT && l->pull->local.copy) {
        take_copy(l);
    } else if (there == STORE_LAYER_ABSENT && *fetching < PULL_FETCHES_MAX) {
        ++*fetching;
        start_fetch(l);
    }
}

bool pull_layers_advance(struct pull *p)
{
    size_t fetching = 0, done = 0;
    bool below_done = true;
    for (size_t i = 0; i < p->layers_len; i++)
        fetching += p->layers[i].state == LAYER_FETCHING;
    for (size_t i = 0; i < p->layers_len && !p->err.code; i++) {
        struct pull_layer *l = &p->layers[i];
        if (l->state == LAYER_WANTED)
            look_for(l, &fetching);
        if (l->state == LAYER_FETCHED && !l->chain)
            l->state = LAYER_DONE; /* its file is put in its place at the end */
        if (l->state == LAYER_FETCHED && below_done)
            start_unpack(l);
        below_done = below_done && l->state == LAYER_DONE;
        done += l->state == LAYER_DONE;
    }
    return done == p->layers_len && !p->err.code;
}

bool pull_layers_stop(struct pull *p)
{
    bool all = true;
    for (size_t i = 0; i < p->layers_len; i++) {
        struct pull_layer *l = &p->layers[i];
        if (l->state == LAYER_UNPACKING) {
            layer_cancel(&l->unpack);
            all = false;
            continue;
        }
        fetch_cancel(&l->fetch);
        if (l->state != LAYER_DONE)
            l->state = LAYER_WANTED;
        release(l, false);
    }
    return all;
}

void pull_layers_free(struct pull *p, bool abort)
{
    for (size_t i = 0; i < p->layers_len; i++) {
        struct pull_layer *l = &p->layers[i];
        if (abort)
            layer_abort(&l->unpack);
        fetch_cancel(&l->fetch);
        discard_tree(p->opts.store->loop, l->blob_path);
        free(l->blob_path);
        free(l->source);
        free(l->chain);
    }
    free(TAKE_PTR(p->layers));
    p->layers_len = 0;
    for (char **pin = p->pins; pin && *pin; pin++)
        store_unpin(p->opts.store, *pin);
    p->pins = strv_free(p->pins);
}
