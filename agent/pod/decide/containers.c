/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/containers.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

static const struct container_traits traits[CONTAINER_KIND_NR] = {
    [CONTAINER_INIT] = { .list = "initContainers", .blocks_next = true },
    [CONTAINER_SIDECAR] = { .list = "initContainers",
                            .blocks_next = true,
                            .counts_for_ready = true,
                            .stops_last = true },
    [CONTAINER_MAIN] = { .list = "containers",
                         .in_turn = true,
                         .counts_for_ready = true,
                         .counts_for_completion = true },
    [CONTAINER_EPHEMERAL] = { .list = "ephemeralContainers" },
};

const struct container_traits *container_traits(enum container_kind kind)
{
    return &traits[kind];
}

static bool is_file_name(const char *s)
{
    enum { NAME_MAX_BYTES = 253 };
    return !str_empty(s) && strlen(s) <= NAME_MAX_BYTES && !strchr(s, '/') && !str_eq(s, ".") &&
           !str_eq(s, "..");
}

static bool is_unique(const struct k8s_pod *pod, size_t i)
{
    for (size_t n = 0; n < i; n++)
        if (str_eq(containers_at(pod, n).spec->name, containers_at(pod, i).spec->name))
            return false;
    return true;
}

bool pod_is_sound(const struct k8s_pod *pod)
{
    const struct k8s_object_meta *m = &pod->metadata;
    if (!is_file_name(m->name) || !is_file_name(m->namespace) || !is_file_name(m->uid) ||
        containers_len(pod) > LIMIT_POD_CONTAINERS)
        return false;
    for (size_t i = 0; i < containers_len(pod); i++)
        if (!is_file_name(containers_at(pod, i).spec->name) || !is_unique(pod, i))
            return false;
    return true;
}

size_t containers_len(const struct k8s_pod *pod)
{
    return pod->spec.init_containers.len + pod->spec.containers.len +
           pod->spec.ephemeral_containers.len;
}

struct container_ref containers_at(const struct k8s_pod *pod, size_t i)
{
    const struct k8s_pod_spec *spec = &pod->spec;
    if (i < spec->init_containers.len) {
        const struct k8s_container *c = &spec->init_containers.items[i];
        return (struct container_ref){
            .kind = str_eq(c->restart_policy, "Always") ? CONTAINER_SIDECAR : CONTAINER_INIT,
            .index = i,
            .spec = c,
        };
    }
    i -= spec->init_containers.len;
    if (i < spec->containers.len)
        return (struct container_ref){ .kind = CONTAINER_MAIN,
                                       .index = i,
                                       .spec = &spec->containers.items[i] };
    i -= spec->containers.len;
    const struct k8s_ephemeral_container *e = &spec->ephemeral_containers.items[i];
    return (struct container_ref){ .kind = CONTAINER_EPHEMERAL,
                                   .index = i,
                                   .spec = &e->container,
                                   .target = e->target_container_name };
}

bool containers_find(const struct k8s_pod *pod, const char *name, struct container_ref *ret)
{
    for (size_t i = 0; i < containers_len(pod); i++) {
        struct container_ref c = containers_at(pod, i);
        if (str_eq(c.spec->name, name)) {
            *ret = c;
            return true;
        }
    }
    return false;
}

static enum restart_policy restart_policy_from(const char *word, enum restart_policy fallback)
{
    static const char *const words[RESTART_POLICY_NR] = {
        [RESTART_ALWAYS] = "Always",
        [RESTART_ON_FAILURE] = "OnFailure",
        [RESTART_NEVER] = "Never",
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq(words[i], word))
            return (enum restart_policy)i;
    return fallback;
}

enum restart_policy pod_restart_policy(const struct k8s_pod *pod)
{
    return restart_policy_from(pod->spec.restart_policy, RESTART_ALWAYS);
}

static bool rule_matches(const struct k8s_container_restart_rule *rule, int exit_code)
{
    if (!rule->exit_codes)
        return false;
    bool in = false;
    for (size_t i = 0; i < rule->exit_codes->values.len; i++)
        in = in || rule->exit_codes->values.items[i] == exit_code;
    return str_eq(rule->exit_codes->operator, "NotIn") ? !in : in;
}

bool container_restarts(const struct k8s_pod *pod, const struct container_ref *c, int exit_code)
{
    if (c->kind == CONTAINER_EPHEMERAL)
        return false;
    for (size_t i = 0; i < c->spec->restart_policy_rules.len; i++) {
        const struct k8s_container_restart_rule *rule = &c->spec->restart_policy_rules.items[i];
        if (str_eq(rule->action, "Restart") && rule_matches(rule, exit_code))
            return true;
    }
    enum restart_policy policy =
        restart_policy_from(c->spec->restart_policy, pod_restart_policy(pod));
    if (c->kind == CONTAINER_INIT)
        return exit_code != 0 && policy != RESTART_NEVER;
    return policy == RESTART_ALWAYS || (policy == RESTART_ON_FAILURE && exit_code != 0);
}
