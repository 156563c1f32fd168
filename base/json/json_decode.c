/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_decode.c - events to structs, by the tables.
 *
 * The top frame tells where the next value goes (struct target): the root, a field's member, a new
 * element of a list, the value of a map's new entry. A record is filled where it will stay.
 * Elements of lists and maps are collected in the scratch and copied once, when their number is
 * known; whatever they point to is in the arena already.
 *
 * A value that nobody wants (unknown, ignored) only counts brackets; one that is kept as text goes
 * through a writer.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "json_decoder.h"

struct header { /* of every list and map */
    const void *items;
    size_t len;
};

struct target {
    const struct json_type *type;
    enum json_storage storage; /* JSON_IGNORED: skip the value */
    char *dest;
};

static struct frame *top(struct json_decoder *d)
{
    return &d->frames[d->depth - 1];
}

static struct frame *push(struct json_decoder *d, enum frame_kind kind,
                          const struct json_type *type, char *base)
{
    struct frame *f;

    if (d->depth + d->skip_depth + d->raw_depth > LIMIT_JSON_DEPTH) {
        (void)decoder_fail(d, -E2BIG, "nested deeper than %d levels", LIMIT_JSON_DEPTH);
        return NULL;
    }
    f = &d->frames[d->depth++];
    *f = (struct frame){ .kind = kind, .type = type, .base = base, .sorted = true };
    f->mark = scratch_mark(&d->scratch);
    return f;
}

static int push_record(struct json_decoder *d, const struct json_type *type, char *base)
{
    struct frame *f = push(d, FRAME_RECORD, type, base);

    if (!f)
        return d->status;
    f->fields = type->fields(&f->n_fields);
    return 0;
}

/* One more element of a list or map. NULL: failure set. */
static char *add_node(struct json_decoder *d, struct frame *f, size_t bytes)
{
    struct scratch_node *n;

    if (f->count == LIMIT_JSON_LIST) {
        (void)decoder_fail(d, -E2BIG, "more than %d elements", LIMIT_JSON_LIST);
        return NULL;
    }
    n = scratch_node(&d->scratch, bytes);
    if (!n) {
        (void)decoder_full(d);
        return NULL;
    }
    n->seq = f->count++;
    if (f->last)
        f->last->next = n;
    else
        f->first = n;
    f->last = n;
    return n->data;
}

/* Element of an each list: in an arena of its own. */
static int target_each(struct json_decoder *d, struct frame *f, struct target *t)
{
    size_t max_bytes = d->opts.each_max_bytes ? d->opts.each_max_bytes : LIMIT_JSON_ARENA_BYTES;

    f->count++;
    d->arena = arena_new(max_bytes);
    d->unknown = (struct json_paths){ .items = NULL };
    d->unknown_cap = 0;
    d->each_element = arena_alloc(d->arena, d->opts.each_type->size);
    if (!d->each_element)
        return decoder_full(d);
    *t = (struct target){ .type = d->opts.each_type,
                          .storage = JSON_IN_PLACE,
                          .dest = (char *)d->each_element };
    return 0;
}

/* A record of category rare comes into being with its first value. NULL: failure set. */
static char *rare_record(struct json_decoder *d, const struct rare *rare)
{
    if (!*rare->member)
        *rare->member = arena_alloc(d->arena, rare->type->size);
    if (!*rare->member)
        (void)decoder_full(d);
    return (char *)*rare->member;
}

static int target_get(struct json_decoder *d, struct target *t)
{
    struct frame *f = top(d);
    const struct json_field *field = f->field;

    switch (f->kind) {
    case FRAME_RECORD:
        if (f->rare.member && !(f->field_base = rare_record(d, &f->rare)))
            return d->status;
        f->rare.member = NULL;
        if (!field || field->storage == JSON_IGNORED)
            *t = (struct target){ .storage = JSON_IGNORED };
        else
            *t = (struct target){ .type = field->type,
                                  .storage = (enum json_storage)field->storage,
                                  .dest = f->field_base + field->offset };
        return 0;
    case FRAME_LIST:
        *t = (struct target){ .type = f->type, .dest = add_node(d, f, f->type->size) };
        return t->dest ? 0 : d->status;
    case FRAME_MAP:
        *t =
            (struct target){ .type = f->type->elem, .dest = f->last->data + f->type->value_offset };
        return 0;
    case FRAME_EACH:
        return target_each(d, f, t);
    case FRAME_ROOT:
        *t = (struct target){ .type = d->type, .dest = d->root };
        return 0;
    }
    return decoder_fail(d, -EINVAL, "no place for this value");
}

/* After a whole value: the root is complete, an element of an each list is handed over. */
static int value_complete(struct json_decoder *d)
{
    struct frame *f = top(d);
    struct arena *arena;
    int r;

    if (f->kind == FRAME_ROOT)
        d->complete = true;
    if (f->kind != FRAME_EACH)
        return 0;
    arena = d->arena;
    d->arena = d->home_arena;
    r = d->opts.each(d->opts.user, arena, d->each_element, &d->unknown, &d->err);
    d->each_element = NULL;
    d->unknown = (struct json_paths){ .items = NULL };
    d->unknown_cap = 0;
    if (r < 0)
        d->status = r;
    return d->status;
}

/* ---- values without inside ---- */

int decoder_scalar(struct json_decoder *d, const struct json_token *token)
{
    struct target t;

    if (d->skip_depth)
        return 0;
    if (d->raw_depth) {
        if (token->kind == JSON_TOKEN_STRING)
            json_write_string_n(&d->raw_writer, token->text, token->len);
        else
            json_write_raw(&d->raw_writer, token->text, token->len);
        return 0;
    }
    if (target_get(d, &t) < 0)
        return d->status;
    if (t.storage == JSON_IGNORED)
        return 0;
    if (t.storage == JSON_POINTER && t.type->shape == JSON_SCALAR) {
        void *value = arena_alloc(d->arena, t.type->size);

        if (!value)
            return decoder_full(d);
        *(void **)(void *)t.dest = value;
        t.dest = (char *)value;
    } else if (t.storage != JSON_IN_PLACE) {
        return decoder_expected(d, t.type, t.storage,
                                token->kind == JSON_TOKEN_STRING   ? "string"
                                : token->kind == JSON_TOKEN_NUMBER ? "number"
                                                                   : "boolean");
    }
    return decoder_store(d, t.type, token, t.dest) < 0 ? d->status : value_complete(d);
}

int decoder_null(struct json_decoder *d)
{
    struct target t;

    if (d->skip_depth)
        return 0;
    if (d->raw_depth) {
        json_write_null(&d->raw_writer);
        return 0;
    }
    if (top(d)->kind == FRAME_EACH)
        return decoder_expected(d, d->opts.each_type, JSON_IN_PLACE, "null");
    if (top(d)->kind == FRAME_ROOT)
        return decoder_expected(d, d->type, JSON_IN_PLACE, "null");
    if (top(d)->kind == FRAME_RECORD && top(d)->rare.member && !*top(d)->rare.member)
        return 0;
    if (target_get(d, &t) < 0)
        return d->status;
    if (t.storage == JSON_IGNORED || t.storage == JSON_EACH)
        return 0;
    if (t.storage == JSON_IN_PLACE)
        memset(t.dest, 0, t.type->size);
    else
        memset(t.dest, 0, t.storage == JSON_LIST ? sizeof(struct header) : sizeof(void *));
    if (t.storage == JSON_IN_PLACE && t.type->shape == JSON_STRING && top(d)->kind != FRAME_RECORD)
        *(const char **)(void *)t.dest = "";
    return 0;
}

/* ---- objects and lists ---- */

static int skip_begin(struct json_decoder *d)
{
    if (d->depth + d->raw_depth + d->skip_depth > LIMIT_JSON_DEPTH)
        return decoder_fail(d, -E2BIG, "nested deeper than %d levels", LIMIT_JSON_DEPTH);
    d->skip_depth++;
    return 0;
}

static int raw_begin(struct json_decoder *d, bool is_object)
{
    if (d->depth + d->raw_depth > LIMIT_JSON_DEPTH)
        return decoder_fail(d, -E2BIG, "nested deeper than %d levels", LIMIT_JSON_DEPTH);
    d->raw_depth++;
    if (is_object)
        json_write_object(&d->raw_writer);
    else
        json_write_array(&d->raw_writer);
    return 0;
}

static int raw_first(struct json_decoder *d, char *dest, bool is_object)
{
    buf_done(&d->raw);
    buf_init(&d->raw, d->opts.max_bytes);
    d->raw_writer = (struct json_writer)JSON_WRITER(&d->raw);
    d->raw_dest = (struct json_raw *)(void *)dest;
    return raw_begin(d, is_object);
}

static int raw_end(struct json_decoder *d)
{
    json_write_end(&d->raw_writer);
    if (--d->raw_depth > 0)
        return 0;
    d->raw_dest->text =
        buf_failed(&d->raw) ? NULL : arena_strndup(d->arena, d->raw.data, d->raw.len);
    d->raw_dest->len = d->raw.len;
    buf_done(&d->raw);
    return d->raw_dest->text ? value_complete(d) : decoder_full(d);
}

/* The record that a pointer member will point to. */
static int allocate(struct json_decoder *d, struct target *t)
{
    void *record = arena_alloc(d->arena, t->type->size);

    if (!record)
        return decoder_full(d);
    *(void **)(void *)t->dest = record;
    t->dest = (char *)record;
    t->storage = JSON_IN_PLACE;
    return 0;
}

static int choose(struct json_decoder *d, struct target *t)
{
    struct frame *f = top(d);

    if (d->opts.choose)
        t->type = d->opts.choose(d->opts.user, f->base, &d->err);
    if (!t->type) {
        if (!d->err.msg[0])
            return decoder_fail(d, -EINVAL, "no type is known for this value");
        d->status = d->err.code ? d->err.code : -EINVAL;
        return d->status;
    }
    f->note_root = true;
    return allocate(d, t);
}

int decoder_begin_object(struct json_decoder *d)
{
    struct target t;

    if (d->skip_depth)
        return skip_begin(d);
    if (d->raw_depth)
        return raw_begin(d, true);
    if (target_get(d, &t) < 0)
        return d->status;
    if (t.storage == JSON_IGNORED)
        return skip_begin(d);
    if (t.storage == JSON_ANY && choose(d, &t) < 0)
        return d->status;
    if (t.storage == JSON_POINTER && t.type->shape == JSON_RECORD && allocate(d, &t) < 0)
        return d->status;
    if (t.storage == JSON_IN_PLACE && t.type->shape == JSON_RAW)
        return raw_first(d, t.dest, true);
    if (t.storage == JSON_IN_PLACE && t.type->shape == JSON_MAPPING)
        return push(d, FRAME_MAP, t.type, t.dest) ? 0 : d->status;
    if (t.storage != JSON_IN_PLACE || t.type->shape != JSON_RECORD)
        return decoder_expected(d, t.type, t.storage, "object");
    memset(t.dest, 0, t.type->size); /* a repeated key begins anew */
    return push_record(d, t.type, t.dest);
}

int decoder_begin_list(struct json_decoder *d)
{
    struct target t;
    struct frame *f;

    if (d->skip_depth)
        return skip_begin(d);
    if (d->raw_depth)
        return raw_begin(d, false);
    if (target_get(d, &t) < 0)
        return d->status;
    if (t.storage == JSON_IGNORED)
        return skip_begin(d);
    if (t.storage == JSON_EACH) {
        f = d->opts.each && !d->each_element ? push(d, FRAME_EACH, NULL, NULL) : NULL;
        if (!f)
            return d->status ? d->status : decoder_fail(d, -EINVAL, "nobody takes these elements");
        f->note_root = true;
        return 0;
    }
    if (t.storage == JSON_LIST)
        return push(d, FRAME_LIST, t.type, t.dest) ? 0 : d->status;
    if (t.storage == JSON_IN_PLACE && t.type->shape == JSON_SEQUENCE)
        return push(d, FRAME_LIST, t.type->elem, t.dest) ? 0 : d->status;
    if (t.storage == JSON_IN_PLACE && t.type->shape == JSON_RAW)
        return raw_first(d, t.dest, false);
    return decoder_expected(d, t.type, t.storage, "list");
}

/* ---- keys ---- */

static int map_key(struct json_decoder *d, struct frame *f, const char *key, size_t len)
{
    const char *previous = f->last ? *(const char **)(void *)f->last->data : NULL;
    char *entry = add_node(d, f, f->type->elem_size);
    const char *copy;

    if (!entry)
        return d->status;
    *(const char **)(void *)entry = ""; /* for a path, if the copy fails */
    copy = decoder_string(d, key, len);
    if (!copy)
        return d->status;
    *(const char **)(void *)entry = copy;
    if (previous && strcmp(previous, copy) >= 0)
        f->sorted = false;
    return 0;
}

int decoder_key(struct json_decoder *d, const char *key, size_t len)
{
    struct frame *f;

    if (d->skip_depth)
        return 0;
    f = top(d);
    if (d->raw_depth) {
        json_write_key_n(&d->raw_writer, key, len);
        return 0;
    }
    if (f->kind == FRAME_MAP)
        return map_key(d, f, key, len);
    f->field = NULL;
    f->field = decoder_find(f, key, len);
    return f->field ? 0 : decoder_note_unknown(d, key, len);
}

/* ---- ends ---- */

static const char *node_key(const struct scratch_node *n)
{
    return *(const char *const *)(const void *)n->data;
}

static int compare_nodes(const void *a, const void *b)
{
    const struct scratch_node *x = *(const struct scratch_node *const *)a,
                              *y = *(const struct scratch_node *const *)b;
    int c = strcmp(node_key(x), node_key(y));

    return c ? c : x->seq < y->seq ? -1 : 1;
}

/* Sorts a map's entries by key and keeps the last of each. */
static void sort_nodes(struct json_decoder *d, struct frame *f)
{
    struct scratch_node **all =
        (struct scratch_node **)scratch_alloc(&d->scratch, f->count * sizeof(*all));
    size_t n = 0, kept = 0;

    for (struct scratch_node *it = f->first; it; it = it->next)
        all[n++] = it;
    qsort(all, n, sizeof(*all), compare_nodes);
    for (size_t i = 0; i < n; i++) {
        if (kept && strcmp(node_key(all[kept - 1]), node_key(all[i])) == 0)
            all[kept - 1] = all[i];
        else
            all[kept++] = all[i];
    }
    for (size_t i = 0; i < kept; i++)
        all[i]->next = i + 1 < kept ? all[i + 1] : NULL;
    f->first = all[0];
    f->count = kept;
}

static int end_collection(struct json_decoder *d, struct frame *f)
{
    struct header *header = (struct header *)(void *)f->base;
    size_t bytes = f->kind == FRAME_MAP ? f->type->elem_size : f->type->size;
    char *items = NULL;

    if (f->kind == FRAME_MAP && !f->sorted)
        sort_nodes(d, f);
    if (f->count) {
        items = (char *)arena_alloc(d->arena, f->count * bytes);
        if (!items)
            return decoder_full(d);
    }
    header->items = items;
    header->len = f->count;
    for (struct scratch_node *n = f->first; n; n = n->next, items += bytes)
        memcpy(items, n->data, bytes);
    scratch_release(&d->scratch, f->mark);
    return 0;
}

static int check_required(struct json_decoder *d, struct frame *f)
{
    f->field = NULL;
    for (size_t i = 0; i < f->n_fields && i < 64; i++)
        if ((f->fields[i].flags & JSON_REQUIRED) && !(f->seen & UINT64_C(1) << i))
            return decoder_fail(d, -EINVAL, "%s is missing", f->fields[i].key);
    return 0;
}

int decoder_end(struct json_decoder *d)
{
    struct frame *f = top(d);

    if (d->skip_depth) {
        d->skip_depth--;
        return 0;
    }
    if (d->raw_depth)
        return raw_end(d);
    if (f->kind == FRAME_RECORD && check_required(d, f) < 0)
        return d->status;
    if ((f->kind == FRAME_LIST || f->kind == FRAME_MAP) && end_collection(d, f) < 0)
        return d->status;
    d->depth--;
    return f->kind == FRAME_EACH ? 0 : value_complete(d);
}

void decoder_done(struct json_decoder *d)
{
    if (d->each_element || d->arena != d->home_arena)
        d->arena = arena_unref(d->arena);
    buf_done(&d->raw);
    scratch_done(&d->scratch);
}
