/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What somebody waits for: a phase, a condition that traffic or a rollout follows, what a container does. The rest (an
 * address before anything listens on it, an id, a word about the sandbox) is as good a moment later, together with
 * what comes next.
 */
#include "base/str.h"
#include "decide/status.h"

static const char *status_of(const struct k8s_pod_status *s, const char *type)
{
    for (size_t i = 0; i < s->conditions.len; i++)
        if (str_eq(s->conditions.items[i].type, type))
            return s->conditions.items[i].status;
    return NULL;
}

static const char *waiting_reason(const struct k8s_container_status *c)
{
    return c->state.waiting ? c->state.waiting->reason : NULL;
}

static bool does_another_thing(const struct k8s_container_status *a, const struct k8s_container_status *b)
{
    return !str_eq(a->name, b->name) || a->ready != b->ready || a->restart_count != b->restart_count ||
           !a->state.running != !b->state.running || !a->state.terminated != !b->state.terminated ||
           !str_eq(waiting_reason(a), waiting_reason(b));
}

static bool lists_differ(const struct k8s_container_status *a, size_t a_len, const struct k8s_container_status *b,
                         size_t b_len)
{
    if (a_len != b_len)
        return true;
    for (size_t i = 0; i < a_len; i++)
        if (does_another_thing(&a[i], &b[i]))
            return true;
    return false;
}

#define LISTS_DIFFER(member) lists_differ(a->member.items, a->member.len, b->member.items, b->member.len)

bool pod_status_is_news(const struct k8s_pod_status *a, const struct k8s_pod_status *b)
{
    return !str_eq(a->phase, b->phase) || !str_eq(a->reason, b->reason) ||
           !str_eq(status_of(a, "Ready"), status_of(b, "Ready")) || LISTS_DIFFER(init_container_statuses) ||
           LISTS_DIFFER(container_statuses) || LISTS_DIFFER(ephemeral_container_statuses);
}
