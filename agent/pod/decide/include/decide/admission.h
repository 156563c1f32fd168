/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admission.h - whether the node takes a pod on. A refused pod is Failed for good, with the reason and message of the
 * first rule that speaks against it (words.h). Pure.
 */
#pragma once

#include "decide/containers.h"
#include "decide/words.h"
#include "k8s/node.h"

struct admission_node {
    const char *name;
    const struct json_map *labels;                /* as the API has them; NULL: none known */
    const struct k8s_resource_list *allocatable;  /* NULL: nothing is measured */
    const struct k8s_taint *taints;               /* as the API has them */
    size_t taints_len;
    const char *const *features;                  /* declared; NULL-terminated; NULL: none */
    const char *const *unsafe_sysctls;            /* allowed; NULL-terminated; NULL: none */
    bool supplemental_groups_policy;              /* Strict is supported */
};

/* One admitted pod that still holds its resources. */
struct admission_pod {
    const struct k8s_pod *pod;
};

struct refusal {
    const char *reason;
    const char *message;
};

/* others: admitted pods whose phase is not terminal, this one not among them. Strings in the arena or static.
 * false: admitted. */
bool admission_refuses(const struct k8s_pod *pod, const struct admission_node *node,
                       const struct admission_pod *others, size_t others_len, struct arena *arena,
                       struct refusal *ret);

/* nodeSelector and the required terms of node affinity against labels and name. */
bool node_selector_matches(const struct k8s_pod *pod, const struct json_map *labels, const char *node_name);
/* Whether a sysctl may be set without leave of the administrator. */
bool sysctl_is_safe(const char *name);
