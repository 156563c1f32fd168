/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml.c - libyaml's events, written down as JSON at once: no tree is built, so a document costs what its JSON
 * costs, and nesting is bounded by a fixed stack.
 */
#include "base/yaml.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <yaml.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "yaml_scalar.h"

struct level {
    bool mapping;
    bool value_next; /* of a mapping: the key is written */
    size_t count;
    struct map keys;
};

struct yaml_reader {
    char *name;
    yaml_parser_t parser;
    bool ended;
    size_t depth;
    struct level levels[LIMIT_JSON_DEPTH];
    struct buf *out;
};

static int fail(const struct yaml_reader *r, size_t line, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
static int fail(const struct yaml_reader *r, size_t line, struct err *err, const char *fmt, ...)
{
    va_list ap;
    char msg[ERR_MSG_MAX / 2];
    va_start(ap, fmt);
    (void)vsnprintf(msg, sizeof msg, fmt, ap);
    va_end(ap);
    return err_set(err, -EINVAL, "%s:%zu: %s", r->name, line + 1, msg);
}

static int put_string(struct buf *out, const char *s, size_t len)
{
    buf_putc(out, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            buf_printf(out, "\\u%04x", c);
        else
            buf_putc(out, (char)c);
    }
    return buf_putc(out, '"');
}

/* ---- scalars --------------------------------------------------------------------------------------------- */

/* The scalar's JSON text goes to out; its kind is returned, or -errno. */
static int scalar_text(struct yaml_reader *r, const yaml_event_t *e, struct buf *out, struct err *err)
{
    const char *text = (const char *)e->data.scalar.value, *tag = (const char *)e->data.scalar.tag;
    size_t len = e->data.scalar.length;
    bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (tag && strcmp(tag, YAML_STR_TAG) != 0 && strcmp(tag, "!") != 0) {
        static const struct {
            const char *tag;
            enum yaml_kind kind, or_kind;
        } core[] = {
            { YAML_NULL_TAG, YAML_NULL, YAML_NULL },
            { YAML_BOOL_TAG, YAML_BOOL, YAML_BOOL },
            { YAML_INT_TAG, YAML_INT, YAML_INT },
            { YAML_FLOAT_TAG, YAML_FLOAT, YAML_INT },
        };
        for (size_t i = 0; i < ARRAY_LEN(core); i++) {
            if (strcmp(tag, core[i].tag) != 0)
                continue;
            enum yaml_kind kind = yaml_scalar(text, len, out);
            if (kind == core[i].kind || kind == core[i].or_kind)
                return (int)kind;
            return fail(r, e->start_mark.line, err, "\"%.64s\" is no %s", text, strrchr(tag, ':') + 1);
        }
        return fail(r, e->start_mark.line, err, "tag %.64s is not supported", tag);
    }
    enum yaml_kind kind = plain && !tag ? yaml_scalar(text, len, out) : YAML_STRING;
    if (kind == YAML_NOT_FINITE)
        return fail(r, e->start_mark.line, err, "%.64s is not a number that JSON can hold", text);
    if (kind == YAML_STRING)
        put_string(out, text, len);
    return (int)kind;
}

static int put_key(struct yaml_reader *r, const yaml_event_t *e, struct err *err)
{
    struct level *l = &r->levels[r->depth - 1];
    struct buf key = BUF_INIT(r->out->max_bytes);
    size_t line = e->start_mark.line;
    int ret = scalar_text(r, e, &key, err);
    if (ret >= 0 && buf_failed(&key))
        ret = err_set(err, -E2BIG, "%s: too large", r->name);
    else if (ret == YAML_NULL)
        ret = fail(r, line, err, "a key is missing");
    else if (ret >= 0 && strcmp(buf_str(&key), "\"<<\"") == 0 && e->data.scalar.plain_implicit)
        ret = fail(r, line, err, "merge keys (<<) are not supported");
    else if (ret >= 0 && map_put(&l->keys, buf_str(&key), l))
        ret = fail(r, line, err, "duplicate key %.200s", buf_str(&key));
    if (ret >= 0) {
        if (l->count++ > 0)
            buf_putc(r->out, ',');
        if (ret == YAML_STRING)
            buf_add(r->out, key.data, key.len);
        else
            put_string(r->out, key.data, key.len);
        buf_putc(r->out, ':');
        l->value_next = true;
        ret = 0;
    }
    buf_done(&key);
    return ret;
}

/* ---- structure ------------------------------------------------------------------------------------------- */

/* Before a value: the comma of a list, and the end of "key:". False: a key must stand here. */
static bool value_begins(struct yaml_reader *r)
{
    if (r->depth == 0)
        return true;
    struct level *l = &r->levels[r->depth - 1];
    if (l->mapping) {
        bool ok = l->value_next;
        l->value_next = false;
        return ok;
    }
    if (l->count++ > 0)
        buf_putc(r->out, ',');
    return true;
}

static int open_level(struct yaml_reader *r, const yaml_event_t *e, bool mapping, struct err *err)
{
    size_t line = e->start_mark.line;
    const char *tag =
        (const char *)(mapping ? e->data.mapping_start.tag : e->data.sequence_start.tag);
    if (tag && strcmp(tag, mapping ? YAML_MAP_TAG : YAML_SEQ_TAG) != 0 && strcmp(tag, "!") != 0)
        return fail(r, line, err, "tag %.64s is not supported", tag);
    if (!value_begins(r))
        return fail(r, line, err, "a key must be a single word or text");
    if (r->depth == LIMIT_JSON_DEPTH)
        return fail(r, line, err, "nested deeper than %d", (int)LIMIT_JSON_DEPTH);
    r->levels[r->depth++] = (struct level){ .mapping = mapping };
    buf_putc(r->out, mapping ? '{' : '[');
    return 0;
}

static void close_level(struct yaml_reader *r)
{
    struct level *l = &r->levels[--r->depth];
    buf_putc(r->out, l->mapping ? '}' : ']');
    map_done(&l->keys);
}

static int put_scalar(struct yaml_reader *r, const yaml_event_t *e, struct err *err)
{
    if (r->depth > 0 && r->levels[r->depth - 1].mapping && !r->levels[r->depth - 1].value_next)
        return put_key(r, e, err);
    (void)value_begins(r);
    int kind = scalar_text(r, e, r->out, err);
    return kind < 0 ? kind : 0;
}

static const char *anchor_of(const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        return (const char *)e->data.scalar.anchor;
    case YAML_SEQUENCE_START_EVENT:
        return (const char *)e->data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT:
        return (const char *)e->data.mapping_start.anchor;
    case YAML_ALIAS_EVENT:
        return (const char *)e->data.alias.anchor;
    default:
        return NULL;
    }
}

static int put_event(struct yaml_reader *r, const yaml_event_t *e, struct err *err)
{
    const char *anchor = anchor_of(e);
    if (anchor)
        return fail(r, e->start_mark.line, err, "anchors and aliases (%.64s) are not supported", anchor);
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        return put_scalar(r, e, err);
    case YAML_SEQUENCE_START_EVENT:
        return open_level(r, e, false, err);
    case YAML_MAPPING_START_EVENT:
        return open_level(r, e, true, err);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        close_level(r);
        return 0;
    default:
        return 0;
    }
}

static int next_event(struct yaml_reader *r, yaml_event_t *ret_event, struct err *err)
{
    if (yaml_parser_parse(&r->parser, ret_event))
        return 0;
    r->ended = true;
    size_t line = r->parser.problem_mark.line;
    if (r->parser.error == YAML_READER_ERROR)
        return err_set(err, -EINVAL, "%s: byte %zu: %s", r->name, r->parser.problem_offset,
                       str_or(r->parser.problem, "not valid UTF-8"));
    return fail(r, line, err, "%s", str_or(r->parser.problem, "not valid YAML"));
}

/* An empty document is one plain scalar of no length. */
static bool is_nothing(const yaml_event_t *e)
{
    return e->type == YAML_SCALAR_EVENT && e->data.scalar.length == 0 && !e->data.scalar.tag &&
           e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

/* From DOCUMENT-START to DOCUMENT-END. *ret_empty: there was nothing in it. */
static int document(struct yaml_reader *r, bool *ret_empty, size_t *ret_line, struct err *err)
{
    bool empty = true;
    for (size_t events = 0;; events++) {
        yaml_event_t e;
        int ret = next_event(r, &e, err);
        if (ret < 0)
            return ret;
        bool end = e.type == YAML_DOCUMENT_END_EVENT;
        if (events == 0)
            *ret_line = e.start_mark.line + 1;
        if (!end && !(events == 0 && is_nothing(&e))) {
            empty = false;
            ret = put_event(r, &e, err);
        }
        yaml_event_delete(&e);
        if (ret == 0 && buf_failed(r->out))
            ret = err_set(err, -E2BIG, "%s: larger than %zu bytes as JSON", r->name, r->out->max_bytes);
        if (ret < 0)
            return ret;
        if (end)
            break;
    }
    *ret_empty = empty;
    return 0;
}

int yaml_next(struct yaml_reader *r, struct buf *ret_json, size_t *ret_line, struct err *err)
{
    r->out = ret_json;
    while (!r->ended) {
        yaml_event_t e;
        int ret = next_event(r, &e, err);
        if (ret < 0)
            return ret;
        yaml_event_type_t type = e.type;
        yaml_event_delete(&e);
        if (type == YAML_STREAM_END_EVENT)
            r->ended = true;
        if (type != YAML_DOCUMENT_START_EVENT)
            continue;
        bool empty = true;
        size_t line = 0;
        ret = document(r, &empty, &line, err);
        if (ret < 0) {
            r->ended = true;
            return ret;
        }
        if (empty)
            continue;
        if (ret_line)
            *ret_line = line;
        return 0;
    }
    return YAML_END;
}

struct yaml_reader *yaml_reader_new(const char *name, const void *data, size_t len)
{
    struct yaml_reader *r = NEW(struct yaml_reader);
    r->name = xstrdup(name);
    if (!yaml_parser_initialize(&r->parser))
        abort();
    yaml_parser_set_input_string(&r->parser, data, len);
    return r;
}

struct yaml_reader *yaml_reader_free(struct yaml_reader *r)
{
    if (!r)
        return NULL;
    while (r->depth > 0)
        map_done(&r->levels[--r->depth].keys);
    yaml_parser_delete(&r->parser);
    free(r->name);
    free(r);
    return NULL;
}

int yaml_to_json(const char *name, const void *data, size_t len, struct buf *ret_json, struct err *err)
{
    AUTO(yaml_reader_free) struct yaml_reader *r = yaml_reader_new(name, data, len);
    int ret = yaml_next(r, ret_json, NULL, err);
    if (ret != 0)
        return ret;
    size_t line = 0, end = ret_json->len;
    ret = yaml_next(r, ret_json, &line, err);
    if (ret == 0) {
        buf_consume(ret_json, end); /* what was read of the second one */
        return err_set(err, -EINVAL, "%s:%zu: a second document; only one is expected", name, line);
    }
    return ret < 0 ? ret : 0;
}
