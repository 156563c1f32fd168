/* SPDX-License-Identifier: Apache-2.0 */
/*
 * patch.c - two structs of one type, walked side by side along the table of the type.
 *
 * What differs is found by comparing the JSON text of both sides: there is one encoder, so two values are equal
 * exactly if the API server would read the same. A part that is equal costs its encoding and writes nothing.
 *
 * Writing is done into a buffer of its own per level: whether an object has anything to say is known only at its end.
 */
#include "k8s/patch.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/node.h"
#include "k8s/pod.h"

/* Lists that the API merges by a key (patchStrategy=merge in its types); the element type tells the key. */
static const struct {
    const struct json_type *element;
    const char *key;
} merge_keys[] = {
    { &k8s_node_condition_type, "type" }, { &k8s_pod_condition_type, "type" }, { &k8s_node_address_type, "type" },
    { &k8s_pod_ip_type, "ip" },           { &k8s_host_ip_type, "ip" },         { &k8s_owner_reference_type, "uid" },
};

struct list_view { /* every list member has this shape */
    const char *items;
    size_t len;
};

struct diff {
    enum k8s_patch_type how;
    struct json_writer *w;
    bool any; /* something was written */
};

static bool diff_record(struct diff *d, const struct json_type *type, const char *before, const char *after);

/* ---- values ---------------------------------------------------------------------------------------------- */

static bool all_zero(const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (p[i])
            return false;
    }
    return true;
}

static bool value_empty(const struct json_type *type, const char *v);

static const char *field_value(const struct json_field *f, const char *record)
{
    const char *at = record + f->offset;
    const void *p;
    if (f->storage != JSON_POINTER)
        return at;
    memcpy(&p, at, sizeof p);
    return p;
}

static bool field_empty(const struct json_field *f, const char *record)
{
    const char *v = field_value(f, record);
    if (f->storage == JSON_LIST)
        return ((const struct list_view *)(const void *)v)->len == 0;
    if (f->storage == JSON_POINTER)
        return v == NULL; /* {} is a value of an optional part */
    return value_empty(f->type, v);
}

static bool value_empty(const struct json_type *type, const char *v)
{
    const char *s;
    switch (type->shape) {
    case JSON_RECORD: {
        size_t n = 0;
        const struct json_field *fields = type->fields(&n);
        for (size_t i = 0; i < n; i++) {
            bool held = fields[i].storage != JSON_ANY && fields[i].storage != JSON_EACH &&
                        fields[i].storage != JSON_IGNORED;
            if (held && !field_empty(&fields[i], v))
                return false;
        }
        return true;
    }
    case JSON_STRING:
        memcpy(&s, v, sizeof s);
        return str_empty(s);
    case JSON_SCALAR:
        return type->scalar->empty ? type->scalar->empty(v) : all_zero(v, type->size);
    case JSON_MAPPING:
    case JSON_SEQUENCE:
        return ((const struct list_view *)(const void *)v)->len == 0;
    case JSON_OPT_BOOL:
        return !((const struct opt_bool *)(const void *)v)->has;
    case JSON_OPT_I32:
        return !((const struct opt_i32 *)(const void *)v)->has;
    case JSON_OPT_I64:
        return !((const struct opt_i64 *)(const void *)v)->has;
    default:
        return all_zero(v, type->size);
    }
}

static void write_field(struct json_writer *w, const struct json_field *f, const char *record)
{
    const char *v = field_value(f, record);
    if (f->storage != JSON_LIST) {
        json_encode_value(f->type, v, w);
        return;
    }
    const struct list_view *list = (const void *)v;
    json_write_array(w);
    for (size_t i = 0; i < list->len; i++)
        json_encode_value(f->type, list->items + i * f->type->size, w);
    json_write_end(w);
}

static bool same_field(const struct json_field *f, const char *before, const char *after)
{
    AUTO(buf_done) struct buf a = BUF_INIT(LIMIT_K8S_OBJECT_BYTES);
    AUTO(buf_done) struct buf b = BUF_INIT(LIMIT_K8S_OBJECT_BYTES);
    struct json_writer wa = JSON_WRITER(&a), wb = JSON_WRITER(&b);
    write_field(&wa, f, before);
    write_field(&wb, f, after);
    return a.len == b.len && memcmp(buf_str(&a), buf_str(&b), a.len) == 0;
}

/* ---- lists that merge by key ----------------------------------------------------------------------------- */

static const char *merge_key_of(const struct diff *d, const struct json_field *f)
{
    if (d->how != K8S_STRATEGIC_MERGE_PATCH || f->storage != JSON_LIST)
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(merge_keys); i++) {
        if (merge_keys[i].element == f->type)
            return merge_keys[i].key;
    }
    return NULL;
}

static const char *key_value(const struct json_type *type, const char *key, const char *element)
{
    size_t n = 0;
    const struct json_field *fields = type->fields(&n);
    const char *s = NULL;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(fields[i].key, key) == 0)
            memcpy(&s, element + fields[i].offset, sizeof s);
    }
    return str_or(s, "");
}

static const char *find_element(const struct json_field *f, const char *key, const struct list_view *list,
                                const char *wanted)
{
    for (size_t i = 0; i < list->len; i++) {
        const char *element = list->items + i * f->type->size;
        if (strcmp(key_value(f->type, key, element), wanted) == 0)
            return element;
    }
    return NULL;
}

static bool keys_unique(const struct json_field *f, const char *key, const struct list_view *list)
{
    for (size_t i = 0; i < list->len; i++) {
        const char *element = list->items + i * f->type->size;
        if (find_element(f, key, list, key_value(f->type, key, element)) != element)
            return false;
    }
    return true;
}

static void write_replaced(struct diff *d, const struct json_field *f, const struct list_view *after)
{
    json_write_array(d->w);
    json_write_object(d->w);
    json_write_key_string(d->w, "$patch", "replace");
    json_write_end(d->w);
    for (size_t i = 0; i < after->len; i++)
        json_encode_value(f->type, after->items + i * f->type->size, d->w);
    json_write_end(d->w);
}

/* An element that both have: its key and what differs. Nothing, if nothing does. */
static void write_changed_element(struct diff *d, const struct json_field *f, const char *key, const char *before,
                                  const char *after)
{
    AUTO(buf_done) struct buf part = BUF_INIT(LIMIT_K8S_OBJECT_BYTES);
    struct json_writer w = JSON_WRITER(&part);
    struct diff inner = { .how = d->how, .w = &w };
    json_write_object(&w);
    json_write_key_string(&w, key, key_value(f->type, key, after));
    (void)diff_record(&inner, f->type, before, after);
    json_write_end(&w);
    if (inner.any)
        json_write_raw(d->w, buf_str(&part), part.len);
}

static void write_merged(struct diff *d, const struct json_field *f, const char *key, const struct list_view *before,
                         const struct list_view *after)
{
    json_write_array(d->w);
    for (size_t i = 0; i < before->len; i++) {
        const char *name = key_value(f->type, key, before->items + i * f->type->size);
        if (find_element(f, key, after, name))
            continue;
        json_write_object(d->w);
        json_write_key_string(d->w, "$patch", "delete");
        json_write_key_string(d->w, key, name);
        json_write_end(d->w);
    }
    for (size_t i = 0; i < after->len; i++) {
        const char *element = after->items + i * f->type->size;
        const char *old = find_element(f, key, before, key_value(f->type, key, element));
        if (old)
            write_changed_element(d, f, key, old, element);
        else
            json_encode_value(f->type, element, d->w);
    }
    json_write_end(d->w);
}

static void write_list(struct diff *d, const struct json_field *f, const char *key, const char *before,
                       const char *after)
{
    const struct list_view *a = (const void *)(before + f->offset), *b = (const void *)(after + f->offset);
    if (keys_unique(f, key, a) && keys_unique(f, key, b))
        write_merged(d, f, key, a, b);
    else
        write_replaced(d, f, b);
}

/* ---- maps ------------------------------------------------------------------------------------------------ */

static const char *entry_key(const char *entry)
{
    const char *key;
    memcpy(&key, entry, sizeof key);
    return key;
}

static const char *find_entry(const struct json_type *t, const struct list_view *map, const char *key)
{
    for (size_t i = 0; i < map->len; i++) {
        const char *entry = map->items + i * t->elem_size;
        if (strcmp(entry_key(entry), key) == 0)
            return entry;
    }
    return NULL;
}

static void write_map(struct diff *d, const struct json_type *t, const char *before, const char *after)
{
    const struct list_view *a = (const void *)before, *b = (const void *)after;
    json_write_object(d->w);
    for (size_t i = 0; i < a->len; i++) {
        const char *key = entry_key(a->items + i * t->elem_size);
        if (find_entry(t, b, key))
            continue;
        json_write_key(d->w, key);
        json_write_null(d->w);
    }
    for (size_t i = 0; i < b->len; i++) {
        const char *entry = b->items + i * t->elem_size, *old = find_entry(t, a, entry_key(entry));
        const struct json_field value = { .type = t->elem, .offset = t->value_offset, .storage = JSON_IN_PLACE };
        if (old && same_field(&value, old, entry))
            continue;
        json_write_key(d->w, entry_key(entry));
        json_encode_value(t->elem, entry + t->value_offset, d->w);
    }
    json_write_end(d->w);
}

/* ---- records --------------------------------------------------------------------------------------------- */

/* Both sides have the record, and they differ somewhere. */
static void write_inner(struct diff *d, const struct json_type *type, const char *before, const char *after)
{
    struct diff inner = { .how = d->how, .w = d->w };
    json_write_object(d->w);
    (void)diff_record(&inner, type, before, after);
    json_write_end(d->w);
}

static void diff_field(struct diff *d, const struct json_field *f, const char *before, const char *after)
{
    bool was = !field_empty(f, before), is = !field_empty(f, after);
    if ((!was && !is) || (was && is && same_field(f, before, after)))
        return;
    const char *key = merge_key_of(d, f);
    d->any = true;
    json_write_key(d->w, f->key);
    bool part = f->storage == JSON_IN_PLACE || (f->storage == JSON_POINTER && was && is);
    if (key)
        write_list(d, f, key, before, after);
    else if (part && f->type->shape == JSON_RECORD) /* never null: others may have put something into it */
        write_inner(d, f->type, field_value(f, before), field_value(f, after));
    else if (part && f->type->shape == JSON_MAPPING)
        write_map(d, f->type, field_value(f, before), field_value(f, after));
    else if (!is && (f->storage == JSON_POINTER || !(f->flags & JSON_ALWAYS)))
        json_write_null(d->w);
    else
        write_field(d->w, f, after);
}

static bool diff_record(struct diff *d, const struct json_type *type, const char *before, const char *after)
{
    size_t n = 0;
    const struct json_field *fields = type->fields(&n);
    for (size_t i = 0; i < n; i++) {
        const struct json_field *f = &fields[i];
        if (f->storage == JSON_ANY || f->storage == JSON_EACH || f->storage == JSON_IGNORED)
            continue;
        if (f->storage == JSON_INLINE)
            (void)diff_record(d, f->type, before + f->offset, after + f->offset);
        else
            diff_field(d, f, before, after);
    }
    return d->any;
}

/* ---- the header's functions ------------------------------------------------------------------------------ */

int k8s_patch_diff(enum k8s_patch_type how, const struct json_type *type, const void *before, const void *after,
                   struct buf *ret_patch, struct err *err)
{
    AUTO(buf_done) struct buf out = BUF_INIT(LIMIT_K8S_OBJECT_BYTES);
    struct json_writer w = JSON_WRITER(&out);
    struct diff d = { .how = how, .w = &w };
    json_write_object(&w);
    (void)diff_record(&d, type, before, after);
    json_write_end(&w);
    if (!d.any)
        return K8S_PATCH_NOTHING;
    if (buf_failed(&out) || buf_add(ret_patch, out.data, out.len) < 0)
        return err_set(err, -E2BIG, "the patch of a %s is too large", type->name);
    return 0;
}

int k8s_patch_status(const struct json_type *type, const void *before, const void *after, const char *uid,
                     struct buf *ret_patch, struct err *err)
{
    AUTO(buf_done) struct buf status = BUF_INIT(LIMIT_K8S_OBJECT_BYTES);
    int ret = k8s_patch_diff(K8S_STRATEGIC_MERGE_PATCH, type, before, after, &status, err);
    if (ret != 0)
        return ret;
    struct json_writer w = JSON_WRITER(ret_patch);
    json_write_object(&w);
    if (uid) {
        json_write_key_object(&w, "metadata");
        json_write_key_string(&w, "uid", uid);
        json_write_end(&w);
    }
    json_write_key(&w, "status");
    json_write_raw(&w, buf_str(&status), status.len);
    json_write_end(&w);
    return buf_failed(ret_patch) ? err_set(err, -E2BIG, "the patch of a %s is too large", type->name) : 0;
}
