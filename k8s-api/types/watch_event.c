/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch_event.c - one decoder a line, fed as bytes arrive. The type of "object" follows from
 * "type", which API servers write first; a stream that does otherwise is refused rather than
 * guessed at.
 */
#include "k8s/watch_event.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/status.h"

#define K8S_WATCH_ENVELOPE_FIELDS(F)                                                               \
    F(value, const char *, type, "type", JSON_REQUIRED)                                            \
    F(any, json_any, object, "object", JSON_REQUIRED)
JSON_STRUCT(k8s_watch_envelope, K8S_WATCH_ENVELOPE_FIELDS);
JSON_TYPE(k8s_watch_envelope, K8S_WATCH_ENVELOPE_FIELDS);

struct k8s_watch_decoder {
    const struct json_type *type;
    k8s_watch_fn fn;
    void *user;
    struct json_decoder *json; /* of the current line; NULL between lines */
    struct arena *arena;       /* likewise */
    struct json_paths unknown;
};

static const char *const type_words[K8S_WATCH_NR] = {
    [K8S_WATCH_ADDED] = "ADDED",     [K8S_WATCH_MODIFIED] = "MODIFIED",
    [K8S_WATCH_DELETED] = "DELETED", [K8S_WATCH_BOOKMARK] = "BOOKMARK",
    [K8S_WATCH_ERROR] = "ERROR",
};

const char *k8s_watch_type_str(enum k8s_watch_type type)
{
    return type_words[type];
}

/* K8S_WATCH_NR: no such type. */
static enum k8s_watch_type type_of(const char *word)
{
    unsigned i = 0;

    while (i < K8S_WATCH_NR && !str_eq(type_words[i], word))
        i++;
    return (enum k8s_watch_type)i;
}

static const struct json_type *choose(void *user, const void *record, struct err *err)
{
    const struct k8s_watch_decoder *d = (const struct k8s_watch_decoder *)user;
    const struct k8s_watch_envelope *e = (const struct k8s_watch_envelope *)record;

    if (!e->type) {
        (void)err_set(err, -EINVAL, "watch event: object comes before type");
        return NULL;
    }
    if (type_of(e->type) == K8S_WATCH_NR) {
        (void)err_set(err, -EINVAL, "watch event of unknown type \"%.40s\"", e->type);
        return NULL;
    }
    return type_of(e->type) == K8S_WATCH_ERROR ? &k8s_status_type : d->type;
}

struct k8s_watch_decoder *k8s_watch_decoder_new(const struct json_type *type, k8s_watch_fn fn,
                                                void *user)
{
    struct k8s_watch_decoder *d = NEW(struct k8s_watch_decoder);

    d->type = type;
    d->fn = fn;
    d->user = user;
    return d;
}

static void line_begin(struct k8s_watch_decoder *d)
{
    struct json_decode_opts opts = {
        .max_bytes = LIMIT_K8S_OBJECT_BYTES,
        .unknown_below = "spec",
        .ret_unknown = &d->unknown,
        .choose = choose,
        .user = d,
    };

    d->arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    d->json = json_decoder_new(&k8s_watch_envelope_type, &opts, d->arena);
}

static void line_drop(struct k8s_watch_decoder *d)
{
    d->json = json_decoder_free(d->json);
    d->arena = arena_unref(d->arena);
}

static int line_end(struct k8s_watch_decoder *d, struct err *err)
{
    struct k8s_watch_envelope e;
    enum k8s_watch_type type;
    struct k8s_object *o;
    int r = json_decoder_finish(d->json, &e, err);

    d->json = json_decoder_free(d->json);
    if (r < 0)
        return r;
    if (!e.object)
        return err_set(err, -EINVAL, "watch event without an object");
    type = type_of(e.type);
    r = k8s_object_new(type == K8S_WATCH_ERROR ? &k8s_status_type : d->type, e.object, &d->unknown,
                       &o, err);
    d->arena = arena_unref(d->arena);
    return r < 0 ? r : d->fn(d->user, type, o, err);
}

int k8s_watch_decoder_feed(struct k8s_watch_decoder *d, const char *data, size_t len,
                           struct err *err)
{
    int r = 0;

    while (len > 0 && r == 0) {
        const char *newline = (const char *)memchr(data, '\n', len);
        size_t n = newline ? (size_t)(newline - data) : len;

        if (n > 0 && !d->json)
            line_begin(d);
        if (n > 0)
            r = json_decoder_feed(d->json, data, n, err);
        if (r == 0 && newline && d->json)
            r = line_end(d, err);
        n += newline != NULL;
        data += n;
        len -= n;
    }
    return r;
}

struct k8s_watch_decoder *k8s_watch_decoder_free(struct k8s_watch_decoder *d)
{
    if (!d)
        return NULL;
    line_drop(d);
    free(d);
    return NULL;
}
