/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of admission, in the kubelet's order: what speaks against the pod as such, then its labels, sysctls and
 * features, then resources, name, ports, affinity and taints of the node.
 */
#include "decide/admission.h"

#include <fnmatch.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/str.h"
#include "decide/resources.h"

struct admission {
    const struct k8s_pod *pod;
    const struct admission_node *node;
    const struct admission_pod *others;
    size_t others_len;
    struct arena *arena;
};

static bool refuse(struct refusal *ret, enum word word)
{
    *ret = (struct refusal){ word_reason(word), word_text(word)->format };
    return true;
}

static bool os_label(const struct admission *a, struct refusal *ret)
{
    const char *os = json_map_get(&a->pod->metadata.labels, "kubernetes.io/os");
    return os && !str_eq(os, "linux") && refuse(ret, WORD_OS_LABEL);
}

static bool os_field(const struct admission *a, struct refusal *ret)
{
    return a->pod->spec.os && !str_eq(a->pod->spec.os->name, "linux") && refuse(ret, WORD_OS_FIELD);
}

static bool groups_policy(const struct admission *a, struct refusal *ret)
{
    const struct k8s_pod_security_context *c = a->pod->spec.security_context;
    return c && str_eq(c->supplemental_groups_policy, "Strict") &&
           !a->node->supplemental_groups_policy && refuse(ret, WORD_GROUPS_POLICY);
}

/* ---- sysctls ---- */

bool sysctl_is_safe(const char *name)
{
    static const char *const safe[] = {
        "kernel.shm_rmid_forced",          "net.ipv4.ip_local_port_range",
        "net.ipv4.tcp_syncookies",         "net.ipv4.ping_group_range",
        "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_keepalive_time",     "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",    "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_rmem",               "net.ipv4.tcp_wmem",
    };
    for (size_t i = 0; i < ARRAY_LEN(safe); i++)
        if (str_eq(safe[i], name))
            return true;
    return false;
}

static bool is_allowed(const struct admission_node *node, const char *name)
{
    for (size_t i = 0; node->unsafe_sysctls && node->unsafe_sysctls[i]; i++)
        if (fnmatch(node->unsafe_sysctls[i], name, 0) == 0)
            return true;
    return sysctl_is_safe(name);
}

static bool sysctls(const struct admission *a, struct refusal *ret)
{
    const struct k8s_pod_security_context *c = a->pod->spec.security_context;
    for (size_t i = 0; c && i < c->sysctls.len; i++) {
        const char *name = str_or(c->sysctls.items[i].name, "");
        if (is_allowed(a->node, name))
            continue;
        const char *what = arena_printf(a->arena, "\"%s\" not allowlisted", name);
        *ret = (struct refusal){ word_reason(WORD_SYSCTL), word_message(WORD_SYSCTL, a->arena, what) };
        return true;
    }
    return false;
}

/* ---- features that the node has to declare ---- */

static bool needs_restart_all(const struct k8s_pod *pod)
{
    for (size_t i = 0; i < containers_len(pod); i++) {
        const struct k8s_container *c = containers_at(pod, i).spec;
        for (size_t n = 0; n < c->restart_policy_rules.len; n++)
            if (str_eq(c->restart_policy_rules.items[n].action, "RestartAllContainers"))
                return true;
    }
    return false;
}

static bool needs_host_network_users(const struct k8s_pod *pod)
{
    return pod->spec.host_network && pod->spec.host_users.has && !pod->spec.host_users.value;
}

static bool needs_bind_options(const struct k8s_pod *pod)
{
    for (size_t i = 0; i < containers_len(pod); i++) {
        const struct k8s_container *c = containers_at(pod, i).spec;
        for (size_t n = 0; n < c->volume_mounts.len; n++)
            if (c->volume_mounts.items[n].bind_mount_options.len)
                return true;
    }
    return false;
}

static const struct {
    const char *feature;
    bool (*needed)(const struct k8s_pod *pod);
} features[] = {
    { "RestartAllContainersOnContainerExits", needs_restart_all },
    { "UserNamespacesHostNetworkSupport", needs_host_network_users },
    { "VolumeBindMountOptions", needs_bind_options },
};

static bool is_declared(const struct admission_node *node, const char *feature)
{
    for (size_t i = 0; node->features && node->features[i]; i++)
        if (str_eq(node->features[i], feature))
            return true;
    return false;
}

static bool declared_features(const struct admission *a, struct refusal *ret)
{
    const char *missing = NULL;
    for (size_t i = 0; i < ARRAY_LEN(features); i++)
        if (features[i].needed(a->pod) && !is_declared(a->node, features[i].feature))
            missing = missing ? arena_printf(a->arena, "%s, %s", missing, features[i].feature)
                              : features[i].feature;
    if (!missing)
        return false;
    *ret = (struct refusal){ word_reason(WORD_FEATURE), word_message(WORD_FEATURE, a->arena, missing) };
    return true;
}

/* ---- resources ---- */

static bool out_of(const struct admission *a, const char *resource, int64_t need, int64_t used,
                   int64_t capacity, struct refusal *ret)
{
    if (need == 0 || need <= capacity - used)
        return false;
    ret->reason = arena_printf(a->arena, "%s%s", word_reason(WORD_OUT_OF), resource);
    ret->message = word_message(WORD_OUT_OF, a->arena, resource, (long long)need, (long long)used,
                                (long long)capacity);
    return true;
}

static int64_t capacity_of(const struct admission_node *node, const char *resource)
{
    const struct k8s_quantity *q = k8s_resource_list_get(node->allocatable, resource);
    if (!q)
        return 0;
    return str_eq(resource, "cpu") ? k8s_quantity_milli(q) : k8s_quantity_value(q);
}

static bool resources(const struct admission *a, struct refusal *ret)
{
    static const char *const counted[] = { "cpu", "memory", "ephemeral-storage" };
    if (!a->node->allocatable)
        return false;
    if (out_of(a, "pods", 1, (int64_t)a->others_len, capacity_of(a->node, "pods"), ret))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(counted); i++) {
        int64_t need = pod_request(a->pod, counted[i]), used = 0;
        for (size_t n = 0; need && n < a->others_len; n++)
            used += pod_request(a->others[n].pod, counted[i]);
        if (out_of(a, counted[i], need, used, capacity_of(a->node, counted[i]), ret))
            return true;
    }
    return false;
}

/* ---- name, ports, affinity ---- */

static bool node_name(const struct admission *a, struct refusal *ret)
{
    const char *wanted = a->pod->spec.node_name;
    return !str_empty(wanted) && a->node->name && !str_eq(wanted, a->node->name) &&
           refuse(ret, WORD_NODE_NAME);
}

static bool any_address(const char *ip)
{
    return str_empty(ip) || str_eq(ip, "0.0.0.0") || str_eq(ip, "::");
}

static int32_t host_port_of(const struct k8s_pod *pod, const struct k8s_container_port *p)
{
    return p->host_port == 0 && pod->spec.host_network ? p->container_port : p->host_port;
}

static bool takes_port(const struct k8s_pod *pod, const struct k8s_container_port *mine, int32_t port)
{
    for (size_t i = 0; i < containers_len(pod); i++) {
        const struct k8s_container *c = containers_at(pod, i).spec;
        for (size_t n = 0; n < c->ports.len; n++) {
            const struct k8s_container_port *p = &c->ports.items[n];
            bool same = host_port_of(pod, p) == port &&
                        str_eq(str_or(p->protocol, "TCP"), str_or(mine->protocol, "TCP"));
            if (same && (any_address(p->host_ip) || any_address(mine->host_ip) ||
                         str_eq(p->host_ip, mine->host_ip)))
                return true;
        }
    }
    return false;
}

static bool node_ports(const struct admission *a, struct refusal *ret)
{
    for (size_t i = 0; i < containers_len(a->pod); i++) {
        const struct k8s_container *c = containers_at(a->pod, i).spec;
        for (size_t n = 0; n < c->ports.len; n++) {
            int32_t port = host_port_of(a->pod, &c->ports.items[n]);
            for (size_t o = 0; port > 0 && o < a->others_len; o++)
                if (takes_port(a->others[o].pod, &c->ports.items[n], port))
                    return refuse(ret, WORD_NODE_PORTS);
        }
    }
    return false;
}

static bool affinity(const struct admission *a, struct refusal *ret)
{
    return a->node->labels && !node_selector_matches(a->pod, a->node->labels, a->node->name) &&
           refuse(ret, WORD_NODE_AFFINITY);
}

/* ---- taints ---- */

/* Lt and Gt: how the taint's value compares with the toleration's. */
static bool value_is_tolerated(const struct k8s_toleration *t, const struct k8s_taint *taint)
{
    const char *op = str_or(t->operator, "Equal"), *theirs = str_or(taint->value, ""), *ours = str_or(t->value, "");
    int64_t taint_value, value;
    if (str_eq(op, "Exists"))
        return true;
    if (str_eq(op, "Equal") || !*op)
        return str_eq(theirs, ours);
    if (str_to_i64(theirs, INT64_MIN, INT64_MAX, &taint_value) < 0 ||
        str_to_i64(ours, INT64_MIN, INT64_MAX, &value) < 0)
        return false;
    return str_eq(op, "Lt") ? taint_value < value : str_eq(op, "Gt") && taint_value > value;
}

static bool is_tolerated(const struct k8s_pod *pod, const struct k8s_taint *taint)
{
    for (size_t i = 0; i < pod->spec.tolerations.len; i++) {
        const struct k8s_toleration *t = &pod->spec.tolerations.items[i];
        if ((str_empty(t->effect) || str_eq(t->effect, taint->effect)) &&
            (str_empty(t->key) || str_eq(t->key, taint->key)) && value_is_tolerated(t, taint))
            return true;
    }
    return false;
}

/* The other effects are the scheduler's alone. */
static bool taints(const struct admission *a, struct refusal *ret)
{
    for (size_t i = 0; i < a->node->taints_len; i++)
        if (str_eq(a->node->taints[i].effect, "NoExecute") && !is_tolerated(a->pod, &a->node->taints[i]))
            return refuse(ret, WORD_TAINT);
    return false;
}

typedef bool (*rule_fn)(const struct admission *a, struct refusal *ret);

bool admission_refuses(const struct k8s_pod *pod, const struct admission_node *node,
                       const struct admission_pod *others, size_t others_len, struct arena *arena,
                       struct refusal *ret)
{
    static const rule_fn rules[] = { sysctls,   declared_features, os_label,   os_field, groups_policy,
                                     resources, node_name,         node_ports, affinity, taints };
    struct admission a = {
        .pod = pod, .node = node, .others = others, .others_len = others_len, .arena = arena
    };
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (rules[i](&a, ret))
            return true;
    return false;
}
