/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.c - the status of a Node as a function of what is known.
 *
 * Conditions are one table: type, and for either status the kubelet's reason, message and event.
 */
#include "status.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "labels.h"
#include "resources.h"

#define KUBERNETES_LEVEL "v1.37.0"

enum { OURS_READY = NODE_PRESSURE_NR, OURS_NR };

static const struct {
    const char *type;
    struct {
        const char *reason, *message, *event;
    } said[2]; /* by whether the condition is True */
} ours[OURS_NR] = {
    [NODE_MEMORY_PRESSURE] = { "MemoryPressure",
                               { { "KubeletHasSufficientMemory", "kubelet has sufficient memory available",
                                   "NodeHasSufficientMemory" },
                                 { "KubeletHasInsufficientMemory", "kubelet has insufficient memory available",
                                   "NodeHasInsufficientMemory" } } },
    [NODE_DISK_PRESSURE] = { "DiskPressure",
                             { { "KubeletHasNoDiskPressure", "kubelet has no disk pressure", "NodeHasNoDiskPressure" },
                               { "KubeletHasDiskPressure", "kubelet has disk pressure", "NodeHasDiskPressure" } } },
    [NODE_PID_PRESSURE] = { "PIDPressure",
                            { { "KubeletHasSufficientPID", "kubelet has sufficient PID available",
                                "NodeHasSufficientPID" },
                              { "KubeletHasInsufficientPID", "kubelet has insufficient PID available",
                                "NodeHasInsufficientPID" } } },
    [OURS_READY] = { "Ready",
                     { { "KubeletNotReady", NULL, "NodeNotReady" },
                       { "KubeletReady", "kubelet is posting ready status", "NodeReady" } } },
};

static const struct k8s_node_condition *find(const struct k8s_node_status *s, const char *type)
{
    for (size_t i = 0; i < s->conditions.len; i++) {
        if (str_eq(s->conditions.items[i].type, type))
            return &s->conditions.items[i];
    }
    return NULL;
}

static bool is_ours(const char *type)
{
    for (size_t i = 0; i < OURS_NR; i++) {
        if (str_eq(ours[i].type, type))
            return true;
    }
    return false;
}

/* ---- conditions ------------------------------------------------------------------------------------------ */

/* NULL: it is ready. Several reasons stand in brackets. */
static const char *why_not_ready(const struct rt_health *h, struct arena *arena)
{
    const char *runtime = NULL, *network = NULL;
    if (!h->runtime_ready)
        runtime = arena_printf(arena, "container runtime not ready: RuntimeReady=false reason:RuntimeNotReady message:%s",
                               str_or(h->runtime_message, "the runtime does not answer"));
    if (!h->network_ready)
        network = arena_printf(arena,
                               "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
                               "message:Network plugin returns error: %s",
                               str_or(h->network_message, "cni plugin not initialized"));
    if (runtime && network)
        return arena_printf(arena, "[%s, %s]", runtime, network);
    return runtime ? runtime : network;
}

static struct k8s_node_condition condition(const struct node_status_in *in, size_t i, bool is, const char *message,
                                           const struct k8s_node_condition *before)
{
    const char *status = is ? "True" : "False";
    bool same = before && str_eq(before->status, status);
    struct k8s_node_condition c = {
        .type = ours[i].type,
        .status = status,
        .last_heartbeat_time = k8s_time_at(in->wall_ns),
        .last_transition_time = k8s_time_at(in->wall_ns),
        .reason = ours[i].said[is].reason,
        .message = message,
    };
    if (same && before->last_transition_time.has)
        c.last_transition_time = before->last_transition_time;
    if (!in->beat && before && before->last_heartbeat_time.has)
        c.last_heartbeat_time = before->last_heartbeat_time;
    return c;
}

static void set_conditions(const struct node_status_in *in, const struct k8s_node_status *before, struct arena *arena,
                           struct k8s_node_status *ret)
{
    struct k8s_node_condition *items = arena_alloc(arena, (before->conditions.len + OURS_NR) * sizeof *items);
    size_t n = 0;
    if (!items)
        return;
    for (size_t i = 0; i < before->conditions.len; i++) {
        if (!is_ours(before->conditions.items[i].type))
            items[n++] = before->conditions.items[i];
    }
    for (size_t i = 0; i < OURS_NR; i++) {
        const char *trouble = i == OURS_READY ? why_not_ready(&in->health, arena) : NULL;
        bool is = i == OURS_READY ? !trouble : in->pressures->is[i];
        const char *message = trouble ? trouble : ours[i].said[is].message;
        items[n++] = condition(in, i, is, message, find(before, ours[i].type));
    }
    ret->conditions.items = items;
    ret->conditions.len = n;
}

/* ---- the rest -------------------------------------------------------------------------------------------- */

static void set_addresses(const struct node_status_in *in, struct arena *arena, struct k8s_node_status *ret)
{
    size_t ips = strv_len(in->facts->ips), n = 0;
    struct k8s_node_address *items = arena_alloc(arena, (ips + 1) * sizeof *items);
    if (!items)
        return;
    for (size_t i = 0; i < ips; i++)
        items[n++] = (struct k8s_node_address){ "InternalIP", in->facts->ips[i] };
    items[n++] = (struct k8s_node_address){ "Hostname", in->facts->name };
    ret->addresses.items = items;
    ret->addresses.len = n;
}

static void set_node_info(const struct node_status_in *in, struct arena *arena, struct k8s_node_status *ret)
{
    const struct node_facts *f = in->facts;
    ret->node_info = (struct k8s_node_system_info){
        .machine_id = f->machine_id,
        .system_uuid = f->system_uuid,
        .boot_id = f->boot_id,
        .kernel_version = f->kernel_version,
        .os_image = f->os_image,
        .container_runtime_version =
            arena_printf(arena, "%s://%s", str_or(in->runtime_name, "oarsman"), str_or(in->runtime_version, "unknown")),
        .kubelet_version = KUBERNETES_LEVEL "+oarsman." OARSMAN_VERSION,
        .kube_proxy_version = "",
        .operating_system = "linux",
        .architecture = in->config->wasm_krustlet ? NODE_KRUSTLET_ARCHITECTURE : f->architecture,
    };
    if (f->swap_bytes > 0) {
        struct k8s_node_swap_status *swap = ARENA_NEW(arena, struct k8s_node_swap_status);
        if (swap)
            swap->capacity = (struct opt_i64){ true, f->swap_bytes };
        ret->node_info.swap = swap;
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct k8s_node_runtime_handler *)a)->name, ((const struct k8s_node_runtime_handler *)b)->name);
}

static void set_handlers(const struct node_status_in *in, struct arena *arena, struct k8s_node_status *ret)
{
    struct k8s_node_runtime_handler *items = arena_alloc(arena, (in->handlers_len + 1) * sizeof *items);
    if (!items)
        return;
    for (size_t i = 0; i < in->handlers_len; i++) {
        struct k8s_node_runtime_handler_features *f = ARENA_NEW(arena, struct k8s_node_runtime_handler_features);
        if (f) {
            f->recursive_read_only_mounts = (struct opt_bool){ true, in->handlers[i].recursive_readonly_mounts };
            f->user_namespaces = (struct opt_bool){ true, in->handlers[i].user_namespaces };
        }
        items[i] = (struct k8s_node_runtime_handler){ .name = str_or(in->handlers[i].name, ""), .features = f };
    }
    qsort(items, in->handlers_len, sizeof *items, by_name);
    ret->runtime_handlers.items = items;
    ret->runtime_handlers.len = in->handlers_len;
}

static void set_features(const struct node_status_in *in, struct arena *arena, struct k8s_node_status *ret)
{
    struct k8s_node_features *f = ARENA_NEW(arena, struct k8s_node_features);
    if (f)
        f->supplemental_groups_policy = (struct opt_bool){ true, in->supplemental_groups_policy };
    ret->features = f;
    size_t n = 0;
    while (in->declared_features && in->declared_features[n])
        n++;
    ret->declared_features.items = in->declared_features;
    ret->declared_features.len = n;
}

void node_status_build(const struct node_status_in *in, const struct k8s_node_status *before, struct arena *arena,
                       struct k8s_node_status *ret)
{
    *ret = *before;
    node_resources(in->facts, in->config, &before->capacity, &before->allocatable, arena, &ret->capacity,
                   &ret->allocatable);
    set_conditions(in, before, arena, ret);
    set_addresses(in, arena, ret);
    set_node_info(in, arena, ret);
    set_handlers(in, arena, ret);
    set_features(in, arena, ret);
    ret->daemon_endpoints.kubelet_endpoint.port = in->config->enable_server ? (int32_t)in->config->port : 0;
    ret->images.items = in->images;
    ret->images.len = in->images_len;
}

bool node_status_ready(const struct k8s_node_status *s)
{
    const struct k8s_node_condition *c = find(s, "Ready");
    return c && str_eq(c->status, "True");
}

void node_status_events(const struct k8s_node_status *before, const struct k8s_node_status *after,
                        void (*fn)(void *user, const char *reason), void *user)
{
    for (size_t i = 0; i < OURS_NR; i++) {
        const struct k8s_node_condition *was = find(before, ours[i].type), *is = find(after, ours[i].type);
        if (!is || (was && str_eq(was->status, is->status)))
            continue;
        if (i == OURS_READY && !was && !str_eq(is->status, "True"))
            continue; /* a node that begins as not ready is nothing to tell */
        fn(user, ours[i].said[str_eq(is->status, "True")].event);
    }
}
