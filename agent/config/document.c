/* SPDX-License-Identifier: Apache-2.0 */
/*
 * document.c - YAML configuration documents against the table of settings.
 *
 * A document is flattened into lines of {path, value, line number}: "authentication.webhook.enabled",
 * "clusterDNS[0]", "evictionHard.memory.available". What a path means is then one look-up in the table, and
 * every complaint can name file, line and field. Configuration is small and read once: a flat list is enough.
 */
#include "setting.h"

#include <errno.h>
#include <stdio.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

struct flat {
    char *path;
    char *value; /* NULL: null or an empty list or map */
    size_t line;
    unsigned depth; /* of keys and indices in path */
};
struct flats {
    struct flat *items;
    size_t len, cap;
};

static void flats_done(struct flats *f)
{
    for (size_t i = 0; i < f->len; i++) {
        free(f->items[i].path);
        free(f->items[i].value);
    }
    free(f->items);
    *f = (struct flats){ 0 };
}
DEFINE_CLEANUP_DONE(struct flats, flats_done)

static bool is_null(const yaml_node_t *n)
{
    const char *v = (const char *)n->data.scalar.value;
    return n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (str_eq(v, "") || str_eq(v, "~") || str_eq(v, "null"));
}

/* One document on its way into a list. */
struct flatten {
    const char *name; /* of the file */
    yaml_document_t *doc;
    bool *seen; /* by node: a second visit comes from an alias */
    struct flats *out;
    struct err *err;
};

static int fail_at(const struct flatten *f, const yaml_node_t *n, const char *path, const char *why)
{
    return err_set(f->err, -EINVAL, "%s:%zu: %s%s%s", f->name, n->start_mark.line + 1, path, *path ? ": " : "", why);
}

static int add_flat(struct flatten *f, const yaml_node_t *n, const char *path, unsigned depth, const char *value)
{
    struct flats *out = f->out;

    if (out->len == LIMIT_CONFIG_FIELDS)
        return fail_at(f, n, path, "too many fields");
    out->items = xgrow(out->items, &out->cap, out->len + 1, sizeof(*out->items));
    out->items[out->len++] = (struct flat){ .path = xstrdup(path), .value = xstrdup(value),
                                            .line = n->start_mark.line + 1, .depth = depth };
    return 0;
}

static int flatten(struct flatten *f, int node, const char *path, unsigned depth);

static int flatten_list(struct flatten *f, const yaml_node_t *n, const char *path, unsigned depth)
{
    for (yaml_node_item_t *i = n->data.sequence.items.start; i < n->data.sequence.items.top; i++) {
        AUTO(free) char *sub = xasprintf("%s[%zu]", path, (size_t)(i - n->data.sequence.items.start));
        if (flatten(f, *i, sub, depth + 1) < 0)
            return -EINVAL;
    }
    return 0;
}

static const char *key_text(struct flatten *f, const yaml_node_pair_t *p)
{
    const yaml_node_t *key = yaml_document_get_node(f->doc, p->key);
    return key->type == YAML_SCALAR_NODE ? (const char *)key->data.scalar.value : NULL;
}

static int flatten_map(struct flatten *f, const yaml_node_t *n, const char *path, unsigned depth)
{
    for (yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++) {
        const yaml_node_t *key_node = yaml_document_get_node(f->doc, p->key);
        const char *key = key_text(f, p);
        if (str_empty(key))
            return fail_at(f, key_node, path, "a key must be a string");
        AUTO(free) char *sub = xasprintf("%s%s%s", path, *path ? "." : "", key);
        for (yaml_node_pair_t *before = n->data.mapping.pairs.start; before < p; before++)
            if (str_eq(key_text(f, before), key))
                return fail_at(f, key_node, sub, "is there twice");
        if (flatten(f, p->value, sub, depth + 1) < 0)
            return -EINVAL;
    }
    return 0;
}

static int flatten(struct flatten *f, int node, const char *path, unsigned depth)
{
    const yaml_node_t *n = yaml_document_get_node(f->doc, node);

    if (f->seen[node - 1])
        return fail_at(f, n, path, "aliases are not supported");
    f->seen[node - 1] = true;
    if (depth > LIMIT_CONFIG_DEPTH)
        return fail_at(f, n, path, "nested too deeply");
    if (n->type == YAML_SCALAR_NODE)
        return add_flat(f, n, path, depth, is_null(n) ? NULL : (const char *)n->data.scalar.value);
    bool is_list = n->type == YAML_SEQUENCE_NODE;
    if (is_list ? n->data.sequence.items.start == n->data.sequence.items.top
                : n->data.mapping.pairs.start == n->data.mapping.pairs.top)
        return add_flat(f, n, path, depth, NULL);
    return is_list ? flatten_list(f, n, path, depth) : flatten_map(f, n, path, depth);
}

/* The setting whose field the path is, or is a part of; *ret_rest is what follows the setting's own path. */
static const struct setting *find(enum setting_document document, const char *path, const char **ret_rest)
{
    for (size_t i = 0; i < settings_len; i++) {
        const struct setting *s = &settings[i];
        size_t len = s->document == document && s->path ? strlen(s->path) : 0;
        if (!len || strncmp(path, s->path, len) || (path[len] && path[len] != '.' && path[len] != '['))
            continue;
        *ret_rest = path + len;
        return s;
    }
    return NULL;
}

/* Is it a part of another setting's path, as "authentication" is? */
static bool is_parent(enum setting_document document, const char *path)
{
    size_t len = strlen(path);

    for (size_t i = 0; i < settings_len; i++)
        if (settings[i].document == document && settings[i].path && !strncmp(settings[i].path, path, len) &&
            settings[i].path[len] == '.')
            return true;
    return document == DOC_KUBELET && unsupported_below(path);
}

static unsigned depth_of(const char *path)
{
    unsigned depth = 1;

    for (; *path; path++)
        depth += *path == '.';
    return depth;
}

/* What stands below the setting's own path: a key, an index, or an index and a member. */
static int apply_part(const struct setting *s, struct config *c, const char *rest, const struct flat *f, struct err *err)
{
    unsigned below = f->depth - depth_of(s->path);
    size_t index = 0;
    int used = 0;

    if (s->kind == SETTING_MAP && rest[0] == '.' && below == 1)
        return setting_add_pair(s, c, rest + 1, f->value, err);
    if (s->kind == SETTING_STRINGS && rest[0] == '[' && below == 1)
        return setting_add_item(s, c, f->value, err);
    if (s->kind == SETTING_TAINTS && below == 2 && sscanf(rest, "[%4zu].%n", &index, &used) == 1 && used > 0)
        return setting_add_taint_member(s, c, index, rest + used, f->value, err);
    return err_set(err, -EINVAL, "expected %s", setting_kind_name(s->kind));
}

static int apply(const struct setting *s, struct config *c, const char *rest, const struct flat *f, struct err *err)
{
    bool scalar = s->kind < SETTING_STRINGS;

    if (!f->value)
        return 0; /* null and empty: the default stays, as the kubelet has it */
    if (scalar && *rest)
        return err_set(err, -EINVAL, "expected %s, got a list or a map", setting_kind_name(s->kind));
    if (scalar && s->document == DOC_KUBELET && !s->explicit_zero && setting_is_zero(s, f->value))
        return 0;
    if (scalar)
        return setting_set(s, c, f->value, err);
    if (!*rest)
        return err_set(err, -EINVAL, "expected %s, got \"%s\"", setting_kind_name(s->kind), f->value);
    return apply_part(s, c, rest, f, err);
}

static bool asks_for_nothing(const struct unsupported *u, const struct flat *f)
{
    if (!f->value || str_eq(u->harmless, "*"))
        return true;
    AUTO(strv_free) char **harmless = strv_split(u->harmless, '|');
    for (char **h = harmless; *h; h++)
        if (str_eq(*h, f->value))
            return true;
    return str_empty(f->value);
}

/* How much of an unknown path is to blame: "netwrok" of "netwrok.bridge.name". */
static int unknown_len(enum setting_document document, const char *path)
{
    size_t len = 0;
    const char *rest;

    for (;;) {
        len += strcspn(path + len, ".[");
        AUTO(free) char *prefix = xstrndup(path, len);
        bool known = find(document, prefix, &rest) || is_parent(document, prefix) ||
                     (document == DOC_KUBELET && unsupported_find(prefix));
        if (!known || !path[len])
            return (int)len;
        len++;
    }
}

static void tell(const struct config_warn *warn, const char *name, const struct flat *f, const char *reason)
{
    if (!warn || !warn->fn)
        return;
    AUTO(free) char *text = xasprintf("%s:%zu: %s: not honoured: %s", name, f->line, f->path, reason);
    warn->fn(warn->user, text);
}

/* A field that is no setting. */
static int handle_other(enum setting_document document, const char *name, const struct flat *f,
                        const struct config_warn *warn, struct err *err)
{
    const struct unsupported *u = document == DOC_KUBELET ? unsupported_find(f->path) : NULL;

    if (!u && is_parent(document, f->path))
        return f->value ? err_set(err, -EINVAL, "%s:%zu: %s: expected a map, got \"%s\"", name, f->line, f->path, f->value)
                        : 0;
    if (!u)
        return err_set(err, -EINVAL, "%s:%zu: %.*s: unknown field", name, f->line, unknown_len(document, f->path), f->path);
    if (asks_for_nothing(u, f))
        return 0;
    if (u->refuse)
        return err_set(err, -ENOTSUP, "%s:%zu: %s: \"%s\" is not supported: %s", name, f->line, f->path, f->value,
                       u->reason);
    tell(warn, name, f, u->reason);
    return 0;
}

static const struct flat *find_flat(const struct flats *f, const char *path)
{
    for (size_t i = 0; i < f->len; i++)
        if (str_eq(f->items[i].path, path))
            return &f->items[i];
    return NULL;
}

static const char *flat_value(const struct flat *f)
{
    return f ? str_or(f->value, "") : "";
}

static const struct {
    const char *api_version, *kind;
    enum setting_document document;
} documents[] = {
    { "kubelet.config.k8s.io/v1beta1", "KubeletConfiguration", DOC_KUBELET },
    { "oarsman.dev/v1alpha1", "OarsmanConfiguration", DOC_OARSMAN },
};

static int identify(const char *name, const struct flats *f, enum setting_document *ret, struct err *err)
{
    const struct flat *api_version = find_flat(f, "apiVersion"), *kind = find_flat(f, "kind");
    size_t first = f->items[0].line;

    for (size_t i = 0; i < ARRAY_LEN(documents); i++)
        if (str_eq(flat_value(kind), documents[i].kind)) {
            *ret = documents[i].document;
            if (str_eq(flat_value(api_version), documents[i].api_version))
                return 0;
            return err_set(err, -EINVAL, "%s:%zu: apiVersion: expected %s for kind %s, got \"%s\"", name,
                           api_version ? api_version->line : first, documents[i].api_version, documents[i].kind,
                           flat_value(api_version));
        }
    return err_set(err, -EINVAL, "%s:%zu: kind: expected KubeletConfiguration or OarsmanConfiguration, got \"%s\"", name,
                   kind ? kind->line : first, flat_value(kind));
}

static int apply_document(struct config *c, const char *name, const struct flats *f, const struct config_warn *warn,
                          struct err *err)
{
    enum setting_document document = DOC_NONE;
    const struct setting *list = NULL; /* the list being filled: what was there before is replaced once */

    if (identify(name, f, &document, err) < 0)
        return -EINVAL;
    for (size_t i = 0; i < f->len; i++) {
        const struct flat *item = &f->items[i];
        const char *rest = NULL;
        if (str_eq(item->path, "apiVersion") || str_eq(item->path, "kind"))
            continue;
        const struct setting *s = find(document, item->path, &rest);
        if (!s) {
            int r = handle_other(document, name, item, warn, err);
            if (r < 0)
                return r;
            continue;
        }
        if (s->kind >= SETTING_STRINGS && s != list && item->value)
            setting_reset(s, c);
        list = s;
        if (apply(s, c, rest, item, err) < 0)
            return err_wrap(err, "%s:%zu: %s", name, item->line, s->kind < SETTING_STRINGS ? s->path : item->path);
    }
    return 0;
}

static int fail_yaml(const yaml_parser_t *p, const char *name, struct err *err)
{
    return err_set(err, -EINVAL, "%s:%zu: %s", name, p->problem_mark.line + 1, str_or(p->problem, "not YAML"));
}

static int flatten_document(yaml_document_t *doc, const yaml_node_t *root, const char *name, struct flats *out,
                            struct err *err)
{
    struct flatten f = { .name = name, .doc = doc, .out = out, .err = err };

    if (root->type == YAML_SCALAR_NODE && is_null(root))
        return 0; /* nothing between two separators */
    if (root->type != YAML_MAPPING_NODE)
        return fail_at(&f, root, "", "expected a map of fields");
    f.seen = xcalloc((size_t)(doc->nodes.top - doc->nodes.start), sizeof(*f.seen));
    int r = flatten(&f, 1, "", 0); /* nodes count from 1, the root first */
    free(f.seen);
    return r;
}

enum { NO_MORE_DOCUMENTS = 1 };

static int next_document(yaml_parser_t *p, const char *name, struct flats *out, struct err *err)
{
    yaml_document_t doc;

    if (!yaml_parser_load(p, &doc))
        return fail_yaml(p, name, err);
    const yaml_node_t *root = yaml_document_get_root_node(&doc);
    int r = root ? flatten_document(&doc, root, name, out, err) : NO_MORE_DOCUMENTS;
    yaml_document_delete(&doc);
    return r;
}

int config_parse_documents(struct config *c, const char *name, const char *text, size_t len,
                           const struct config_warn *warn, struct err *err)
{
    yaml_parser_t parser;
    size_t found = 0;
    int r = 0;

    if (!yaml_parser_initialize(&parser))
        return err_set(err, -ENOMEM, "%s: out of memory", name);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    while (r == 0) {
        AUTO(flats_done) struct flats flats = { 0 };
        r = next_document(&parser, name, &flats, err);
        if (r == 0 && flats.len) {
            found++;
            r = apply_document(c, name, &flats, warn, err);
        }
    }
    yaml_parser_delete(&parser);
    if (r == NO_MORE_DOCUMENTS)
        r = found ? 0 : err_set(err, -EINVAL, "%s: no configuration in it", name);
    return r;
}
