/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_path.c - where in the document the decoder is, in words: for errors and for unknown fields.
 * Computed from the frames when it is needed, so that the ordinary way pays nothing for it.
 */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "json_decoder.h"

#define PATH_MAX_BYTES 512u

static void add_key(struct buf *out, const char *key, size_t len)
{
    if (out->len)
        (void)buf_putc(out, '.');
    (void)buf_add(out, key, len);
}

static void add_step(struct buf *out, const struct frame *f)
{
    switch (f->kind) {
    case FRAME_ROOT:
        break;
    case FRAME_RECORD:
        if (f->field)
            add_key(out, f->field->key, f->field->key_len);
        break;
    case FRAME_MAP:
        if (f->last)
            (void)buf_printf(out, "[%s]", *(const char **)(void *)f->last->data);
        break;
    case FRAME_LIST:
    case FRAME_EACH:
        if (f->count)
            (void)buf_printf(out, "[%zu]", f->count - 1);
        break;
    }
}

static void path_from(const struct json_decoder *d, unsigned first, struct buf *out)
{
    for (unsigned i = first; i < d->depth; i++)
        add_step(out, &d->frames[i]);
}

int decoder_fail(struct json_decoder *d, int code, const char *fmt, ...)
{
    AUTO(buf_done) struct buf path = BUF_INIT(PATH_MAX_BYTES);
    char what[ERR_MSG_MAX];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    path_from(d, 0, &path);
    d->status = err_set(&d->err, code, "%s%s%s%s", buf_str(&path), buf_failed(&path) ? "..." : "",
                        path.len ? ": " : "", what);
    return code;
}

int decoder_full(struct json_decoder *d)
{
    return decoder_fail(d, -E2BIG, "object needs too much memory");
}

static bool is_below(const char *path, const char *prefix)
{
    size_t n = strlen(prefix);

    return n == 0 ||
           (strncmp(path, prefix, n) == 0 && (!path[n] || path[n] == '.' || path[n] == '['));
}

/* The frame where noted paths begin: that of the value that has a type of its own, or of the whole
 * document. */
static unsigned note_root(const struct json_decoder *d)
{
    unsigned i = d->depth;

    while (i-- > 0)
        if (d->frames[i].note_root)
            return i + 1;
    return 0;
}

static int keep(struct json_decoder *d, const char *path)
{
    char *copy;

    if (d->unknown.len == LIMIT_JSON_UNKNOWN_PATHS) {
        d->unknown.more++;
        return 0;
    }
    if (d->unknown.len == d->unknown_cap) {
        size_t cap = d->unknown_cap ? d->unknown_cap * 2 : 4;
        const char **items = (const char **)arena_alloc(d->arena, cap * sizeof(*items));

        if (!items)
            return decoder_full(d);
        if (d->unknown.len)
            memcpy(items, d->unknown_items, d->unknown.len * sizeof(*items));
        d->unknown.items = d->unknown_items = items;
        d->unknown_cap = cap;
    }
    copy = arena_strdup(d->arena, path);
    if (!copy)
        return decoder_full(d);
    d->unknown_items[d->unknown.len++] = copy;
    return 0;
}

int decoder_note_unknown(struct json_decoder *d, const char *key, size_t len)
{
    AUTO(buf_done) struct buf path = BUF_INIT(PATH_MAX_BYTES);

    if (!d->opts.unknown_below)
        return 0;
    path_from(d, note_root(d), &path);
    if (key)
        add_key(&path, key, len);
    if (!is_below(buf_str(&path), d->opts.unknown_below))
        return 0;
    return keep(d, buf_str(&path));
}
