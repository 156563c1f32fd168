/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/effect.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "store_private.h"

#define SYNC_DELAY_MS    1000
#define COLLECT_DELAY_MS (10 * 60 * 1000)

struct store_change {
    struct list node;
    struct snapshot *add; /* or: */
    char *remove;         /* or neither: nothing but the notes about the disk are taken off */
    store_done_fn on_done;
    void *user;
    struct image_set result;
    struct buf text; /* the index to write */
    struct err err;
};

char *store_temp_path(struct store *s)
{
    return xasprintf("%s/ingest/%u", s->root, ++s->temp_serial);
}

/* ---- layers and blobs ---- */

static const char *layer_name(const char *chain, char ret[LAYER_NAME_DIGITS + 1])
{
    (void)snprintf(ret, LAYER_NAME_DIGITS + 1, "%s", digest_hex(chain));
    return ret;
}

enum store_layer_state store_layer_state(const struct store *s, const char *chain)
{
    char name[LAYER_NAME_DIGITS + 1];
    const struct store_layer *l = map_get(&s->layers, layer_name(chain, name));
    if (!l)
        return STORE_LAYER_ABSENT;
    return str_eq(l->key, chain) ? l->state : STORE_LAYER_CLASH;
}

static void put_item(struct map *map, const char *name, const char *key,
                     enum store_layer_state state)
{
    struct store_layer *l = map_get(map, name);
    if (!l) {
        l = NEW(struct store_layer);
        l->key = xstrdup(key);
        (void)map_put(map, name, l);
    }
    l->state = state;
}

static void drop_item(struct map *map, const char *name)
{
    struct store_layer *l = map_remove(map, name);
    if (l)
        free(l->key);
    free(l);
}

void store_layer_making(struct store *s, const char *chain)
{
    char name[LAYER_NAME_DIGITS + 1];
    put_item(&s->layers, layer_name(chain, name), chain, STORE_LAYER_MAKING);
}

void store_layer_made(struct store *s, const char *chain, bool ok)
{
    char name[LAYER_NAME_DIGITS + 1];
    if (ok)
        put_item(&s->layers, layer_name(chain, name), chain, STORE_LAYER_THERE);
    else
        drop_item(&s->layers, layer_name(chain, name));
    s->on_change(s->user);
}

bool store_has_blob(const struct store *s, const char *digest)
{
    const struct store_layer *b = map_get(&s->blobs, digest);
    return b && b->state == STORE_LAYER_THERE;
}

void store_blob_made(struct store *s, const char *digest)
{
    put_item(&s->blobs, digest, digest, STORE_LAYER_THERE);
}

void store_know_layer(struct store *s, const char *chain)
{
    char name[LAYER_NAME_DIGITS + 1];
    put_item(&s->layers, layer_name(chain, name), chain, STORE_LAYER_THERE);
}

void store_know(struct store *s, const struct snapshot *image)
{
    const struct image_record *r = &image->record;
    for (size_t i = 0; i < r->layers.len; i++) {
        const struct image_layer_record *l = &r->layers.items[i];
        if (l->chain)
            store_know_layer(s, l->chain);
        else if (l->digest)
            store_blob_made(s, l->digest);
    }
    store_blob_made(s, r->config_digest);
    if (r->manifest_digest)
        store_blob_made(s, r->manifest_digest);
}

void store_pin(struct store *s, const char *key)
{
    uintptr_t count = (uintptr_t)map_get(&s->pins, key);
    (void)map_put(&s->pins, key, (void *)(count + 1));
}

void store_unpin(struct store *s, const char *key)
{
    uintptr_t count = (uintptr_t)map_get(&s->pins, key);
    if (count > 1)
        (void)map_put(&s->pins, key, (void *)(count - 1));
    else
        (void)map_remove(&s->pins, key);
}

/* ---- changes of the index, one after the other ---- */

static void change_free(struct store_change *c)
{
    (void)snapshot_unref(c->add);
    free(c->remove);
    image_set_done(&c->result);
    buf_done(&c->text);
    free(c);
}

static int encode_index(const struct image_set *set, struct buf *out)
{
    struct image_record *records = xcalloc(set->len ? set->len : 1, sizeof(*records));
    for (size_t i = 0; i < set->len; i++)
        records[i] = set->items[i]->record;
    struct image_index index = { .version = IMAGE_INDEX_VERSION, .images = { records, set->len } };
    int rc = json_encode(&image_index_type, &index, out);
    free(records);
    return rc;
}

static void run_write(struct worker_job *job)
{
    struct store *s = container_of(job, struct store, write_job);
    struct store_change *c = list_first(&s->changes, struct store_change, node);
    effect("image.index");
    (void)file_write_atomic(s->root_fd, "index.json", c->text.data, c->text.len, 0600, FILE_SYNC,
                            &c->err);
}

static void next_change(struct store *s);

static void write_done(struct worker_job *job)
{
    struct store *s = container_of(job, struct store, write_job);
    struct store_change *c = list_first(&s->changes, struct store_change, node);
    s->writing = false;
    list_remove(&c->node);
    if (!c->err.code) {
        image_set_done(&s->images);
        s->images = TAKE(c->result, ((struct image_set){ .items = NULL }));
        if (c->add) {
            store_know(s, c->add);
            loop_timer_start(&s->sync_timer, SYNC_DELAY_MS);
        }
        if (c->remove)
            store_collect(s);
    } else if (c->err.code == -ENOSPC || c->err.code == -EDQUOT) {
        (void)err_set(&c->err, c->err.code, "no space left for the index of images in %s", s->root);
    }
    next_change(s);
    if (c->on_done)
        c->on_done(c->user, c->err.code ? &c->err : NULL);
    change_free(c);
    s->on_change(s->user);
}

static void next_change(struct store *s)
{
    struct store_change *c = list_first(&s->changes, struct store_change, node);
    if (!c || s->writing)
        return;
    if (c->add)
        c->result = image_set_with(&s->images, snapshot_ref(c->add));
    else
        c->result =
            c->remove ? image_set_without(&s->images, c->remove) : image_set_synced(&s->images);
    buf_init(&c->text, LIMIT_JSON_BYTES);
    if (encode_index(&c->result, &c->text) < 0)
        (void)err_set(&c->err, -E2BIG, "too many images in %s", s->root);
    s->writing = true;
    worker_submit(s->loop, WORKER_DISK, &s->write_job, run_write, write_done);
}

static void change(struct store *s, struct snapshot *add, const char *remove, store_done_fn on_done,
                   void *user)
{
    struct store_change *c = NEW(struct store_change);
    c->add = add;
    c->remove = xstrdup(remove);
    c->on_done = on_done;
    c->user = user;
    list_push_back(&s->changes, &c->node);
    next_change(s);
}

void store_add(struct store *s, struct snapshot *image, store_done_fn on_done, void *user)
{
    change(s, image, NULL, on_done, user);
}

void store_remove(struct store *s, const char *id, store_done_fn on_done, void *user)
{
    change(s, NULL, id, on_done, user);
}

/* ---- telling the disk ---- */

static void run_sync(struct worker_job *job)
{
    struct store *s = container_of(job, struct store, sync_job);
    s->sync_failed = syncfs(s->root_fd) < 0;
}

static void sync_done(struct worker_job *job)
{
    struct store *s = container_of(job, struct store, sync_job);
    s->syncing = false;
    /* What was added while the disk was written is not in what is noted now: it asks again. */
    if (!s->sync_failed && !loop_timer_running(&s->sync_timer) && list_empty(&s->changes))
        change(s, NULL, NULL, NULL, NULL);
}

static void on_sync_timer(struct loop_timer *t)
{
    struct store *s = container_of(t, struct store, sync_timer);
    if (s->syncing || !list_empty(&s->changes)) {
        loop_timer_start(&s->sync_timer, SYNC_DELAY_MS);
        return;
    }
    s->syncing = true;
    worker_submit(s->loop, WORKER_DISK, &s->sync_job, run_sync, sync_done);
}

/* ---- opening and closing ---- */

static void on_collect_timer(struct loop_timer *t)
{
    store_collect(container_of(t, struct store, collect_timer));
}

void store_collect_later(struct store *s)
{
    if (!loop_timer_running(&s->collect_timer))
        loop_timer_start(&s->collect_timer, COLLECT_DELAY_MS);
}

int store_open(struct store *s, struct loop *loop, const char *root, bool read_only,
               void (*on_change)(void *user), void *user, struct err *err)
{
    *s = (struct store){
        .loop = loop,
        .root = xstrdup(root),
        .read_only = read_only,
        .root_fd = -1,
        .lock_fd = -1,
        .on_change = on_change,
        .user = user,
    };
    list_init(&s->changes);
    loop_timer_init(&s->sync_timer, loop, "image sync", on_sync_timer);
    loop_timer_init(&s->collect_timer, loop, "image collect", on_collect_timer);
    int rc = store_start(s, err);
    if (rc < 0) {
        store_close(s);
        (void)err_wrap(err, "image store %s", root);
        return rc;
    }
    if (!s->read_only && store_needs_sync(s))
        loop_timer_start(&s->sync_timer, SYNC_DELAY_MS);
    return 0;
}

static void free_items(struct map *map)
{
    const char *key;
    void *value;
    for (size_t i = 0; map_next(map, &i, &key, &value);)
        drop_item(map, key);
    map_done(map);
}

/* Who loads an image and ends at once wants it to be there after the next boot, too. */
static void sync_before_end(struct store *s)
{
    if (s->root_fd < 0 || s->read_only || !store_needs_sync(s) || syncfs(s->root_fd) < 0)
        return;
    change(s, NULL, NULL, NULL, NULL);
    worker_drain(s->loop);
}

void store_close(struct store *s)
{
    worker_drain(s->loop);
    sync_before_end(s);
    loop_timer_stop(&s->sync_timer);
    loop_timer_stop(&s->collect_timer);
    image_set_done(&s->images);
    free_items(&s->layers);
    free_items(&s->blobs);
    map_done(&s->pins);
    if (s->root_fd >= 0)
        (void)close(s->root_fd);
    if (s->lock_fd >= 0)
        (void)close(s->lock_fd);
    free(TAKE_PTR(s->root));
}
