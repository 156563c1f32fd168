/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_copy.c - a decoded object in as little memory as it needs.
 *
 * Two walks over the same tables. The first measures, the second copies into one block: structs
 * from its front, text from its back. Objects of the Kubernetes API say the same words many times
 * (names of containers, volumes and images, "True", "NoSchedule"): a small hash table finds strings
 * that were met before. It has a fixed number of slots and gives up after a few probes, so that no
 * input makes it slow; a string without a slot is merely copied again. The second walk meets the
 * strings in the same order as the first and only reads off what was decided for each.
 */
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

#define SLOTS         512u
#define PROBES        4u
#define FIRST_STRINGS 256u /* more than an ordinary pod has: no growing */

struct header { /* of every list and map */
    const char *items;
    size_t len;
};

struct word {
    const char *text; /* in the original */
    const char *copy;
    size_t len;
};

struct copier {
    char *front; /* NULL: measuring */
    char *back;
    size_t struct_bytes, text_bytes; /* measured */
    struct word *words;              /* the different strings */
    size_t n_words, words_cap;
    unsigned *order; /* for each string met, which word it is */
    size_t n_order, order_cap, next;
    unsigned slots[SLOTS]; /* index + 1 into words; 0: free */
    /* not initialised */
    struct word first_words[FIRST_STRINGS];
    unsigned first_order[FIRST_STRINGS];
};

/* Twice the room. first: where the array began, which is not of the heap. */
static void *grow(void *array, const void *first, size_t *cap, size_t item_bytes)
{
    void *copy;

    if (array != first)
        return xgrow(array, cap, *cap + 1, item_bytes);
    copy = xmalloc(2 * FIRST_STRINGS * item_bytes);
    memcpy(copy, first, FIRST_STRINGS * item_bytes);
    *cap = 2 * FIRST_STRINGS;
    return copy;
}

static void copy_value(struct copier *c, const struct json_type *type, const void *from, void *to);

/* A copy of bytes at from, to be put right by the caller. NULL when measuring. */
static char *take(struct copier *c, const void *from, size_t bytes)
{
    size_t rounded = (bytes + _Alignof(int64_t) - 1) & ~(_Alignof(int64_t) - 1);
    char *p = c->front;

    if (!p) {
        c->struct_bytes += rounded;
        return NULL;
    }
    if (bytes)
        memcpy(p, from, bytes);
    c->front += rounded;
    return p;
}

static const char *take_text(struct copier *c, const char *text, size_t len)
{
    if (!c->front) {
        c->text_bytes += len + 1;
        return NULL;
    }
    c->back -= len + 1;
    memcpy(c->back, text, len);
    c->back[len] = '\0';
    return c->back;
}

/* The ends of a string tell enough: what differs only in its middle is compared in full. */
static size_t hash(const char *s, size_t len)
{
    uint64_t head = 0, tail = 0, h;

    memcpy(&head, s, len < 8 ? len : 8);
    if (len > 8)
        memcpy(&tail, s + len - 8, 8);
    h = (head ^ (tail << 1 | tail >> 63) ^ len) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(h >> 32);
}

/* Measuring: which word is s? Counts it when it is new. */
static unsigned word_of(struct copier *c, const char *s)
{
    size_t len = strlen(s), h = hash(s, len);
    unsigned *free_slot = NULL;

    for (size_t i = 0; i < PROBES && !free_slot; i++) {
        unsigned *slot = &c->slots[(h + i) % SLOTS];

        if (!*slot)
            free_slot = slot;
        else if (c->words[*slot - 1].len == len && memcmp(c->words[*slot - 1].text, s, len) == 0)
            return *slot - 1;
    }
    if (c->n_words == c->words_cap)
        c->words = (struct word *)grow(c->words, c->first_words, &c->words_cap, sizeof(*c->words));
    c->words[c->n_words] = (struct word){ .text = s, .len = len };
    c->text_bytes += len + 1;
    if (free_slot)
        *free_slot = (unsigned)c->n_words + 1;
    return (unsigned)c->n_words++;
}

static const char *take_string(struct copier *c, const char *s)
{
    struct word *w;

    if (!c->front) {
        if (c->n_order == c->order_cap)
            c->order = (unsigned *)grow(c->order, c->first_order, &c->order_cap, sizeof(*c->order));
        c->order[c->n_order] = word_of(c, s);
        c->n_order++;
        return NULL;
    }
    w = &c->words[c->order[c->next++]];
    if (!w->copy)
        w->copy = take_text(c, w->text, w->len);
    return w->copy;
}

static void copy_string(struct copier *c, const void *from, void *to)
{
    const char *s = *(const char *const *)from;
    const char *copy = s ? take_string(c, s) : NULL;

    if (to)
        *(const char **)to = copy;
}

/* Without pointers inside: copied with the struct around it. */
static bool is_plain(const struct json_type *type)
{
    switch (type->shape) {
    case JSON_BOOL:
    case JSON_I32:
    case JSON_I64:
    case JSON_U64:
    case JSON_OPT_BOOL:
    case JSON_OPT_I32:
    case JSON_OPT_I64:
        return true;
    case JSON_SCALAR:
        return !type->scalar->has_string;
    default:
        return false;
    }
}

/* The elements of a list or the entries of a map. keys: each begins with one. */
static void copy_items(struct copier *c, const struct header *from, struct header *to,
                       size_t item_bytes, bool keys, size_t value_offset,
                       const struct json_type *elem)
{
    size_t n = from->len;
    char *items = n ? take(c, from->items, n * item_bytes) : NULL;

    if (is_plain(elem) && !keys)
        n = 0;
    for (size_t i = 0; i < n; i++) {
        const char *item = from->items + i * item_bytes;
        char *copy = items ? items + i * item_bytes : NULL;

        if (keys)
            copy_string(c, item, copy);
        copy_value(c, elem, item + value_offset, copy ? copy + value_offset : NULL);
    }
    if (to)
        to->items = items;
}

static void copy_pointer(struct copier *c, const struct json_type *type, const void *from, void *to)
{
    const void *target = *(const void *const *)from;
    char *copy;

    if (!target)
        return;
    copy = take(c, target, type->size);
    copy_value(c, type, target, copy);
    if (to)
        *(void **)to = copy;
}

static void copy_field(struct copier *c, const struct json_field *f, const char *from, char *to)
{
    switch ((enum json_storage)f->storage) {
    case JSON_IN_PLACE:
    case JSON_INLINE:
        copy_value(c, f->type, from, to);
        return;
    case JSON_POINTER:
    case JSON_RARE:
        copy_pointer(c, f->type, from, to);
        return;
    case JSON_LIST:
        copy_items(c, (const struct header *)(const void *)from, (struct header *)(void *)to,
                   f->type->size, false, 0, f->type);
        return;
    case JSON_ANY:
        if (to)
            *(void **)(void *)to = NULL;
        return;
    case JSON_EACH:
    case JSON_IGNORED:
        return;
    }
}

/* Nothing to follow: most members begin with a pointer, and most are absent. */
static bool is_empty(const struct json_field *f, const void *member)
{
    if (f->storage == JSON_INLINE || f->storage == JSON_ANY)
        return false;
    if (f->storage == JSON_IN_PLACE &&
        (f->type->shape == JSON_RECORD || f->type->shape == JSON_SCALAR))
        return is_plain(f->type);
    if (f->storage == JSON_EACH || f->storage == JSON_IGNORED)
        return true;
    return (f->storage == JSON_IN_PLACE && is_plain(f->type)) || !*(const void *const *)member;
}

static void copy_record(struct copier *c, const struct json_type *type, const char *from, char *to)
{
    size_t n;
    const struct json_field *fields = type->fields(&n);

    for (size_t i = 0; i < n; i++)
        if (!is_empty(&fields[i], from + fields[i].offset))
            copy_field(c, &fields[i], from + fields[i].offset, to ? to + fields[i].offset : NULL);
}

static void copy_text(struct copier *c, const struct header *from, struct header *to)
{
    const char *copy = from->items ? take_text(c, from->items, from->len) : NULL;

    if (to)
        to->items = copy;
}

/* to: holds the bytes of from already; pointers in it are replaced. NULL when measuring. */
static void copy_value(struct copier *c, const struct json_type *type, const void *from, void *to)
{
    size_t at;

    switch (type->shape) {
    case JSON_RECORD:
        copy_record(c, type, (const char *)from, (char *)to);
        break;
    case JSON_MAPPING:
        copy_items(c, (const struct header *)from, (struct header *)to, type->elem_size, true,
                   type->value_offset, type->elem);
        break;
    case JSON_SEQUENCE:
        copy_items(c, (const struct header *)from, (struct header *)to, type->elem->size, false, 0,
                   type->elem);
        break;
    case JSON_STRING:
        copy_string(c, from, to);
        break;
    case JSON_BYTES:
    case JSON_RAW:
        copy_text(c, (const struct header *)from, (struct header *)to);
        break;
    case JSON_SCALAR:
        at = type->scalar->string_offset;
        if (type->scalar->has_string)
            copy_string(c, (const char *)from + at, to ? (char *)to + at : NULL);
        break;
    default:
        break;
    }
}

static int copy_whole(struct copier *c, const struct json_type *type, const void *obj,
                      size_t head_bytes, struct arena *arena, void **ret_copy)
{
    size_t bytes;
    char *block;

    (void)take(c, obj, type->size);
    copy_value(c, type, obj, NULL);
    bytes = head_bytes + c->struct_bytes + c->text_bytes;
    block = (char *)arena_alloc(arena, bytes);
    if (!block)
        return -E2BIG;
    c->front = block + head_bytes;
    c->back = block + bytes;
    copy_value(c, type, obj, take(c, obj, type->size));
    *ret_copy = block + head_bytes;
    return 0;
}

int json_copy(const struct json_type *type, const void *obj, size_t head_bytes, struct arena *arena,
              void **ret_copy)
{
    struct copier c;
    int r;

    memset(&c, 0, offsetof(struct copier, first_words));
    c.words = c.first_words;
    c.order = c.first_order;
    c.words_cap = c.order_cap = FIRST_STRINGS;
    r = copy_whole(&c, type, obj, head_bytes, arena, ret_copy);
    if (c.words != c.first_words)
        free(c.words);
    if (c.order != c.first_order)
        free(c.order);
    return r;
}
