/* SPDX-License-Identifier: Apache-2.0 */
#include "images.h"

#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "mounted.h"

static struct images *images_of(struct rt_images *s)
{
    return container_of(s, struct images, base);
}

/* ---- operations that only look ---- */

static void status_now(struct ask *a)
{
    struct snapshot *s = image_set_find(&a->images->store.images, a->text);
    if (s)
        (void)snapshot_ref(s);
    ask_end(a, NULL, s ? &s->detail.image : NULL);
    (void)snapshot_unref(s);
}

static struct rt_op *images_status(struct rt_images *base, const char *image,
                                   const struct rt_call *call)
{
    struct ask *a = ask_new(images_of(base), call, image);
    if (!ask_refused_file(a))
        ask_later(a, status_now);
    return &a->op;
}

static void list_now(struct ask *a)
{
    const struct image_set *set = &a->images->store.images;
    size_t len = set->len;
    struct rt_image *items = xcalloc(len ? len : 1, sizeof(*items));
    struct snapshot **held = xcalloc(len ? len : 1, sizeof(struct snapshot *));
    for (size_t i = 0; i < len; i++) {
        held[i] = snapshot_ref(set->items[i]);
        items[i] = held[i]->detail.image;
    }
    struct rt_image_list list = { items, len };
    ask_end(a, NULL, &list);
    for (size_t i = 0; i < len; i++)
        (void)snapshot_unref(held[i]);
    free(held);
    free(items);
}

static struct rt_op *images_list(struct rt_images *base, const struct rt_call *call)
{
    struct ask *a = ask_new(images_of(base), call, NULL);
    ask_later(a, list_now);
    return &a->op;
}

/* ---- removing ---- */

static void removed(void *user, const struct err *err)
{
    struct ask *a = user;
    a->cancel = NULL;
    if (err)
        ask_fail_later(a, err);
    else if (!a->err.code)
        ask_end(a, NULL, NULL);
    else
        ask_fail_later(a, &a->err);
}

static void refuse_used(struct ask *a)
{
    struct err err = ERR_INIT;
    (void)err_set(&err, -EBUSY, "image \"%s\" is in use by a container", a->text);
    ask_end(a, &err, NULL);
}

struct removal { /* a look at the mounts, before the image goes */
    struct worker_job job;
    struct ask *ask;
    char *id;
    char **names;
    bool mounted;
};

static void run_removal(struct worker_job *job)
{
    struct removal *r = container_of(job, struct removal, job);
    r->mounted = mounted_any(r->names);
}

static void removal_done(struct worker_job *job)
{
    struct removal *r = container_of(job, struct removal, job);
    struct images *m = r->ask->images;
    if (r->mounted || (m->in_use && m->in_use(m->user, r->id)))
        refuse_used(r->ask);
    else
        store_remove(&m->store, r->id, removed, r->ask);
    (void)strv_free(r->names);
    free(r->id);
    free(r);
}

static void remove_now(struct ask *a)
{
    struct images *m = a->images;
    struct snapshot *s = image_set_find(&m->store.images, a->text);
    if (ask_refused(a))
        return;
    if (!s) { /* gone already is fine */
        ask_end(a, NULL, NULL);
        return;
    }
    struct removal *r = NEW(struct removal);
    r->ask = a;
    r->id = xstrdup(s->record.id);
    r->names = image_set_own_layers(&m->store.images, s);
    worker_submit(m->loop, WORKER_DISK, &r->job, run_removal, removal_done);
}

static struct rt_op *images_remove(struct rt_images *base, const char *image,
                                   const struct rt_call *call)
{
    struct rt_call unhurried = *call; /* it is short, and once written down it is done */
    unhurried.deadline_ms = 0;
    struct ask *a = ask_new(images_of(base), &unhurried, image);
    a->op.cancel = NULL;
    ask_later(a, remove_now);
    return &a->op;
}

static const struct rt_images_ops ops = {
    .name = "oarsman",
    .pull = images_pull,
    .status = images_status,
    .list = images_list,
    .remove = images_remove,
};

/* ---- what others build containers from ---- */

bool rt_images_have_blob(struct rt_images *base, const char *digest)
{
    return store_has_blob(&images_of(base)->store, digest);
}

const struct rt_image_detail *rt_images_get(struct rt_images *base, const char *image)
{
    struct snapshot *s = image_set_find(&images_of(base)->store.images, image);
    return s ? &s->detail : NULL;
}

static struct snapshot *snapshot_of(const struct rt_image_detail *detail)
{
    return container_of((struct rt_image_detail *)(uintptr_t)detail, struct snapshot, detail);
}

const struct rt_image_detail *rt_image_detail_ref(const struct rt_image_detail *detail)
{
    return &snapshot_ref(snapshot_of(detail))->detail;
}

const struct rt_image_detail *rt_image_detail_unref(const struct rt_image_detail *detail)
{
    if (detail)
        (void)snapshot_unref(snapshot_of(detail));
    return NULL;
}

/* ---- opening and closing ---- */

void images_advance(struct images *m);

static void on_store_change(void *user)
{
    images_advance(user);
}

static void copy_platforms(struct images *m, const struct rt_images_opts *opts)
{
    const struct rt_platform native = rt_platform_native();
    const struct rt_platform *from = opts->platforms_len ? opts->platforms : &native;
    size_t len = opts->platforms_len ? opts->platforms_len : 1;
    m->arena = arena_new(64 * KIB);
    m->platforms = platform_order_of(from, len, false, m->arena);
    m->wasm_first = platform_order_of(from, len, true, m->arena);
}

static void images_free(struct images *m)
{
    m->pool = http_pool_free(m->pool);
    m->loopback_pool = http_pool_free(m->loopback_pool);
    (void)arena_unref(m->arena);
    (void)strv_free(m->plain_http);
    free(m->unpack_path);
    free(m->certs_dir);
    free(m);
}

int rt_images_open(struct loop *loop, const struct rt_images_opts *opts, struct rt_images **ret,
                   struct err *err)
{
    if (opts->root[0] != '/')
        return err_set(err, -EINVAL, "image store %s: the path is not absolute", opts->root);
    struct images *m = NEW(struct images);
    m->base.ops = &ops;
    m->loop = loop;
    m->unpack_path = xstrdup(opts->unpack_path);
    m->certs_dir = xstrdup(opts->certs_dir);
    m->in_use = opts->in_use;
    m->user = opts->user;
    m->plain_http = opts->plain_http ? strv_new() : NULL;
    for (size_t i = 0; opts->plain_http && i < opts->plain_http->len; i++)
        strv_push(&m->plain_http, opts->plain_http->items[i]);
    list_init(&m->pulls);
    list_init(&m->loads);
    list_init(&m->asks);
    copy_platforms(m, opts);
    struct http_pool_opts pool = {
        .name = "images",
        .user_agent = str_or(opts->user_agent, "oarsman/" OARSMAN_VERSION),
        .connections_max = 8,
        .http1_only = true,
    };
    m->pool = http_pool_new(loop, &pool);
    pool.proxy = "";
    m->loopback_pool = http_pool_new(loop, &pool);
    m->read_only = opts->read_only;
    m->local_modules = opts->local_modules;
    int rc = store_open(&m->store, loop, opts->root, opts->read_only, on_store_change, m, err);
    if (rc < 0) {
        images_free(m);
        return rc;
    }
    *ret = &m->base;
    return 0;
}

struct rt_images *rt_images_close(struct rt_images *base)
{
    if (!base)
        return NULL;
    struct images *m = images_of(base);
    struct err err = ERR_INIT;
    struct ask *a;
    images_abort_loads(m);
    images_abort_pulls(m);
    worker_drain(m->loop); /* removals being written end in the ordinary way */
    (void)err_set(&err, -ECANCELED, "the image service is closed");
    while ((a = list_first(&m->asks, struct ask, node)))
        ask_end(a, &err, NULL);
    store_close(&m->store);
    images_free(m);
    return NULL;
}
