/* SPDX-License-Identifier: Apache-2.0 */
#include "pull.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "pull_private.h"

void pull_advance(struct pull *p)
{
    loop_defer_start(&p->defer);
}

void pull_fail(struct pull *p, const struct err *err)
{
    if (!p->err.code)
        err_copy(&p->err, err);
    pull_advance(p);
}

void pull_cancel(struct pull *p)
{
    struct err err = ERR_INIT;
    (void)err_set(&err, -ECANCELED, "cancelled");
    pull_fail(p, &err);
}

static void pull_free(struct pull *p, bool abort)
{
    loop_defer_stop(&p->defer);
    doc_done(&p->doc);
    local_done(&p->local);
    pull_layers_free(p, abort);
    (void)registry_free(p->opts.registry);
    (void)arena_unref(p->arena);
    (void)snapshot_unref(p->result);
    buf_done(&p->manifest_data);
    buf_done(&p->config_data);
    (void)strv_free(p->tags);
    free(p->document);
    free(p->name);
    free(p->file);
    free(p);
}

void pull_abort(struct pull *p)
{
    p->aborted = true; /* waiting turns the loop, on which it would come to its ordinary end */
    if (p->committing)
        worker_drain(p->opts.store->loop);
    pull_free(p, true);
}

/* ---- writing down ---- */

static void commit_done(void *user, const struct err *err)
{
    struct pull *p = user;
    p->committing = false;
    p->ended = !err;
    if (err)
        pull_fail(p, err);
    pull_advance(p);
}

/* The configuration names an image as long as it says what is in it. Artifacts share an empty one,
 * and of a layer that is no tar archive its diff ids prove nothing. */
static const char *id_of(const struct pull *p)
{
    bool by_config = p->is_image && (p->opts.parts || manifest_only_tar_layers(&p->manifest));
    return by_config ? p->config_digest : p->manifest_digest;
}

static void fill_record(struct pull *p, struct image_record *r, struct image_layer_record *layers,
                        char *const *digests)
{
    r->id = id_of(p);
    r->config_digest = p->config_digest;
    r->manifest_digest = p->manifest_digest[0] ? p->manifest_digest : NULL;
    r->artifact_type = p->is_image ? NULL
                                   : str_or(p->manifest.artifact_type,
                                            str_or(p->manifest.config->media_type, "unknown"));
    r->tags.items = (const char *const *)p->tags;
    r->tags.len = strv_len(p->tags);
    r->digests.items = (const char *const *)digests;
    r->digests.len = strv_len(digests);
    r->size = (int64_t)(p->manifest_data.len + p->config_data.len);
    for (size_t i = 0; i < p->layers_len; i++) {
        layers[i] = p->layers[i].record;
        if (layers[i].size > 0)
            r->size += layers[i].size;
    }
    r->layers.items = layers;
    r->layers.len = p->layers_len;
    r->unsynced_boot = clock_boot_id();
}

static char **repo_digests(const struct pull *p)
{
    char **v = strv_new();
    if (!p->name || !p->top_digest[0])
        return v;
    strv_pushf(&v, "%s@%s", p->name, p->top_digest);
    return v;
}

static void know_blobs(struct pull *p)
{
    store_blob_made(p->opts.store, p->config_digest);
    if (p->manifest_digest[0])
        store_blob_made(p->opts.store, p->manifest_digest);
    for (size_t i = 0; i < p->layers_len; i++)
        if (!p->layers[i].chain)
            store_blob_made(p->opts.store, p->layers[i].record.digest);
}

static void blobs_written(struct worker_job *job)
{
    struct pull *p = container_of(job, struct pull, write_job);
    struct image_record record = { .id = NULL };
    struct store *s = p->opts.store;
    p->committing = false;
    if (p->write_err.code) {
        pull_fail(p, &p->write_err);
        return;
    }
    know_blobs(p);
    if (p->err.code) {
        pull_advance(p);
        return;
    }
    for (size_t i = 0; i < p->layers_len; i++)
        if (!p->layers[i].chain)
            free(TAKE_PTR(p->layers[i].blob_path));
    struct image_layer_record *layers = xcalloc(p->layers_len ? p->layers_len : 1, sizeof(*layers));
    AUTO(strv_free) char **digests = repo_digests(p);
    fill_record(p, &record, layers, digests);
    p->result = snapshot_new(s->root, &record, p->opts.parts ? NULL : &p->manifest,
                             p->is_image ? &p->spec : NULL);
    free(layers);
    p->committing = true;
    store_add(s, snapshot_ref(p->result), commit_done, p);
}

static int write_blob(const struct pull *p, const char *digest, const struct buf *data,
                      struct err *err)
{
    AUTO(free) char *path = blob_file_path(p->opts.store->root, digest);
    effect("image.blob");
    return file_write_atomic(AT_FDCWD, path, data->data ? data->data : "", data->len, 0600, 0, err);
}

static int write_blobs(const struct pull *p, struct err *err)
{
    int rc = write_blob(p, p->config_digest, &p->config_data, err);
    if (rc == 0 && p->manifest_digest[0])
        rc = write_blob(p, p->manifest_digest, &p->manifest_data, err);
    for (size_t i = 0; rc == 0 && i < p->layers_len; i++) {
        const struct pull_layer *l = &p->layers[i];
        if (l->chain || !l->blob_path)
            continue;
        AUTO(free) char *path = blob_file_path(p->opts.store->root, l->record.digest);
        effect("image.blob");
        if (rename(l->blob_path, path) < 0)
            rc = err_errno(err, errno, "rename to %s", path);
    }
    return rc;
}

static void run_write(struct worker_job *job)
{
    struct pull *p = container_of(job, struct pull, write_job);
    int rc = write_blobs(p, &p->write_err);
    if (rc == -ENOSPC || rc == -EDQUOT)
        (void)err_set(&p->write_err, rc, "no space left for the image on the disk of %s",
                      p->opts.store->root);
}

static void commit(struct pull *p)
{
    p->committing = true;
    worker_submit(p->opts.store->loop, WORKER_DISK, &p->write_job, run_write, blobs_written);
}

/* ---- the one place that decides what is next ---- */

/* With all its names, those of earlier pulls too. */
static struct snapshot *as_stored(const struct pull *p)
{
    struct snapshot *s = image_set_find(&p->opts.store->images, p->result->record.id);
    return s ? s : p->result;
}

static void end(struct pull *p)
{
    pull_done_fn on_done = p->on_done;
    void *user = p->user;
    struct err err = p->err;
    if (err.code)
        err_reason_default(&err, "ErrImagePull");
    struct store *s = p->opts.store;
    struct snapshot *image = err.code ? NULL : snapshot_ref(as_stored(p));
    pull_free(p, false);
    if (err.code == -ENOSPC || err.code == -EDQUOT)
        store_collect(s); /* nobody can be helped by what has come so far */
    else if (err.code)
        store_collect_later(s);
    on_done(user, err.code ? &err : NULL, image);
    (void)snapshot_unref(image);
}

static void look(struct loop_defer *d)
{
    struct pull *p = container_of(d, struct pull, defer);
    if (p->committing || p->aborted)
        return; /* comes again, or is of no use any more */
    if (p->err.code) {
        doc_done(&p->doc);
        local_done(&p->local);
        if (pull_layers_stop(p))
            end(p);
    } else if (p->ended) {
        end(p);
    } else if (p->layers && pull_layers_advance(p)) {
        commit(p);
    }
}

/* ---- documents ---- */

static void want_document(struct pull *p, const char *document);

static void got_layers(struct pull *p)
{
    struct err err = ERR_INIT;
    int rc = 0;
    if (p->is_image && !p->opts.parts)
        rc = manifest_check_layers(&p->manifest, &p->spec, &err);
    else if (p->is_image && p->spec.rootfs.diff_ids.len != p->opts.parts->layers_len)
        rc = err_set(&err, -EINVAL,
                     "image configuration: rootfs.diff_ids has %zu entries for %zu layers",
                     p->spec.rootfs.diff_ids.len, p->opts.parts->layers_len);
    for (size_t i = 0; rc == 0 && p->is_image && i < p->spec.rootfs.diff_ids.len; i++)
        rc = digest_check(p->spec.rootfs.diff_ids.items[i], &err);
    if (rc == 0)
        rc = pull_layers_init(p, &err);
    if (rc < 0) {
        pull_fail(p, &err);
        return;
    }
    pull_report(p, true);
    pull_advance(p);
}

static void pin(struct pull *p, const char *digest)
{
    store_pin(p->opts.store, digest);
    strv_push(&p->pins, digest);
}

static void use_config(struct pull *p, struct buf *data, const char *digest)
{
    struct err err = ERR_INIT;
    (void)snprintf(p->config_digest, sizeof(p->config_digest), "%s", digest);
    p->config_data = TAKE(*data, (struct buf)BUF_INIT(0));
    pin(p, p->config_digest);
    if (p->is_image && manifest_decode_spec(p->config_data.data ? p->config_data.data : "",
                                            p->config_data.len, p->arena, &p->spec, &err) < 0) {
        pull_fail(p, &err);
        return;
    }
    got_layers(p);
}

static void on_config(struct doc *d, const struct err *failed)
{
    struct pull *p = container_of(d, struct pull, doc);
    struct err err = ERR_INIT;
    if (!failed) {
        use_config(p, &d->data, d->digest);
        return;
    }
    err_copy(&err, failed);
    (void)err_wrap(&err, "failed to copy: image configuration");
    pull_fail(p, &err);
}

static void want(struct pull *p, const char *source, const char *digest, size_t max_bytes,
                 doc_done_fn fn)
{
    struct err err = ERR_INIT;
    struct doc_opts opts = {
        .loop = p->opts.store->loop,
        .registry = p->opts.registry,
        .dir_fd = p->opts.dir_fd,
        .source = source,
        .accept = manifest_accept,
        .digest = digest,
        .max_bytes = max_bytes,
    };
    if (doc_start(&p->doc, &opts, fn, &err) < 0)
        pull_fail(p, &err);
}

static void want_config(struct pull *p)
{
    const char *digest = p->manifest.config->digest;
    if (p->opts.file) {
        struct buf data = BUF_INIT(sizeof(MANIFEST_EMPTY_CONFIG));
        (void)buf_puts(&data, MANIFEST_EMPTY_CONFIG);
        use_config(p, &data, digest);
        return;
    }
    AUTO(free)
    char *source = p->opts.registry ? xasprintf("blobs/%s", digest)
                                    : xasprintf("blobs/%.6s/%s", digest, digest_hex(digest));
    want(p, source, digest, LIMIT_IMAGE_CONFIG_BYTES, on_config);
}

static void pin_record(struct pull *p, const struct image_record *r)
{
    pin(p, r->config_digest);
    for (size_t i = 0; i < r->layers.len; i++)
        pin(p, r->layers.items[i].chain ? r->layers.items[i].chain : r->layers.items[i].digest);
}

/* The same manifest as before: nothing is to be fetched, but the names may be new. */
static bool known_already(struct pull *p)
{
    const struct image_set *set = &p->opts.store->images;
    for (size_t i = 0; i < set->len; i++) {
        if (!str_eq(set->items[i]->record.manifest_digest, p->manifest_digest))
            continue;
        AUTO(strv_free) char **digests = repo_digests(p);
        pin_record(p, &set->items[i]->record);
        p->result =
            snapshot_renamed(set->items[i], p->tags, digests, set->items[i]->record.unsynced_boot);
        p->committing = true;
        store_add(p->opts.store, snapshot_ref(p->result), commit_done, p);
        return true;
    }
    return false;
}

static void use_manifest(struct pull *p, const struct image_document *manifest, struct buf *data,
                         const char *digest)
{
    p->manifest = *manifest;
    p->is_image = manifest_is_image_config(manifest->config);
    (void)snprintf(p->manifest_digest, sizeof(p->manifest_digest), "%s", digest);
    p->manifest_data = TAKE(*data, (struct buf)BUF_INIT(0));
    pin(p, p->manifest_digest);
    if (!known_already(p))
        want_config(p);
}

static void on_local(struct local *l, const struct err *failed)
{
    struct pull *p = container_of(l, struct pull, local);
    struct image_document manifest;
    struct err err = ERR_INIT;
    if (failed)
        err_copy(&err, failed);
    else if (manifest_decode(l->manifest.data, l->manifest.len, p->arena, &manifest, &err) == 0)
        use_manifest(p, &manifest, &l->manifest, l->manifest_digest);
    if (err.code)
        pull_fail(p, &err);
}

static int use_document(struct pull *p, struct doc *d, struct err *err)
{
    struct image_document doc;
    const struct image_descriptor *chosen;
    int rc = manifest_decode(d->data.data ? d->data.data : "", d->data.len, p->arena, &doc, err);
    if (rc < 0)
        return rc;
    if (!p->top_digest[0])
        (void)snprintf(p->top_digest, sizeof(p->top_digest), "%s", d->digest);
    if (manifest_is_index(&doc)) {
        if (++p->depth > LIMIT_IMAGE_INDEX_DEPTH)
            return err_set(err, -ELOOP, "indexes within indexes");
        rc = manifest_choose(&doc, p->opts.platforms.items, p->opts.platforms.len, &chosen, err);
        if (rc == 0)
            want_document(p, chosen->digest);
        return rc;
    }
    use_manifest(p, &doc, &d->data, d->digest);
    return 0;
}

static void on_document(struct doc *d, const struct err *failed)
{
    struct pull *p = container_of(d, struct pull, doc);
    struct err err = ERR_INIT;
    if (failed)
        err_copy(&err, failed);
    if (err.code || use_document(p, d, &err) < 0) {
        if (p->name)
            (void)err_wrap(&err, "failed to resolve reference \"%s%s%s\"", p->name,
                           strchr(p->document, ':') ? "@" : ":", p->document);
        pull_fail(p, &err);
    }
}

static void want_document(struct pull *p, const char *document)
{
    const char *digest = strchr(document, ':') ? document : NULL;
    AUTO(free)
    char *source = p->opts.registry ? xasprintf("manifests/%s", document)
                                    : xasprintf("blobs/%.6s/%s", document, digest_hex(document));
    want(p, source, digest, LIMIT_IMAGE_MANIFEST_BYTES, on_document);
}

static struct pull_parts copy_parts(struct arena *a, const struct pull_parts *parts)
{
    const char **layers =
        arena_alloc(a, (parts->layers_len ? parts->layers_len : 1) * sizeof(*layers));
    for (size_t i = 0; layers && i < parts->layers_len; i++)
        layers[i] = arena_strdup(a, parts->layers[i]);
    return (struct pull_parts){ arena_strdup(a, parts->config), layers,
                                layers ? parts->layers_len : 0 };
}

struct pull *pull_start(const struct pull_opts *opts, pull_progress_fn on_progress,
                        pull_done_fn on_done, void *user)
{
    struct pull *p = NEW(struct pull);
    p->opts = *opts;
    p->on_progress = on_progress;
    p->on_done = on_done;
    p->user = user;
    p->document = xstrdup(opts->document);
    p->name = xstrdup(opts->name);
    p->tags = strv_copy((const char *const *)opts->tags);
    p->pins = strv_new();
    p->arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    loop_defer_init(&p->defer, opts->store->loop, "image pull", look);
    if (opts->file) {
        AUTO(free) char *copy = store_temp_path(opts->store);
        p->opts.file = p->file = xstrdup(opts->file);
        local_start(&p->local, opts->store->loop, p->file, copy, on_local);
        return p;
    }
    if (!opts->parts) {
        want_document(p, p->document);
        return p;
    }
    p->is_image = true;
    p->parts = copy_parts(p->arena, opts->parts);
    p->opts.parts = &p->parts;
    want(p, p->parts.config, NULL, LIMIT_IMAGE_CONFIG_BYTES, on_config);
    return p;
}
