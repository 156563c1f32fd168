/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/mem.h"
#include "base/str.h"
#include "decide/backoff.h"
#include "situation.h"

struct container_record *record_of(const struct pod_record *r, size_t i, const char *name)
{
    if (i < r->containers_len && str_eq(r->containers[i].name, name))
        return &r->containers[i];
    return pod_record_container(r, name);
}

const struct seen_sandbox *sandbox_usable(const struct k8s_pod *pod, const struct pod_observed *seen)
{
    if (seen->sandboxes_len == 0 || !seen->sandboxes[0].ready)
        return NULL;
    bool needs_address = pod && !pod->spec.host_network;
    return needs_address && seen->sandboxes[0].ips_len == 0 ? NULL : &seen->sandboxes[0];
}

bool container_is_done(const struct k8s_pod *pod, const struct container_ref *c,
                       const struct container_record *rec)
{
    /* "Restart regardless of the restart policy because the container spec changed." */
    if (rec && rec->spec_image && !str_eq(rec->spec_image, c->spec->image))
        return false;
    return rec && rec->current.state == INSTANCE_EXITED &&
           !container_restarts(pod, c, rec->current.exit_code);
}

bool containers_complete(const struct k8s_pod *pod, const struct pod_record *r)
{
    for (size_t i = 0; i < containers_len(pod); i++) {
        struct container_ref c = containers_at(pod, i);
        const struct container_record *rec = record_of(r, i, c.spec->name);
        bool done = container_is_done(pod, &c, rec);
        /* "If a Pod's init container fails and restartPolicy is Never, the whole Pod is failed." */
        if (c.kind == CONTAINER_INIT && done && rec->current.exit_code != 0)
            return true;
        if (container_traits(c.kind)->counts_for_completion && !done)
            return false;
    }
    return true;
}

bool pod_is_alive(const struct pod_record *r, const struct pod_observed *seen)
{
    for (size_t i = 0; i < seen->containers_len; i++)
        if (seen->containers[i].state == INSTANCE_RUNNING)
            return true;
    for (size_t i = 0; i < r->containers_len; i++) {
        enum pod_act act = r->containers[i].live.in_flight;
        if (act == ACT_CONTAINER_CREATE || act == ACT_CONTAINER_START || act == ACT_CONTAINER_STOP)
            return true;
    }
    return false;
}

bool lane_is_busy(const struct pod_record *r)
{
    for (size_t i = 0; i < r->containers_len; i++)
        if (r->containers[i].live.in_flight != ACT_NONE)
            return true;
    return r->live.sandbox_in_flight != ACT_NONE || r->live.volumes_in_flight != ACT_NONE ||
           r->live.remains_in_flight != ACT_NONE;
}

int64_t pull_backoff_shown_boot_ns(const struct container_record *c)
{
    static const enum word lasting[] = { WORD_ERR_NEVER_PULL, WORD_INVALID_IMAGE,
                                         WORD_IMAGE_INSPECT };
    const struct retry *pull = &c->live.pull;
    if (!pull->reason)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(lasting); i++)
        if (str_eq(pull->reason, word_reason(lasting[i])))
            return 0;
    return pull->not_before_boot_ns - pull->delay_ms * NS_PER_MS + NS_PER_S;
}

const char *pod_display_name(const struct k8s_pod *pod, char *out, size_t size)
{
    (void)snprintf(out, size, "%s_%s(%s)", str_or(pod->metadata.name, ""),
                   str_or(pod->metadata.namespace, ""), str_or(pod->metadata.uid, ""));
    return out;
}
