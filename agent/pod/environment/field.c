/* SPDX-License-Identifier: Apache-2.0 */
#include "environment/field.h"

#include <errno.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/quantity.h"

struct field_args {
    const struct k8s_pod *pod;
    const struct pod_facts *facts;
    struct arena *arena;
};

static const char *join(const char *const *items, size_t len, struct arena *arena)
{
    AUTO(buf_done) struct buf text = BUF_INIT(4 * KIB);

    for (size_t i = 0; i < len; i++)
        (void)buf_printf(&text, "%s%s", i ? "," : "", items[i]);
    return arena_strdup(arena, buf_str(&text));
}

static const char *first(const char *const *items, size_t len)
{
    return len ? items[0] : "";
}

static const char *get_name(const struct field_args *a)
{
    return a->pod->metadata.name;
}
static const char *get_namespace(const struct field_args *a)
{
    return a->pod->metadata.namespace;
}
static const char *get_uid(const struct field_args *a)
{
    return a->pod->metadata.uid;
}
static const char *get_node_name(const struct field_args *a)
{
    return str_or(a->pod->spec.node_name, a->facts->node_name);
}
static const char *get_service_account(const struct field_args *a)
{
    return a->pod->spec.service_account_name;
}
static const char *get_host_ip(const struct field_args *a)
{
    return first(a->facts->host_ips, a->facts->host_ips_len);
}
static const char *get_host_ips(const struct field_args *a)
{
    return join(a->facts->host_ips, a->facts->host_ips_len, a->arena);
}
static const char *get_pod_ip(const struct field_args *a)
{
    return a->pod->spec.host_network ? get_host_ip(a) : first(a->facts->pod_ips, a->facts->pod_ips_len);
}
static const char *get_pod_ips(const struct field_args *a)
{
    return a->pod->spec.host_network ? get_host_ips(a) : join(a->facts->pod_ips, a->facts->pod_ips_len, a->arena);
}

static const struct {
    const char *path;
    const char *(*get)(const struct field_args *args);
} fields[] = {
    { "metadata.name", get_name },
    { "metadata.namespace", get_namespace },
    { "metadata.uid", get_uid },
    { "spec.nodeName", get_node_name },
    { "spec.serviceAccountName", get_service_account },
    { "status.hostIP", get_host_ip },
    { "status.hostIPs", get_host_ips },
    { "status.podIP", get_pod_ip },
    { "status.podIPs", get_pod_ips },
};

/* A Go string literal, as the kubelet writes values of labels and annotations into files. */
static void put_quoted(struct buf *out, const char *s)
{
    static const char escapes[] = "\aa\bb\ff\nn\rr\tt\vv\\\\\"\"";

    (void)buf_putc(out, '"');
    for (; *s; s++) {
        const char *e = NULL;
        for (size_t i = 0; i + 1 < sizeof(escapes); i += 2)
            if (escapes[i] == *s)
                e = &escapes[i + 1];
        if (e)
            (void)buf_printf(out, "\\%c", *e);
        else if ((unsigned char)*s < 0x20 || *s == 0x7f)
            (void)buf_printf(out, "\\x%02x", (unsigned char)*s);
        else
            (void)buf_putc(out, *s);
    }
    (void)buf_putc(out, '"');
}

static const char *format_map(const struct json_map *map, struct arena *arena)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_DOWNWARD_BYTES);

    for (size_t i = 0; i < map->len; i++) {
        (void)buf_printf(&text, "%s%s=", i ? "\n" : "", map->items[i].key);
        put_quoted(&text, map->items[i].value);
    }
    return buf_failed(&text) ? NULL : arena_strndup(arena, buf_str(&text), text.len);
}

/* metadata.labels['key']: "key". NULL: another path. Caller owns. */
static char *subscript_of(const char *path, const char *prefix)
{
    size_t len = strlen(prefix), subscript = str_has_prefix(path, prefix) ? strlen(path + len) : 0;

    if (subscript < strlen("['']") || !str_has_prefix(path + len, "['") || !str_has_suffix(path, "']"))
        return NULL;
    return xstrndup(path + len + 2, subscript - strlen("['']"));
}

static const struct {
    const char *path;
    size_t offset; /* of the map in the metadata */
} maps[] = {
    { "metadata.labels", offsetof(struct k8s_object_meta, labels) },
    { "metadata.annotations", offsetof(struct k8s_object_meta, annotations) },
};

static bool map_value(const struct field_args *a, const char *path, bool in_volume, const char **ret)
{
    for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
        const struct json_map *map = (const void *)((const char *)&a->pod->metadata + maps[i].offset);
        AUTO(free) char *key = subscript_of(path, maps[i].path);
        if (in_volume && str_eq(path, maps[i].path)) {
            *ret = format_map(map, a->arena);
            return true;
        }
        if (key) {
            *ret = str_or(json_map_get(map, key), "");
            return true;
        }
    }
    return false;
}

int field_value(const struct k8s_pod *pod, const struct pod_facts *facts, const char *path, bool in_volume,
                struct arena *arena, const char **ret, struct err *err)
{
    const struct field_args args = { .pod = pod, .facts = facts, .arena = arena };
    const char *value = NULL;
    bool known = map_value(&args, str_or(path, ""), in_volume, &value);

    for (size_t i = 0; i < ARRAY_LEN(fields) && !known; i++)
        if (str_eq(path, fields[i].path)) {
            value = str_or(fields[i].get(&args), "");
            known = true;
        }
    if (!known)
        return err_set(err, -EINVAL, "unsupported fieldPath: %s", str_or(path, ""));
    if (!value)
        return err_set(err, -E2BIG, "fieldPath %s: the value is too long", path);
    *ret = value;
    return 0;
}

static const struct k8s_container *find_container(const struct k8s_pod *pod, const char *name)
{
    for (size_t i = 0; i < pod->spec.containers.len; i++)
        if (str_eq(pod->spec.containers.items[i].name, name))
            return &pod->spec.containers.items[i];
    for (size_t i = 0; i < pod->spec.init_containers.len; i++)
        if (str_eq(pod->spec.init_containers.items[i].name, name))
            return &pod->spec.init_containers.items[i];
    return NULL;
}

/* Of the container, else (limits only) what the node could give. */
static struct k8s_quantity resource_of(const struct k8s_container *c, const struct pod_facts *facts, const char *name,
                                       bool limit)
{
    const struct k8s_quantity *q =
        k8s_resource_list_get(limit ? &c->resources.limits : &c->resources.requests, name);
    static const struct k8s_quantity zero;

    if ((!q || k8s_quantity_is_zero(q)) && limit && facts->node_allocatable)
        q = k8s_resource_list_get(facts->node_allocatable, name);
    return q ? *q : zero;
}

/* Both positive, or value 0. */
static int64_t divide_up(int64_t value, int64_t divisor)
{
    return value / divisor + (value % divisor > 0);
}

int resource_value(const struct k8s_pod *pod, const struct k8s_container *container, const struct pod_facts *facts,
                   const struct k8s_resource_field_selector *selector, struct arena *arena, const char **ret,
                   struct err *err)
{
    const char *resource = str_or(selector->resource, "");
    bool limit = str_has_prefix(resource, "limits.");
    const char *name = strchr(resource, '.');
    const struct k8s_container *c =
        str_empty(selector->container_name) ? container : find_container(pod, selector->container_name);
    bool is_cpu = name && str_eq(name + 1, "cpu");

    if (!c)
        return err_set(err, -EINVAL, "container %s not found", str_or(selector->container_name, ""));
    if (!name || (!limit && !str_has_prefix(resource, "requests.")))
        return err_set(err, -EINVAL, "unsupported container resource : %s", resource);

    struct k8s_quantity q = resource_of(c, facts, name + 1, limit);
    struct k8s_quantity one = k8s_quantity_from_value(1, K8S_DECIMAL_SI);
    const struct k8s_quantity *divisor =
        selector->divisor.has && !k8s_quantity_is_zero(&selector->divisor) ? &selector->divisor : &one;
    if (q.whole < 0 || q.nano < 0 || divisor->whole < 0 || divisor->nano < 0)
        return err_set(err, -EINVAL, "container resource %s: expected positive amounts", resource);
    int64_t value = is_cpu ? divide_up(k8s_quantity_milli(&q), k8s_quantity_milli(divisor))
                           : divide_up(k8s_quantity_value(&q), k8s_quantity_value(divisor));
    *ret = arena_printf(arena, "%lld", (long long)value);
    return *ret ? 0 : err_set(err, -E2BIG, "out of memory");
}
