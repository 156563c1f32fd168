/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first look at the directory. What the index mentions is loaded; an image of which something
 * is missing, or that the disk may not have kept, is left out (it will be pulled again). What the
 * index does not mention is moved to trash/, which is quick, and removed later, which need not be.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/effect.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "discard.h"
#include "store_private.h"

static int make_folders(struct store *s, struct err *err)
{
    static const char *const folders[] = { "blobs/sha256", "blobs/sha512", "layers", "ingest",
                                           "trash" };
    int rc = path_mkdirs(s->root, 0700, err);
    for (size_t i = 0; rc == 0 && i < ARRAY_LEN(folders); i++) {
        AUTO(free) char *path = xasprintf("%s/%s", s->root, folders[i]);
        rc = path_mkdirs(path, 0700, err);
    }
    return rc;
}

static int lock(struct store *s, struct err *err)
{
    s->lock_fd = openat(s->root_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->lock_fd < 0)
        return err_errno(err, errno, "open lock");
    if (flock(s->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno == EWOULDBLOCK)
        return err_set(err, -EBUSY, "another process uses it (is the agent running?)");
    return err_errno(err, errno, "lock");
}

/* ---- loading ---- */

static bool layers_there(const struct store *s, const struct image_record *r)
{
    for (size_t i = 0; i < r->layers.len; i++) {
        const struct image_layer_record *l = &r->layers.items[i];
        if (!l->chain && !l->digest)
            return false;
        AUTO(free)
        char *path =
            l->chain ? layer_dir_path(s->root, l->chain) : blob_file_path(s->root, l->digest);
        if (!path_exists(path))
            return false;
    }
    return true;
}

static bool digests_ok(const struct image_record *r)
{
    bool ok = digest_check(r->id, NULL) == 0 && digest_check(r->config_digest, NULL) == 0 &&
              (!r->manifest_digest || digest_check(r->manifest_digest, NULL) == 0);
    for (size_t i = 0; ok && i < r->layers.len; i++) {
        const struct image_layer_record *l = &r->layers.items[i];
        ok = (!l->digest || digest_check(l->digest, NULL) == 0) &&
             (!l->chain || digest_check(l->chain, NULL) == 0);
    }
    return ok;
}

/* The image is of no more use, but containers that were made of it may still run: their directories
 * stay until the next start. */
static void spare_layers(struct store *s, const struct image_record *r)
{
    for (size_t i = 0; i < r->layers.len; i++) {
        const char *chain = r->layers.items[i].chain;
        AUTO(free) char *path = chain ? layer_dir_path(s->root, chain) : NULL;
        if (!path || !path_exists(path))
            continue;
        store_know_layer(s, chain);
        store_pin(s, chain);
    }
}

static bool read_blob(const struct store *s, const char *digest, struct buf *ret)
{
    AUTO(free) char *path = blob_file_path(s->root, digest);
    return file_read(AT_FDCWD, path, ret, NULL) == 0 &&
           digest_matches(digest, ret->data ? ret->data : "", ret->len);
}

static bool read_spec(const struct store *s, const struct image_record *r, struct arena *arena,
                      struct image_spec *ret)
{
    AUTO(buf_done) struct buf config = BUF_INIT(LIMIT_IMAGE_CONFIG_BYTES);
    return read_blob(s, r->config_digest, &config) &&
           (r->artifact_type ||
            manifest_decode_spec(config.data ? config.data : "", config.len, arena, ret, NULL) ==
                0);
}

static bool read_manifest(const struct store *s, const struct image_record *r, struct arena *arena,
                          struct image_document *ret)
{
    AUTO(buf_done) struct buf manifest = BUF_INIT(LIMIT_IMAGE_MANIFEST_BYTES);
    return !r->manifest_digest ||
           (read_blob(s, r->manifest_digest, &manifest) &&
            manifest_decode(manifest.data ? manifest.data : "", manifest.len, arena, ret, NULL) ==
                0 &&
            !manifest_is_index(ret));
}

static void load_image(struct store *s, const struct image_record *r, struct image_set *set)
{
    AUTO(arena_unref) struct arena *arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    struct image_document manifest = { .config = NULL };
    struct image_spec spec = { .os = NULL };
    bool lost =
        r->unsynced_boot &&
        !str_eq(r->unsynced_boot, clock_boot_id()); /* no container is older than its boot */
    if (lost || !digests_ok(r))
        return;
    if (!layers_there(s, r) || !read_spec(s, r, arena, &spec) ||
        !read_manifest(s, r, arena, &manifest)) {
        spare_layers(s, r);
        return;
    }
    struct snapshot *image = snapshot_new(s->root, r, r->manifest_digest ? &manifest : NULL,
                                          r->artifact_type ? NULL : &spec);
    set->items[set->len++] = image;
    store_know(s, image);
}

static int load_index(struct store *s, struct err *err)
{
    AUTO(arena_unref) struct arena *arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    struct buf text = BUF_INIT(LIMIT_JSON_BYTES);
    struct image_index index;
    int rc = file_read(s->root_fd, "index.json", &text, err);
    if (rc == 0)
        rc = json_decode(&image_index_type, text.data ? text.data : "", text.len, NULL, arena,
                         &index, err);
    buf_done(&text);
    if (rc == -ENOENT) { /* nothing yet */
        err_clear(err);
        return 0;
    }
    if (rc < 0) {
        (void)err_wrap(err, "index.json");
        return rc;
    }
    if (index.version != IMAGE_INDEX_VERSION)
        return err_set(
            err, -EOPNOTSUPP,
            "index.json has version %lld, only %d is known: a newer oarsman has written it",
            (long long)index.version, IMAGE_INDEX_VERSION);
    s->images.items = xcalloc(index.images.len ? index.images.len : 1, sizeof(struct snapshot *));
    for (size_t i = 0; i < index.images.len; i++)
        load_image(s, &index.images.items[i], &s->images);
    return 0;
}

bool store_needs_sync(const struct store *s)
{
    for (size_t i = 0; i < s->images.len; i++)
        if (s->images.items[i]->record.unsynced_boot)
            return true;
    return false;
}

/* ---- sweeping ---- */

struct sweep {
    struct store *store;
    const char *folder;
    const struct map *known; /* NULL: everything goes */
    const char *prefix;      /* of a name, to make a key of the map */
};

static int sweep_one(int dirfd, const char *name, void *user)
{
    struct sweep *w = user;
    struct store *s = w->store;
    AUTO(free) char *key = xasprintf("%s%s", w->prefix, name);
    if (w->known && map_get(w->known, key))
        return 0;
    AUTO(free) char *target = xasprintf("trash/%s-%u", name, ++s->temp_serial);
    effect("image.sweep");
    (void)renameat(dirfd, name, s->root_fd, target); /* what stays is in nobody's way */
    return 0;
}

static int sweep(struct store *s, struct err *err)
{
    const struct sweep sweeps[] = {
        { s, "ingest", NULL, "" },
        { s, "layers", &s->layers, "" },
        { s, "blobs/sha256", &s->blobs, "sha256:" },
        { s, "blobs/sha512", &s->blobs, "sha512:" },
    };
    for (size_t i = 0; i < ARRAY_LEN(sweeps); i++) {
        struct sweep w = sweeps[i];
        AUTO(free) char *path = xasprintf("%s/%s", s->root, w.folder);
        int rc = path_each(path, sweep_one, &w, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int discard_one(int dirfd, const char *name, void *user)
{
    struct store *s = user;
    AUTO(free) char *path = xasprintf("%s/trash/%s", s->root, name);
    (void)dirfd;
    discard_tree(s->loop, path);
    return 0;
}

static int open_root(struct store *s, struct err *err)
{
    s->root_fd = open(s->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return s->root_fd < 0 ? err_errno(err, errno, "open") : 0;
}

static int start_reading(struct store *s, struct err *err)
{
    int rc = open_root(s, err);
    return rc < 0 ? rc : load_index(s, err);
}

int store_start(struct store *s, struct err *err)
{
    if (s->read_only)
        return start_reading(s, err);
    int rc = make_folders(s, err);
    if (rc == 0)
        rc = open_root(s, err);
    if (rc == 0)
        rc = lock(s, err);
    if (rc == 0)
        rc = load_index(s, err);
    if (rc == 0)
        rc = sweep(s, err);
    if (rc < 0)
        return rc;
    AUTO(free) char *trash = xasprintf("%s/trash", s->root);
    return path_each(trash, discard_one, s, err);
}
