/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pod_validate.c - what an API server would refuse in a pod, in its words: FIELD: kind of fault: detail.
 *
 * Only what a node would stumble over; what is left out harms nobody but the author.
 */
#include "sources/manifest.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/pod.h"
#include "pod_private.h"

static const char label_fault[] = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
                                  "must start and end with an alphanumeric character";

static int required(struct err *err, const char *path, const char *field)
{
    return err_set(err, -EINVAL, "%s%s: Required value", path, field);
}

static int invalid(struct err *err, const char *path, const char *field, const char *value, const char *why)
{
    return err_set(err, -EINVAL, "%s%s: Invalid value: \"%s\": %s", path, field, value, why);
}

/* RFC 1123: labels of lower-case letters, digits and '-'; a subdomain is labels joined by dots. */
static bool is_dns_name(const char *s, size_t max, bool dots)
{
    size_t len = strlen(s);

    if (len == 0 || len > max)
        return false;
    for (size_t i = 0; i < len; i++) {
        bool alnum = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= '0' && s[i] <= '9');
        bool inner = i > 0 && i < len - 1 && s[i - 1] != '.' && s[i + 1] != '.';
        if (!alnum && !(inner && (s[i] == '-' || (dots && s[i] == '.'))))
            return false;
    }
    return true;
}

static int check_enum(const char *path, const char *field, const char *value, const char *choices, struct err *err)
{
    AUTO(strv_free) char **all = strv_split(choices, '|');
    AUTO(buf_done) struct buf listed = BUF_INIT(1024);

    if (str_empty(value))
        return 0;
    for (char **c = all; *c; c++) {
        if (str_eq(*c, value))
            return 0;
        (void)buf_printf(&listed, "%s\"%s\"", listed.len ? ", " : "", *c);
    }
    return err_set(err, -EINVAL, "%s%s: Unsupported value: \"%s\": supported values: %s", path, field, value,
                   buf_str(&listed));
}

static int check_ports(const struct k8s_container *c, const char *path, struct err *err)
{
    for (size_t i = 0; i < c->ports.len; i++) {
        const struct k8s_container_port *p = &c->ports.items[i];
        AUTO(free) char *at = xasprintf("%s.ports[%zu]", path, i);
        if (p->container_port < 1 || p->container_port > 65535)
            return err_set(err, -EINVAL, "%s.containerPort: Invalid value: %d: must be between 1 and 65535, inclusive",
                           at, p->container_port);
        if (p->host_port < 0 || p->host_port > 65535)
            return err_set(err, -EINVAL, "%s.hostPort: Invalid value: %d: must be between 1 and 65535, inclusive", at,
                           p->host_port);
        if (check_enum(at, ".protocol", p->protocol, "TCP|UDP|SCTP", err) < 0)
            return -EINVAL;
    }
    return 0;
}

static bool has_volume(const struct k8s_pod_spec *spec, const char *name)
{
    for (size_t i = 0; i < spec->volumes.len; i++)
        if (str_eq(spec->volumes.items[i].name, name))
            return true;
    return false;
}

static int check_mounts(const struct k8s_pod_spec *spec, const struct k8s_container *c, const char *path,
                        struct err *err)
{
    for (size_t i = 0; i < c->volume_mounts.len; i++) {
        const struct k8s_volume_mount *m = &c->volume_mounts.items[i];
        AUTO(free) char *at = xasprintf("%s.volumeMounts[%zu]", path, i);
        if (str_empty(m->name))
            return required(err, at, ".name");
        if (!has_volume(spec, m->name))
            return err_set(err, -EINVAL, "%s.name: Not found: \"%s\"", at, m->name);
        if (str_empty(m->mount_path))
            return required(err, at, ".mountPath");
        if (strchr(m->mount_path, ':'))
            return invalid(err, at, ".mountPath", m->mount_path, "must not contain ':'");
        for (size_t k = 0; k < i; k++)
            if (str_eq(c->volume_mounts.items[k].mount_path, m->mount_path))
                return invalid(err, at, ".mountPath", m->mount_path, "must be unique");
    }
    return 0;
}

static int check_env(const struct k8s_container *c, const char *path, struct err *err)
{
    for (size_t i = 0; i < c->env.len; i++) {
        const char *name = c->env.items[i].name;
        AUTO(free) char *at = xasprintf("%s.env[%zu]", path, i);
        if (str_empty(name))
            return required(err, at, ".name");
        for (const char *s = name; *s; s++)
            if (*s == '=' || !isprint((unsigned char)*s))
                return invalid(err, at, ".name", name, "must consist only of printable ASCII characters other than '='");
        if (c->env.items[i].value_from && !str_empty(c->env.items[i].value))
            return invalid(err, at, ".valueFrom", "", "may not be specified when `value` is not empty");
    }
    return 0;
}

static int check_amounts(const char *path, const char *field, const struct k8s_resource_list *list, struct err *err)
{
    char text[K8S_QUANTITY_TEXT_BYTES];

    for (size_t i = 0; i < list->len; i++) {
        const struct k8s_quantity *q = &list->items[i].quantity;
        if (q->whole < 0 || q->nano < 0)
            return err_set(err, -EINVAL, "%s.resources.%s[%s]: Invalid value: \"%s\": must be greater than or equal to 0", path,
                           field, list->items[i].name, k8s_quantity_print(q, text));
    }
    return 0;
}

static int check_limits(const struct k8s_container *c, const char *path, struct err *err)
{
    const struct k8s_resource_list *requests = &c->resources.requests, *limits = &c->resources.limits;
    char request[K8S_QUANTITY_TEXT_BYTES], most[K8S_QUANTITY_TEXT_BYTES];

    if (check_amounts(path, "limits", limits, err) < 0 || check_amounts(path, "requests", requests, err) < 0)
        return -EINVAL;
    for (size_t i = 0; i < requests->len; i++) {
        const struct k8s_resource *r = &requests->items[i];
        const struct k8s_quantity *limit = k8s_resource_list_get(limits, r->name);
        if (limit && k8s_quantity_compare(&r->quantity, limit) > 0)
            return err_set(err, -EINVAL,
                           "%s.resources.requests: Invalid value: \"%s\": must be less than or equal to %s limit of %s", path,
                           k8s_quantity_print(&r->quantity, request), r->name, k8s_quantity_print(limit, most));
    }
    return 0;
}

static int check_container(const struct k8s_pod_spec *spec, const struct k8s_container *c, const char *path,
                           struct err *err)
{
    if (str_empty(c->name))
        return required(err, path, ".name");
    if (!is_dns_name(c->name, 63, false))
        return invalid(err, path, ".name", c->name, label_fault);
    if (str_empty(c->image))
        return required(err, path, ".image");
    if (check_enum(path, ".imagePullPolicy", c->image_pull_policy, "Always|IfNotPresent|Never", err) < 0 ||
        check_enum(path, ".terminationMessagePolicy", c->termination_message_policy, "File|FallbackToLogsOnError", err) < 0)
        return -EINVAL;
    if (check_ports(c, path, err) < 0 || check_env(c, path, err) < 0 || check_limits(c, path, err) < 0)
        return -EINVAL;
    return check_mounts(spec, c, path, err);
}

static const struct k8s_container *container_at(const struct k8s_pod_spec *spec, size_t i)
{
    return i < spec->init_containers.len ? &spec->init_containers.items[i]
                                         : &spec->containers.items[i - spec->init_containers.len];
}

static int check_containers(const struct k8s_pod_spec *spec, struct err *err)
{
    size_t init = spec->init_containers.len, len = init + spec->containers.len;

    if (spec->containers.len == 0)
        return required(err, "spec.containers", "");
    for (size_t i = 0; i < len; i++) {
        const struct k8s_container *c = container_at(spec, i);
        AUTO(free) char *path = i < init ? xasprintf("spec.initContainers[%zu]", i)
                                         : xasprintf("spec.containers[%zu]", i - init);
        if (check_container(spec, c, path, err) < 0)
            return -EINVAL;
        for (size_t k = 0; k < i; k++)
            if (str_eq(container_at(spec, k)->name, c->name))
                return err_set(err, -EINVAL, "%s.name: Duplicate value: \"%s\"", path, c->name);
    }
    return 0;
}

unsigned volume_sources(const struct k8s_volume *v)
{
    const void *members[sizeof(*v) / sizeof(const void *)];
    unsigned n = 0;

    _Static_assert(sizeof(*v) % sizeof(const void *) == 0 && offsetof(struct k8s_volume, name) == 0,
                   "a volume is its name and a pointer for each source");
    memcpy(members, v, sizeof(members));
    for (size_t i = 1; i < ARRAY_LEN(members); i++)
        n += members[i] != NULL;
    return n;
}

/* Of the kinds that a node makes itself: what they cannot do without. */
static int check_source(const struct k8s_volume *v, const char *path, struct err *err)
{
    if (volume_sources(v) > 1)
        return err_set(err, -EINVAL, "%s: Forbidden: may not specify more than 1 volume type", path);
    if (v->host_path && str_empty(v->host_path->path))
        return required(err, path, ".hostPath.path");
    if (v->config_map && str_empty(v->config_map->name))
        return required(err, path, ".configMap.name");
    if (v->secret && str_empty(v->secret->secret_name))
        return required(err, path, ".secret.secretName");
    return v->host_path ? check_enum(path, ".hostPath.type", v->host_path->type,
                                     "BlockDevice|CharDevice|Directory|DirectoryOrCreate|File|FileOrCreate|Socket", err)
                        : 0;
}

static int check_volumes(const struct k8s_pod_spec *spec, struct err *err)
{
    for (size_t i = 0; i < spec->volumes.len; i++) {
        const char *name = spec->volumes.items[i].name;
        AUTO(free) char *path = xasprintf("spec.volumes[%zu]", i);
        if (str_empty(name))
            return required(err, path, ".name");
        if (!is_dns_name(name, 63, false))
            return invalid(err, path, ".name", name, label_fault);
        for (size_t k = 0; k < i; k++)
            if (str_eq(spec->volumes.items[k].name, name))
                return err_set(err, -EINVAL, "%s.name: Duplicate value: \"%s\"", path, name);
        if (check_source(&spec->volumes.items[i], path, err) < 0)
            return -EINVAL;
    }
    return 0;
}

int pod_validate(const struct k8s_pod *pod, struct err *err)
{
    const struct k8s_pod_spec *spec = &pod->spec;

    if (str_empty(pod->metadata.name))
        return err_set(err, -EINVAL, "metadata.name: Required value: name or generateName is required");
    if (!is_dns_name(pod->metadata.name, 253, true))
        return invalid(err, "metadata", ".name", pod->metadata.name,
                       "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and "
                       "must start and end with an alphanumeric character");
    if (!str_empty(pod->metadata.namespace) && !is_dns_name(pod->metadata.namespace, 63, false))
        return invalid(err, "metadata", ".namespace", pod->metadata.namespace, label_fault);
    if (check_enum("spec", ".restartPolicy", spec->restart_policy, "Always|OnFailure|Never", err) < 0 ||
        check_enum("spec", ".dnsPolicy", spec->dns_policy, "ClusterFirst|ClusterFirstWithHostNet|Default|None", err) < 0)
        return -EINVAL;
    if (spec->active_deadline_seconds.has && spec->active_deadline_seconds.value < 1)
        return err_set(err, -EINVAL, "spec.activeDeadlineSeconds: Invalid value: %lld: must be between 1 and 2147483647, inclusive",
                       (long long)spec->active_deadline_seconds.value);
    if (spec->termination_grace_period_seconds.has && spec->termination_grace_period_seconds.value < 0)
        return err_set(err, -EINVAL, "spec.terminationGracePeriodSeconds: Invalid value: %lld: must be greater than or equal to 0",
                       (long long)spec->termination_grace_period_seconds.value);
    if (check_volumes(spec, err) < 0)
        return -EINVAL;
    return check_containers(spec, err);
}
