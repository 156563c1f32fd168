/* SPDX-License-Identifier: Apache-2.0 */
#include "cni_config.h"

#include <errno.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

/* In rising order. Before 0.3.0 a result had another form. */
static const char *const versions[] = { "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0" };

#define CNI_CAPABILITIES_FIELDS(F) F(value, bool, port_mappings, "portMappings", 0)
JSON_STRUCT(cni_capabilities, CNI_CAPABILITIES_FIELDS);
JSON_TYPE(cni_capabilities, CNI_CAPABILITIES_FIELDS);

#define CNI_PLUGIN_JSON_FIELDS(F)                                                                  \
    F(value, const char *, type, "type", JSON_REQUIRED)                                            \
    F(embed, cni_capabilities, capabilities, "capabilities", 0)
JSON_STRUCT(cni_plugin_json, CNI_PLUGIN_JSON_FIELDS);
JSON_TYPE(cni_plugin_json, CNI_PLUGIN_JSON_FIELDS);

#define CNI_LIST_JSON_FIELDS(F)                                                                    \
    F(value, const char *, name, "name", JSON_REQUIRED)                                            \
    F(value, const char *, version, "cniVersion", 0)                                               \
    F(values, const char *, versions, "cniVersions", 0)                                            \
    F(value, const char *, type, "type", 0)                                                        \
    F(values, struct json_raw, plugins, "plugins", 0)
JSON_STRUCT(cni_list_json, CNI_LIST_JSON_FIELDS);
JSON_TYPE(cni_list_json, CNI_LIST_JSON_FIELDS);

static int rank(const char *version) /* -1: unknown */
{
    for (int i = (int)ARRAY_LEN(versions) - 1; i >= 0; i--)
        if (str_eq(versions[i], version))
            return i;
    return -1;
}

int cni_version_compare(const char *a, const char *b)
{
    return rank(a) - rank(b);
}

static int choose_version(const struct cni_list_json *list, const char **ret, struct err *err)
{
    int best = rank(list->version);
    for (size_t i = 0; i < list->versions.len; i++)
        if (rank(list->versions.items[i]) > best)
            best = rank(list->versions.items[i]);
    if (best < 0)
        return err_set(err, -ENOTSUP, "cniVersion \"%.32s\" is not supported (%s to %s are)",
                       str_or(list->version, ""), versions[0], versions[ARRAY_LEN(versions) - 1]);
    *ret = versions[best];
    return 0;
}

static int parse_plugin(const struct json_raw *raw, struct arena *arena, struct cni_plugin *ret,
                        struct err *err)
{
    struct cni_plugin_json p;
    int r = json_decode(&cni_plugin_json_type, raw->text, raw->len, NULL, arena, &p, err);
    if (r < 0)
        return r;
    if (!path_is_name(p.type))
        return err_set(err, -EINVAL, "type \"%.64s\" is not the name of a program", p.type);
    *ret = (struct cni_plugin){ .type = p.type,
                                .port_mappings = p.capabilities.port_mappings,
                                .config = *raw };
    return 0;
}

int cni_config_parse(const char *text, size_t len, struct arena *arena, struct cni_config *ret,
                     struct err *err)
{
    struct json_decode_opts opts = { .max_bytes = LIMIT_CNI_CONFIG_BYTES };
    struct json_raw whole;
    struct cni_list_json list;
    struct cni_config c = { .name = NULL };
    int r = json_decode(&json_raw_type, text, len, &opts, arena, &whole, err);
    if (r == 0)
        r = json_decode(&cni_list_json_type, whole.text, whole.len, &opts, arena, &list, err);
    if (r == 0)
        r = choose_version(&list, &c.version, err);
    if (r < 0)
        return r;
    c.name = list.name;
    c.text = whole;
    bool single = list.type && list.plugins.len == 0;
    c.plugins_len = single ? 1 : list.plugins.len;
    if (str_empty(c.name))
        return err_set(err, -EINVAL, "name: must not be empty");
    if (c.plugins_len == 0 || c.plugins_len > LIMIT_CNI_PLUGINS)
        return err_set(err, -EINVAL, "plugins: between 1 and %d are possible, not %zu",
                       LIMIT_CNI_PLUGINS, c.plugins_len);
    struct cni_plugin *plugins = arena_alloc(arena, c.plugins_len * sizeof(*plugins));
    if (!plugins)
        return err_set(err, -E2BIG, "too big");
    for (size_t i = 0; i < c.plugins_len; i++) {
        r = parse_plugin(single ? &whole : &list.plugins.items[i], arena, &plugins[i], err);
        if (r < 0)
            return single ? r : err_wrap(err, "plugins[%zu]", i);
    }
    c.plugins = plugins;
    *ret = c;
    return 0;
}
