/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Collection: what is neither referred to by an image nor pinned by a pull goes. Decided on the
 * loop, done by a worker; meanwhile a layer is GOING, and who wants it waits until it is gone and
 * makes it anew.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/effect.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "discard.h"
#include "store_private.h"

struct store_collection {
    struct store *store;
    struct worker_job job;
    char **paths; /* layers and blobs */
    char **trash; /* where the layers go, one for each path; "" for a blob */
    bool again;
};

static bool image_uses(const struct image_record *r, const char *key)
{
    if (str_eq(key, r->config_digest) || str_eq(key, r->manifest_digest))
        return true;
    for (size_t i = 0; i < r->layers.len; i++) {
        const struct image_layer_record *l = &r->layers.items[i];
        if (str_eq(key, l->chain ? l->chain : l->digest))
            return true;
    }
    return false;
}

static bool wanted(const struct store *s, const char *key)
{
    bool used = map_get(&s->pins, key) != NULL;
    for (size_t i = 0; !used && i < s->images.len; i++)
        used = image_uses(&s->images.items[i]->record, key);
    return used;
}

static void pick(struct store *s, struct map *map, bool layers, struct store_collection *c)
{
    const char *name;
    void *value;
    for (size_t i = 0; map_next(map, &i, &name, &value);) {
        struct store_layer *l = value;
        if (l->state != STORE_LAYER_THERE || wanted(s, l->key))
            continue;
        l->state = STORE_LAYER_GOING;
        AUTO(free)
        char *path = layers ? layer_dir_path(s->root, l->key) : blob_file_path(s->root, l->key);
        strv_push(&c->paths, path);
        if (layers)
            strv_pushf(&c->trash, "%s/trash/%s-%u", s->root, name, ++s->temp_serial);
        else
            strv_push(&c->trash, "");
    }
}

static void run(struct worker_job *job)
{
    struct store_collection *c = container_of(job, struct store_collection, job);
    for (size_t i = 0; c->paths[i]; i++) {
        effect("image.collect");
        if (c->trash[i][0])
            (void)rename(c->paths[i], c->trash[i]);
        else
            (void)unlink(c->paths[i]);
    }
}

static void forget_going(struct map *map)
{
    const char *name;
    void *value;
    for (size_t i = 0; map_next(map, &i, &name, &value);) {
        struct store_layer *l = value;
        if (l->state != STORE_LAYER_GOING)
            continue;
        (void)map_remove(map, name);
        free(l->key);
        free(l);
    }
}

static void done(struct worker_job *job)
{
    struct store_collection *c = container_of(job, struct store_collection, job);
    struct store *s = c->store;
    bool again = c->again;
    for (size_t i = 0; c->paths[i]; i++)
        if (c->trash[i][0])
            discard_tree(s->loop, c->trash[i]);
    forget_going(&s->layers);
    forget_going(&s->blobs);
    (void)strv_free(c->paths);
    (void)strv_free(c->trash);
    free(c);
    s->collection = NULL;
    if (again)
        store_collect(s);
    s->on_change(s->user);
}

void store_collect(struct store *s)
{
    if (s->collection) {
        s->collection->again = true;
        return;
    }
    struct store_collection *c = NEW(struct store_collection);
    c->store = s;
    c->paths = strv_new();
    c->trash = strv_new();
    pick(s, &s->layers, true, c);
    pick(s, &s->blobs, false, c);
    if (!c->paths[0]) {
        (void)strv_free(c->paths);
        (void)strv_free(c->trash);
        free(c);
        return;
    }
    s->collection = c;
    worker_submit(s->loop, WORKER_DISK, &c->job, run, done);
}
