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

static int flats_add(struct flats *f, const char *path, const char *value, size_t line, struct err *err)
{
    if (f->len == LIMIT_CONFIG_FIELDS)
        return err_set(err, -E2BIG, "more than %d fields", LIMIT_CONFIG_FIELDS);
    f->items = xgrow(f->items, &f->cap, f->len + 1, sizeof(*f->items));
    f->items[f->len++] = (struct flat){ .path = xstrdup(path), .value = xstrdup(value), .line = line };
    return 0;
}

static bool is_null(const yaml_node_t *n)
{
    const char *v = (const char *)n->data.scalar.value;
    return n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (str_eq(v, "") || str_eq(v, "~") || str_eq(v, "null"));
}

/* Aliases make libyaml's documents shared nodes: depth and field count bound what they can unfold to. */
static int flatten(yaml_document_t *doc, const yaml_node_t *n, const char *path, int depth, struct flats *out,
                   struct err *err)
{
    size_t line = n->start_mark.line + 1;
    bool empty = true;

    if (depth > LIMIT_CONFIG_DEPTH)
        return err_set(err, -E2BIG, "%s: nested deeper than %d", path, LIMIT_CONFIG_DEPTH);
    if (n->type == YAML_SCALAR_NODE)
        return flats_add(out, path, is_null(n) ? NULL : (const char *)n->data.scalar.value, line, err);
    if (n->type == YAML_SEQUENCE_NODE) {
        for (yaml_node_item_t *i = n->data.sequence.items.start; i < n->data.sequence.items.top; i++, empty = false) {
            AUTO(free) char *sub = xasprintf("%s[%zu]", path, (size_t)(i - n->data.sequence.items.start));
            if (flatten(doc, yaml_document_get_node(doc, *i), sub, depth + 1, out, err) < 0)
                return -EINVAL;
        }
    } else if (n->type == YAML_MAPPING_NODE) {
        for (yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++, empty = false) {
            const yaml_node_t *key = yaml_document_get_node(doc, p->key);
            if (key->type != YAML_SCALAR_NODE)
                return err_set(err, -EINVAL, "%s: a key must be a string", path);
            AUTO(free) char *sub = xasprintf("%s%s%s", path, *path ? "." : "", (const char *)key->data.scalar.value);
            if (flatten(doc, yaml_document_get_node(doc, p->value), sub, depth + 1, out, err) < 0)
                return -EINVAL;
        }
    }
    return empty ? flats_add(out, path, NULL, line, err) : 0;
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

static int apply_part(const struct setting *s, struct config *c, const char *rest, const char *value, struct err *err)
{
    size_t index = 0;
    int used = 0;

    if (s->kind == SETTING_MAP && rest[0] == '.')
        return setting_add_pair(s, c, rest + 1, value, err);
    if (s->kind == SETTING_STRINGS && rest[0] == '[' && !strchr(rest, '.'))
        return setting_add_item(s, c, value, err);
    if (s->kind == SETTING_TAINTS && sscanf(rest, "[%4zu].%n", &index, &used) == 1 && used > 0)
        return setting_add_taint_member(s, c, index, rest + used, value, err);
    return err_set(err, -EINVAL, "expected %s", setting_kind_name(s->kind));
}

static int apply(const struct setting *s, struct config *c, const char *rest, const char *value, struct err *err)
{
    bool scalar = s->kind < SETTING_STRINGS;

    if (!value)
        return 0; /* null and empty: the default stays, as the kubelet has it */
    if (scalar && *rest)
        return err_set(err, -EINVAL, "expected %s, got a list or a map", setting_kind_name(s->kind));
    if (scalar)
        return setting_set(s, c, value, err);
    if (!*rest)
        return err_set(err, -EINVAL, "expected %s, got \"%s\"", setting_kind_name(s->kind), value);
    return apply_part(s, c, rest, value, err);
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

static int handle_unsupported(const char *name, const struct flat *f, const struct config_warn *warn, struct err *err)
{
    const struct unsupported *u = unsupported_find(f->path);

    if (!u)
        return err_set(err, -EINVAL, "%s:%zu: %s: unknown field", name, f->line, f->path);
    if (asks_for_nothing(u, f))
        return 0;
    if (u->refuse)
        return err_set(err, -ENOTSUP, "%s:%zu: %s: \"%s\" is not supported: %s", name, f->line, f->path, f->value,
                       u->reason);
    if (warn && warn->fn) {
        AUTO(free) char *text =
            xasprintf("%s:%zu: %s: not honoured: %s", name, f->line, f->path, str_or(u->reason, "no effect here"));
        warn->fn(warn->user, text);
    }
    return 0;
}

static const char *flat_value(const struct flats *f, const char *path)
{
    for (size_t i = 0; i < f->len; i++)
        if (str_eq(f->items[i].path, path))
            return str_or(f->items[i].value, "");
    return "";
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
    const char *api_version = flat_value(f, "apiVersion"), *kind = flat_value(f, "kind");

    for (size_t i = 0; i < ARRAY_LEN(documents); i++)
        if (str_eq(kind, documents[i].kind)) {
            *ret = documents[i].document;
            if (str_eq(api_version, documents[i].api_version))
                return 0;
            return err_set(err, -EINVAL, "%s: apiVersion: expected %s for kind %s, got \"%s\"", name,
                           documents[i].api_version, kind, api_version);
        }
    return err_set(err, -EINVAL, "%s: kind: expected KubeletConfiguration or OarsmanConfiguration, got \"%s\"", name,
                   kind);
}

static int apply_document(struct config *c, const char *name, const struct flats *f, const struct config_warn *warn,
                          struct err *err)
{
    enum setting_document document;
    const struct setting *list = NULL; /* the list being filled: what was there before is replaced once */

    if (identify(name, f, &document, err) < 0)
        return -EINVAL;
    for (size_t i = 0; i < f->len; i++) {
        const struct flat *item = &f->items[i];
        const char *rest = NULL;
        if (str_eq(item->path, "apiVersion") || str_eq(item->path, "kind"))
            continue;
        const struct setting *s = find(document, item->path, &rest);
        if (!s && document == DOC_KUBELET) {
            if (handle_unsupported(name, item, warn, err) < 0)
                return -EINVAL;
            continue;
        }
        if (!s)
            return err_set(err, -EINVAL, "%s:%zu: %s: unknown field", name, item->line, item->path);
        if (s->kind >= SETTING_STRINGS && s != list && item->value)
            setting_reset(s, c);
        list = s;
        if (apply(s, c, rest, item->value, err) < 0)
            return err_wrap(err, "%s:%zu: %s", name, item->line, item->path);
    }
    return 0;
}

static int fail_yaml(const yaml_parser_t *p, const char *name, struct err *err)
{
    return err_set(err, -EINVAL, "%s:%zu: %s", name, p->problem_mark.line + 1, str_or(p->problem, "not YAML"));
}

static int next_document(yaml_parser_t *p, struct config *c, const char *name, const struct config_warn *warn,
                         bool *ret_more, struct err *err)
{
    AUTO(flats_done) struct flats flats = { 0 };
    yaml_document_t doc;

    if (!yaml_parser_load(p, &doc))
        return fail_yaml(p, name, err);
    const yaml_node_t *root = yaml_document_get_root_node(&doc);
    int r = 0;
    *ret_more = root != NULL;
    if (root && root->type != YAML_SCALAR_NODE && flatten(&doc, root, "", 0, &flats, err) < 0)
        r = err_wrap(err, "%s", name);
    else if (root && root->type == YAML_SCALAR_NODE && !is_null(root))
        r = err_set(err, -EINVAL, "%s:%zu: expected a map of fields", name, root->start_mark.line + 1);
    yaml_document_delete(&doc);
    return r < 0 || !flats.len ? r : apply_document(c, name, &flats, warn, err);
}

int config_parse_documents(struct config *c, const char *name, const char *text, size_t len,
                           const struct config_warn *warn, struct err *err)
{
    yaml_parser_t parser;
    bool more = true;
    int r = 0;

    if (!yaml_parser_initialize(&parser))
        return err_set(err, -ENOMEM, "%s: out of memory", name);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    while (r == 0 && more)
        r = next_document(&parser, c, name, warn, &more, err);
    yaml_parser_delete(&parser);
    return r;
}
