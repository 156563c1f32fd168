/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks for an image that is already being pulled with the same credentials and the same
 * preference among the entries of an index joins that pull.
 * With other credentials it gets one of its own (a pull also proves that the asker may have the
 * image); what has come for one serves the other all the same, because layers are shared below.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "images.h"

struct sharing { /* a pull and those who wait for it */
    struct list node;
    struct images *images;
    char *key; /* reference, credentials, preference; of a file the reference alone */
    char *text;
    struct pull *pull;
    struct list askers;
};

static void sharing_free(struct sharing *s)
{
    list_remove(&s->node);
    free(s->key);
    free(s->text);
    free(s);
}

static void on_progress(void *user, const struct rt_pull_progress *progress)
{
    struct sharing *s = user;
    struct ask *a;
    list_each (a, &s->askers, struct ask, member)
        if (a->progress)
            a->progress(a->call.user, progress);
}

static void on_done(void *user, const struct err *failed, struct snapshot *image)
{
    struct sharing *s = user;
    struct err err = ERR_INIT;
    struct list askers = LIST_INIT(askers);
    struct ask *a;
    if (failed) {
        err_copy(&err, failed);
        (void)err_wrap(&err, "failed to pull and unpack image \"%s\"", s->text);
    }
    while ((a = list_first(&s->askers, struct ask, member))) {
        list_remove(&a->member);
        list_push_back(&askers, &a->member);
    }
    sharing_free(s);
    while ((a = list_first(&askers, struct ask, member)))
        ask_end(a, failed ? &err : NULL, failed ? NULL : &image->detail.image);
}

static void leave(struct ask *a)
{
    struct sharing *s = a->owner;
    list_remove(&a->member);
    a->cancel = NULL;
    if (s && list_empty(&s->askers))
        pull_cancel(s->pull); /* and nobody joins it any more */
    if (s && list_empty(&s->askers))
        s->key[0] = '\0';
}

static bool is_plain(const struct images *m, const char *domain)
{
    for (char **host = m->plain_http; host && *host; host++)
        if (str_eq(*host, domain))
            return true;
    return false;
}

/* A file of a few kilobytes, which the administrator has put there. */
static int trust_of(const struct images *m, const char *domain, struct http_tls **ret_tls,
                    struct err *err)
{
    AUTO(buf_done) struct buf pem = BUF_INIT(LIMIT_IMAGE_CA_BYTES);
    AUTO(free) char *path = xasprintf("%s/%s/ca.crt", str_or(m->certs_dir, ""), domain);
    *ret_tls = NULL;
    if (!m->certs_dir || !path_exists(path))
        return 0;
    int rc = file_read(AT_FDCWD, path, &pem, err);
    struct http_tls_opts opts = { .ca = pem.data, .ca_len = pem.len };
    if (rc == 0)
        rc = http_tls_new(&opts, ret_tls, err);
    if (rc < 0)
        (void)err_wrap(err, "%s", path);
    return rc;
}

static char *key_of(const char *text, const struct rt_pull_request *req)
{
    struct buf b = BUF_INIT(SIZE_MAX / 2);
    (void)buf_printf(&b, "%s\n%s", text, req->wasm_first ? "wasm" : "");
    for (size_t i = 0; i < req->auths.len; i++) {
        const struct rt_auth *a = &req->auths.items[i];
        const char *const parts[] = { a->username, a->password, a->identity_token,
                                      a->registry_token };
        for (size_t k = 0; k < ARRAY_LEN(parts); k++)
            (void)buf_printf(&b, "\n%zu:%s", strlen(str_or(parts[k], "")), str_or(parts[k], ""));
    }
    return buf_take(&b);
}

static struct sharing *find(struct images *m, const char *key)
{
    struct sharing *s;
    list_each (s, &m->pulls, struct sharing, node)
        if (str_eq(s->key, key))
            return s;
    return NULL;
}

/* Takes key. Of opts only where it comes from need be filled. */
static struct sharing *start(struct images *m, char *key, const char *text,
                             const struct pull_opts *opts, bool wasm_first)
{
    struct sharing *s = NEW(struct sharing);
    struct pull_opts all = *opts;
    s->images = m;
    s->key = key;
    s->text = xstrdup(text);
    list_init(&s->askers);
    list_push_back(&m->pulls, &s->node);
    all.store = &m->store;
    all.unpack_path = m->unpack_path;
    all.platforms = wasm_first ? m->wasm_first : m->platforms;
    all.dir_fd = -1;
    s->pull = pull_start(&all, on_progress, on_done, s);
    return s;
}

static struct sharing *start_registry(struct images *m, const struct rt_image_ref *ref,
                                      const struct rt_pull_request *req, char *key,
                                      struct http_tls *tls)
{
    char text[RT_IMAGE_REF_TEXT_MAX], name[RT_IMAGE_REF_TEXT_MAX];
    rt_image_ref_text(ref, text);
    rt_image_ref_name(ref, name);
    struct registry_opts registry = {
        .pool = registry_is_loopback(ref->domain) ? m->loopback_pool : m->pool,
        .ref = ref,
        .auths = &req->auths,
        .plain_http = is_plain(m, ref->domain),
        .tls = tls,
    };
    AUTO(strv_free) char **tags = strv_new();
    if (!ref->digest[0])
        strv_push(&tags, text);
    struct pull_opts opts = {
        .registry = registry_new(&registry),
        .document = ref->digest[0] ? ref->digest : ref->tag,
        .tags = tags,
        .name = name,
    };
    return start(m, key, text, &opts, req->wasm_first);
}

static void join(struct ask *a, struct sharing *s, const struct rt_pull_request *req)
{
    a->progress = req->progress;
    a->owner = s;
    a->cancel = leave;
    list_push_back(&s->askers, &a->member);
}

static void pull_from_registry(struct ask *a, const struct rt_pull_request *req)
{
    struct images *m = a->images;
    struct rt_image_ref ref;
    struct err err = ERR_INIT;
    char text[RT_IMAGE_REF_TEXT_MAX];
    AUTO(http_tls_unref) struct http_tls *tls = NULL;
    if (rt_image_ref_parse(req->image, &ref, &err) < 0) {
        ask_fail_later(a, &err);
        return;
    }
    if (ask_refused(a))
        return;
    rt_image_ref_text(&ref, text);
    if (trust_of(m, ref.domain, &tls, &err) < 0) {
        err_reason_default(&err, "ErrImagePull");
        ask_fail_later(a, &err);
        return;
    }
    char *key = key_of(text, req);
    struct sharing *s = find(m, key);
    if (s)
        free(key);
    else
        s = start_registry(m, &ref, req, key, tls);
    join(a, s, req);
}

/* Nobody has to prove a right to it, so all share; the image goes by the reference as it is. */
static void pull_file(struct ask *a, const struct rt_pull_request *req, const char *path)
{
    struct images *m = a->images;
    if (ask_refused_file(a) || ask_refused(a))
        return;
    AUTO(strv_free) char **tags = strv_new();
    strv_push(&tags, req->image);
    const struct pull_opts opts = { .file = path, .tags = tags };
    struct sharing *s = find(m, req->image);
    join(a, s ? s : start(m, xstrdup(req->image), req->image, &opts, false), req);
}

struct rt_op *images_pull(struct rt_images *base, const struct rt_pull_request *req,
                          const struct rt_call *call)
{
    struct ask *a = ask_new(container_of(base, struct images, base), call, req->image);
    const char *path = rt_image_ref_local(req->image);
    if (path)
        pull_file(a, req, path);
    else
        pull_from_registry(a, req);
    return &a->op;
}

void images_advance(struct images *m)
{
    struct sharing *s;
    list_each (s, &m->pulls, struct sharing, node)
        pull_advance(s->pull);
    load_advance(m);
}

void images_abort_pulls(struct images *m)
{
    struct sharing *s;
    while ((s = list_first(&m->pulls, struct sharing, node))) {
        struct ask *a;
        while ((a = list_first(&s->askers, struct ask, member))) {
            list_remove(&a->member); /* ends with all others */
            a->owner = NULL;
        }
        pull_abort(s->pull);
        sharing_free(s);
    }
}
