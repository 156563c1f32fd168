/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which nodes a pod accepts: nodeSelector, and the required terms of node affinity.
 * Spec: kubernetes.io, "Assigning Pods to Nodes": terms are alternatives, the requirements of one term must all hold.
 */
#include "base/mem.h"
#include "base/str.h"
#include "decide/admission.h"

static bool is_among(const struct k8s_node_selector_requirement *r, const char *value)
{
    for (size_t i = 0; i < r->values.len; i++)
        if (str_eq(r->values.items[i], value))
            return true;
    return false;
}

static bool op_in(const struct k8s_node_selector_requirement *r, const char *value)
{
    return value && is_among(r, value);
}

static bool op_not_in(const struct k8s_node_selector_requirement *r, const char *value)
{
    return !value || !is_among(r, value);
}

static bool op_exists(const struct k8s_node_selector_requirement *r, const char *value)
{
    (void)r;
    return value;
}

static bool op_does_not_exist(const struct k8s_node_selector_requirement *r, const char *value)
{
    (void)r;
    return !value;
}

static bool numbers(const struct k8s_node_selector_requirement *r, const char *value, int64_t *ret_label,
                    int64_t *ret_bound)
{
    return value && r->values.len == 1 && str_to_i64(value, INT64_MIN, INT64_MAX, ret_label) == 0 &&
           str_to_i64(r->values.items[0], INT64_MIN, INT64_MAX, ret_bound) == 0;
}

static bool op_gt(const struct k8s_node_selector_requirement *r, const char *value)
{
    int64_t label, bound;
    return numbers(r, value, &label, &bound) && label > bound;
}

static bool op_lt(const struct k8s_node_selector_requirement *r, const char *value)
{
    int64_t label, bound;
    return numbers(r, value, &label, &bound) && label < bound;
}

static const struct {
    const char *name;
    bool (*holds)(const struct k8s_node_selector_requirement *r, const char *value); /* value NULL: no such label */
} operators[] = {
    { "In", op_in },         { "NotIn", op_not_in }, { "Exists", op_exists },
    { "DoesNotExist", op_does_not_exist }, { "Gt", op_gt },  { "Lt", op_lt },
};

static bool holds(const struct k8s_node_selector_requirement *r, const char *value)
{
    for (size_t i = 0; i < ARRAY_LEN(operators); i++)
        if (str_eq(operators[i].name, r->operator))
            return operators[i].holds(r, value);
    return false;
}

static bool term_matches(const struct k8s_node_selector_term *t, const struct json_map *labels,
                         const char *node_name)
{
    /* "A null or empty node selector term matches no objects." */
    if (t->match_expressions.len == 0 && t->match_fields.len == 0)
        return false;
    for (size_t i = 0; i < t->match_expressions.len; i++) {
        const struct k8s_node_selector_requirement *r = &t->match_expressions.items[i];
        if (!holds(r, json_map_get(labels, r->key)))
            return false;
    }
    for (size_t i = 0; i < t->match_fields.len; i++) {
        const struct k8s_node_selector_requirement *r = &t->match_fields.items[i];
        if (!holds(r, str_eq(r->key, "metadata.name") ? node_name : NULL))
            return false;
    }
    return true;
}

bool node_selector_matches(const struct k8s_pod *pod, const struct json_map *labels,
                           const char *node_name)
{
    const struct json_map *selector = &pod->spec.node_selector;
    for (size_t i = 0; i < selector->len; i++)
        if (!str_eq(json_map_get(labels, selector->items[i].key), selector->items[i].value))
            return false;
    const struct k8s_affinity *affinity = pod->spec.affinity;
    if (!affinity || !affinity->node_affinity ||
        !affinity->node_affinity->required_during_scheduling_ignored_during_execution)
        return true;
    const struct k8s_node_selector *required =
        affinity->node_affinity->required_during_scheduling_ignored_during_execution;
    for (size_t i = 0; i < required->node_selector_terms.len; i++)
        if (term_matches(&required->node_selector_terms.items[i], labels, node_name))
            return true;
    return false;
}
