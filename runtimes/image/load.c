/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images from a file: an OCI layout (a directory, or a tar of one) or an archive of `docker save`.
 * A tar is looked into by the unpacker, like any layer: the reader of archives never runs in this
 * process. Then each image in it is pulled from the directory, one after the other.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "discard.h"
#include "images.h"

/* index.json of a layout is an image_document. */
#define SAVED_IMAGE_FIELDS(F)                                                                      \
    F(value, const char *, config, "Config", JSON_REQUIRED)                                        \
    F(values, const char *, repo_tags, "RepoTags", 0)                                              \
    F(values, const char *, layers, "Layers", 0)
JSON_STRUCT(saved_image, SAVED_IMAGE_FIELDS);
JSON_TYPE(saved_image, SAVED_IMAGE_FIELDS);

struct saved_images {
    const struct saved_image *items;
    size_t len;
};
static const struct json_type saved_images_type = {
    .name = "saved_images",
    .shape = JSON_SEQUENCE,
    .size = sizeof(struct saved_images),
    .elem = &saved_image_type,
    .elem_size = sizeof(struct saved_image),
};

struct load {
    struct list node;
    struct images *images;
    struct ask *ask; /* NULL: cancelled */
    char *path, *name;
    char *temp_dir; /* NULL: path is a directory */
    int dir_fd;
    struct layer unpack;
    struct doc doc;
    struct arena *arena;
    struct image_document layout;
    struct saved_images saved;
    size_t next;
    struct pull *pull;
    struct snapshot **results;
    size_t results_len;
};

static void load_free(struct load *l)
{
    list_remove(&l->node);
    doc_done(&l->doc);
    if (l->temp_dir)
        discard_tree(l->images->loop, l->temp_dir);
    if (l->dir_fd >= 0)
        (void)close(l->dir_fd);
    for (size_t i = 0; i < l->results_len; i++)
        (void)snapshot_unref(l->results[i]);
    free(l->results);
    (void)arena_unref(l->arena);
    free(l->path);
    free(l->name);
    free(l->temp_dir);
    free(l);
}

static void end(struct load *l, const struct err *failed)
{
    struct ask *a = l->ask;
    struct err err = ERR_INIT;
    if (failed) {
        err_copy(&err, failed);
        (void)err_wrap(&err, "failed to load %s", l->path);
    }
    struct rt_image *items = xcalloc(l->results_len ? l->results_len : 1, sizeof(*items));
    for (size_t i = 0; i < l->results_len; i++)
        items[i] = l->results[i]->detail.image;
    struct rt_image_list list = { items, l->results_len };
    if (a) {
        a->cancel = NULL;
        a->owner = NULL;
        ask_end(a, failed ? &err : NULL, failed ? NULL : &list);
    }
    free(items);
    load_free(l);
}

static void next_image(struct load *l);

static void on_pulled(void *user, const struct err *failed, struct snapshot *image)
{
    struct load *l = user;
    l->pull = NULL;
    if (failed || !l->ask) { /* or cancelled when it was too late for this one */
        end(l, failed);
        return;
    }
    l->results = xrealloc(l->results, (l->results_len + 1) * sizeof(struct snapshot *));
    l->results[l->results_len++] = snapshot_ref(image);
    next_image(l);
}

static void on_progress(void *user, const struct rt_pull_progress *p)
{
    struct load *l = user;
    if (l->ask && l->ask->progress)
        l->ask->progress(l->ask->call.user, p);
}

static void add_tag(char ***tags, const char *name)
{
    struct rt_image_ref ref;
    char text[RT_IMAGE_REF_TEXT_MAX];
    if (str_empty(name) || rt_image_ref_parse(name, &ref, NULL) < 0 || ref.digest[0])
        return;
    rt_image_ref_text(&ref, text);
    strv_push(tags, text);
}

/* Tools write the whole name, or the tag alone, which says nothing without a name. */
static char **layout_tags(const struct load *l, const struct image_descriptor *d)
{
    char **tags = strv_new();
    const char *full = json_map_get(&d->annotations, "io.containerd.image.name");
    const char *ref = json_map_get(&d->annotations, "org.opencontainers.image.ref.name");
    if (full)
        add_tag(&tags, full);
    else if (ref && strpbrk(ref, ":/"))
        add_tag(&tags, ref);
    if (!tags[0])
        add_tag(&tags, l->name);
    return tags;
}

static void next_image(struct load *l)
{
    struct images *m = l->images;
    AUTO(strv_free) char **tags = NULL;
    size_t i = l->next++;
    struct pull_parts parts;
    struct pull_opts opts = {
        .store = &m->store,
        .unpack_path = m->unpack_path,
        .platforms = m->platforms,
        .dir_fd = l->dir_fd,
    };
    if (i >= l->saved.len + l->layout.manifests.len) {
        end(l, NULL);
        return;
    }
    if (l->saved.len) {
        const struct saved_image *s = &l->saved.items[i];
        parts = (struct pull_parts){ s->config, s->layers.items, s->layers.len };
        opts.parts = &parts;
        tags = strv_new();
        for (size_t t = 0; t < s->repo_tags.len; t++)
            add_tag(&tags, s->repo_tags.items[t]);
        if (!tags[0])
            add_tag(&tags, l->name);
    } else {
        opts.document = l->layout.manifests.items[i].digest;
        tags = layout_tags(l, &l->layout.manifests.items[i]);
    }
    opts.tags = tags;
    l->pull = pull_start(&opts, on_progress, on_pulled, l);
}

/* ---- what is in the directory ---- */

static void read_list(struct load *l, const char *file, doc_done_fn fn)
{
    struct err err = ERR_INIT;
    struct doc_opts opts = {
        .loop = l->images->loop,
        .dir_fd = l->dir_fd,
        .source = file,
        .max_bytes = LIMIT_IMAGE_MANIFEST_BYTES,
    };
    if (doc_start(&l->doc, &opts, fn, &err) < 0)
        end(l, &err);
}

static void on_saved(struct doc *d, const struct err *failed)
{
    struct load *l = container_of(d, struct load, doc);
    struct err err = ERR_INIT;
    if (failed && failed->code == -ENOENT)
        (void)err_set(&err, -EINVAL,
                      "it is neither an OCI layout (index.json) nor an archive of docker save "
                      "(manifest.json)");
    else if (failed)
        err_copy(&err, failed);
    else if (json_decode(&saved_images_type, d->data.data ? d->data.data : "", d->data.len, NULL,
                         l->arena, &l->saved, &err) < 0)
        (void)err_wrap(&err, "manifest.json");
    if (err.code)
        end(l, &err);
    else
        next_image(l);
}

static void on_layout(struct doc *d, const struct err *failed)
{
    struct load *l = container_of(d, struct load, doc);
    struct err err = ERR_INIT;
    if (failed && failed->code == -ENOENT) {
        read_list(l, "manifest.json", on_saved);
        return;
    }
    if (failed)
        err_copy(&err, failed);
    else if (manifest_decode(d->data.data ? d->data.data : "", d->data.len, l->arena, &l->layout,
                             &err) == 0 &&
             !manifest_is_index(&l->layout))
        (void)err_set(&err, -EINVAL, "it lists no images");
    if (!err.code) {
        next_image(l);
        return;
    }
    (void)err_wrap(&err, "index.json");
    end(l, &err);
}

static void look_into(struct load *l, const char *dir)
{
    struct err err = ERR_INIT;
    l->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (l->dir_fd < 0) {
        (void)err_errno(&err, errno, "open");
        end(l, &err);
        return;
    }
    read_list(l, "index.json", on_layout);
}

static void on_unpacked(struct layer *unpack, const struct err *failed)
{
    struct load *l = container_of(unpack, struct load, unpack);
    if (failed || !l->ask) {
        end(l, failed);
        return;
    }
    AUTO(free) char *dir = xasprintf("%s/fs", l->temp_dir);
    look_into(l, dir);
}

static void begin(struct ask *a)
{
    struct load *l = a->owner;
    struct err err = ERR_INIT;
    struct stat st;
    if (stat(l->path, &st) < 0) {
        (void)err_errno(&err, errno, "open");
        end(l, &err);
        return;
    }
    if (S_ISDIR(st.st_mode)) {
        look_into(l, l->path);
        return;
    }
    l->temp_dir = store_temp_path(&l->images->store);
    struct layer_opts opts = {
        .loop = l->images->loop,
        .unpack_path = l->images->unpack_path,
        .blob_path = l->path,
        .temp_dir = l->temp_dir,
    };
    if (layer_start(&l->unpack, &opts, on_unpacked, &err) < 0)
        end(l, &err);
}

static void leave(struct ask *a)
{
    struct load *l = a->owner;
    a->cancel = NULL;
    a->owner = NULL;
    if (!l)
        return;
    l->ask = NULL;
    if (l->unpack.work)
        layer_cancel(&l->unpack);
    else if (l->pull)
        pull_cancel(l->pull);
    else
        load_free(l);
}

struct rt_op *rt_images_load(struct rt_images *base, const struct rt_load_request *req,
                             const struct rt_call *call)
{
    struct images *m = container_of(base, struct images, base);
    struct ask *a = ask_new(m, call, req->path);
    if (ask_refused(a))
        return &a->op;
    struct load *l = NEW(struct load);
    l->images = m;
    l->ask = a;
    l->path = xstrdup(req->path);
    l->name = xstrdup(req->name);
    l->dir_fd = -1;
    l->arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    list_push_back(&m->loads, &l->node);
    a->owner = l;
    a->progress = req->progress;
    a->cancel = leave;
    ask_later(a, begin);
    return &a->op;
}

void load_advance(struct images *m)
{
    struct load *l;
    list_each (l, &m->loads, struct load, node)
        if (l->pull)
            pull_advance(l->pull);
}

void images_abort_loads(struct images *m)
{
    struct load *l;
    while ((l = list_first(&m->loads, struct load, node))) {
        if (l->ask) {
            l->ask->owner = NULL;
            l->ask->cancel = NULL;
        }
        if (l->pull)
            pull_abort(l->pull);
        layer_abort(&l->unpack);
        load_free(l);
    }
}
