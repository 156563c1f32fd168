/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/resources.h"

#include "base/mem.h"
#include "base/str.h"

#define SHARES_PER_CPU 1024
#define SHARES_MIN 2
#define SHARES_MAX 262144
#define QUOTA_PERIOD_US 100000
#define QUOTA_MIN_US 1000

#define OOM_GUARANTEED (-997)
#define OOM_BEST_EFFORT 1000

/* ---- amounts ---- */

static int64_t amount(const struct k8s_resource_list *list, const char *resource)
{
    const struct k8s_quantity *q = k8s_resource_list_get(list, resource);
    if (!q)
        return 0;
    return str_eq(resource, "cpu") ? k8s_quantity_milli(q) : k8s_quantity_value(q);
}

static int64_t sum(int64_t a, int64_t b)
{
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

int64_t container_limit(const struct k8s_container *c, const char *resource)
{
    return amount(&c->resources.limits, resource);
}

int64_t container_request(const struct k8s_container *c, const char *resource)
{
    if (k8s_resource_list_get(&c->resources.requests, resource))
        return amount(&c->resources.requests, resource);
    return container_limit(c, resource);
}

int64_t pod_request(const struct k8s_pod *pod, const char *resource)
{
    int64_t sidecars = 0, mains = 0, inits = 0;
    for (size_t i = 0; i < containers_len(pod); i++) {
        struct container_ref c = containers_at(pod, i);
        int64_t own = container_request(c.spec, resource);
        if (c.kind == CONTAINER_SIDECAR)
            sidecars = sum(sidecars, own);
        else if (c.kind == CONTAINER_MAIN)
            mains = sum(mains, own);
        else if (c.kind == CONTAINER_INIT && sum(sidecars, own) > inits)
            inits = sum(sidecars, own);
        if (c.kind == CONTAINER_SIDECAR && sidecars > inits)
            inits = sidecars;
    }
    int64_t together = sum(sidecars, mains);
    int64_t need = together > inits ? together : inits;
    const struct k8s_resource_requirements *whole = pod->spec.resources;
    if (whole && k8s_resource_list_get(&whole->requests, resource))
        need = amount(&whole->requests, resource);
    return sum(need, amount(&pod->spec.overhead, resource));
}

/* ---- class of service ---- */

const char *qos_name(enum qos q)
{
    static const char *const names[QOS_NR] = {
        [QOS_GUARANTEED] = "Guaranteed",
        [QOS_BURSTABLE] = "Burstable",
        [QOS_BEST_EFFORT] = "BestEffort",
    };
    return names[q];
}

static bool is_set(const struct k8s_resource_list *list, const char *resource)
{
    const struct k8s_quantity *q = k8s_resource_list_get(list, resource);
    return q && !k8s_quantity_is_zero(q);
}

static enum qos requirements_qos(const struct k8s_resource_requirements *r)
{
    static const char *const counted[] = { "cpu", "memory" };
    size_t none = 0, equal = 0;
    for (size_t i = 0; i < ARRAY_LEN(counted); i++) {
        bool limit = is_set(&r->limits, counted[i]);
        if (!limit && !is_set(&r->requests, counted[i])) {
            none++;
            continue;
        }
        const struct k8s_quantity *request = k8s_resource_list_get(&r->requests, counted[i]);
        const struct k8s_quantity *max = k8s_resource_list_get(&r->limits, counted[i]);
        if (limit && (!request || k8s_quantity_compare(request, max) == 0))
            equal++;
    }
    if (none == ARRAY_LEN(counted))
        return QOS_BEST_EFFORT;
    return equal == ARRAY_LEN(counted) ? QOS_GUARANTEED : QOS_BURSTABLE;
}

enum qos pod_qos(const struct k8s_pod *pod)
{
    if (pod->spec.resources)
        return requirements_qos(pod->spec.resources);
    enum qos all = QOS_BEST_EFFORT;
    for (size_t i = 0; i < containers_len(pod); i++) {
        struct container_ref c = containers_at(pod, i);
        if (c.kind == CONTAINER_EPHEMERAL)
            continue;
        enum qos one = requirements_qos(&c.spec->resources);
        if (i == 0)
            all = one;
        else if (one != all)
            return QOS_BURSTABLE;
    }
    return all;
}

/* ---- for the kernel ---- */

uint64_t cpu_shares_from_milli(int64_t milli)
{
    if (milli <= 0)
        return SHARES_MIN;
    if (milli > (int64_t)SHARES_MAX * 1000 / SHARES_PER_CPU)
        return SHARES_MAX;
    int64_t shares = milli * SHARES_PER_CPU / 1000;
    return shares < SHARES_MIN ? SHARES_MIN : (uint64_t)shares;
}

int64_t cpu_quota_from_milli(int64_t milli, int64_t period_us)
{
    if (milli <= 0)
        return -1;
    if (milli > INT64_MAX / period_us)
        return -1;
    int64_t quota = milli * period_us / 1000;
    return quota < QUOTA_MIN_US ? QUOTA_MIN_US : quota;
}

static bool is_node_critical(const struct k8s_pod *pod)
{
    return str_eq(pod->spec.priority_class_name, "system-node-critical");
}

static int64_t oom_for_request(int64_t memory_bytes, int64_t capacity_bytes)
{
    if (capacity_bytes <= 0)
        return OOM_BEST_EFFORT - 1;
    if (memory_bytes > capacity_bytes)
        return 0;
    return 1000 - (int64_t)(1000.0L * (long double)memory_bytes / (long double)capacity_bytes);
}

static int64_t least_main_memory(const struct k8s_pod *pod)
{
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < pod->spec.containers.len; i++) {
        int64_t own = container_request(&pod->spec.containers.items[i], "memory");
        if (own < least)
            least = own;
    }
    return least;
}

static int oom_score_adj(const struct k8s_pod *pod, const struct container_ref *c,
                         const struct compute_facts *facts)
{
    enum qos q = pod_qos(pod);
    if (is_node_critical(pod) || q == QOS_GUARANTEED)
        return OOM_GUARANTEED;
    if (q == QOS_BEST_EFFORT)
        return OOM_BEST_EFFORT;
    int64_t memory = container_request(c->spec, "memory");
    /* A sidecar is never killed before the containers it serves. */
    if (c->kind == CONTAINER_SIDECAR && least_main_memory(pod) > memory)
        memory = least_main_memory(pod);
    int64_t adj = oom_for_request(memory, facts->memory_capacity_bytes);
    if (adj < 1000 + OOM_GUARANTEED)
        return 1000 + OOM_GUARANTEED;
    return adj >= OOM_BEST_EFFORT ? OOM_BEST_EFFORT - 1 : (int)adj;
}

static int64_t period_us(const struct compute_facts *facts)
{
    return facts->cpu_period_us > 0 ? facts->cpu_period_us : QUOTA_PERIOD_US;
}

struct compute container_compute(const struct k8s_pod *pod, const struct container_ref *c,
                                 const struct compute_facts *facts)
{
    int64_t memory = container_limit(c->spec, "memory");
    return (struct compute){
        .cpu_shares = cpu_shares_from_milli(container_request(c->spec, "cpu")),
        .cpu_quota_us = facts->no_cpu_quota ? -1
                                            : cpu_quota_from_milli(container_limit(c->spec, "cpu"),
                                                                   period_us(facts)),
        .cpu_period_us = (uint64_t)period_us(facts),
        .memory_bytes = memory > 0 ? memory : -1,
        .oom_score_adj = oom_score_adj(pod, c, facts),
    };
}

/* The sum of the limits and the overhead, or 0 when one container has none. */
static int64_t pod_limit(const struct k8s_pod *pod, const char *resource)
{
    const struct k8s_resource_requirements *whole = pod->spec.resources;
    if (whole && is_set(&whole->limits, resource))
        return sum(amount(&whole->limits, resource), amount(&pod->spec.overhead, resource));
    int64_t together = 0, inits = 0;
    for (size_t i = 0; i < containers_len(pod); i++) {
        struct container_ref c = containers_at(pod, i);
        int64_t own = container_limit(c.spec, resource);
        if (c.kind == CONTAINER_EPHEMERAL)
            continue;
        if (own <= 0)
            return 0;
        if (c.kind == CONTAINER_INIT)
            inits = sum(together, own) > inits ? sum(together, own) : inits;
        else
            together = sum(together, own);
    }
    return sum(together > inits ? together : inits, amount(&pod->spec.overhead, resource));
}

struct compute pod_compute(const struct k8s_pod *pod, const struct compute_facts *facts)
{
    int64_t memory = pod_limit(pod, "memory");
    /* A pod that asks for nothing gets the least, whatever its runtime class adds. */
    bool asks = pod_qos(pod) != QOS_BEST_EFFORT;
    return (struct compute){
        .cpu_shares = cpu_shares_from_milli(asks ? pod_request(pod, "cpu") : 0),
        .cpu_quota_us = facts->no_cpu_quota
                            ? -1
                            : cpu_quota_from_milli(pod_limit(pod, "cpu"), period_us(facts)),
        .cpu_period_us = (uint64_t)period_us(facts),
        .memory_bytes = memory > 0 ? memory : -1,
    };
}
