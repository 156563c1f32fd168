/* SPDX-License-Identifier: Apache-2.0 */
/* lease.c - the heartbeat. */
#include "lease.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/lease.h"

#define NAMESPACE "kube-node-lease"

static void next(struct node_lease *l);

static void retry(struct node_lease *l, const struct err *why)
{
    int64_t wait_ms = backoff_next_ms(&l->backoff, backoff_chance(l->name));
    l->object = k8s_object_unref(l->object);
    loop_timer_start(&l->timer, wait_ms);
    if (!l->failing)
        log_warn("lease", "renewal failed, trying again", "node=%s retry_ms=%lld error=" LOG_Q, l->name,
                 (long long)wait_ms, LOG_QUOTE(why->msg));
    l->failing = true;
}

static void on_answer(struct k8s_call *c, const struct k8s_result *r)
{
    struct node_lease *l = container_of(c, struct node_lease, call);
    if (l->doing == LEASE_GET && r->outcome == K8S_NOT_FOUND) {
        l->doing = LEASE_CREATE;
        next(l);
        return;
    }
    if (r->outcome != K8S_OK) {
        retry(l, &r->err);
        return;
    }
    k8s_object_unref(l->object);
    l->object = k8s_object_ref(r->object);
    if (l->doing == LEASE_GET) { /* got: renewed at once */
        l->doing = LEASE_UPDATE;
        next(l);
        return;
    }
    l->doing = LEASE_UPDATE;
    backoff_reset(&l->backoff);
    if (l->failing)
        log_info("lease", "renewed again", "node=%s", l->name);
    l->failing = false;
    loop_timer_start(&l->timer, l->duration_s * 1000 / 4);
}

static int send(struct node_lease *l, struct err *err)
{
    struct k8s_request q = { .purpose = K8S_FOR_HEARTBEAT, .kind = K8S_KIND_LEASE, .namespace = NAMESPACE };
    if (l->doing == LEASE_GET) {
        q.verb = K8S_GET;
        q.name = l->name;
        return k8s_call_start(&l->call, l->client, &q, err);
    }
    const struct k8s_owner_reference owner = {
        .api_version = "v1", .kind = "Node", .name = l->name, .uid = l->node_uid };
    struct k8s_lease lease = { .metadata = { .name = l->name, .namespace = NAMESPACE } };
    if (l->doing == LEASE_UPDATE) {
        lease = *K8S_OBJECT_AS(l->object, k8s_lease);
        q.name = l->name;
    }
    lease.kind = "Lease";
    lease.api_version = "coordination.k8s.io/v1";
    lease.metadata.owner_references.items = &owner;
    lease.metadata.owner_references.len = l->node_uid ? 1 : 0;
    lease.spec.holder_identity = l->name;
    lease.spec.lease_duration_seconds = (struct opt_i32){ true, (int32_t)l->duration_s };
    lease.spec.renew_time = (struct k8s_micro_time){ true, clock_wall_ns() };
    q.verb = l->doing == LEASE_CREATE ? K8S_CREATE : K8S_UPDATE;
    q.object = &lease;
    return k8s_call_start(&l->call, l->client, &q, err);
}

static void next(struct node_lease *l)
{
    struct err err = ERR_INIT;
    if (!l->object && l->doing == LEASE_UPDATE)
        l->doing = LEASE_GET;
    if (send(l, &err) < 0)
        retry(l, &err);
}

static void on_timer(struct loop_timer *t)
{
    struct node_lease *l = container_of(t, struct node_lease, timer);
    l->doing = l->object ? LEASE_UPDATE : LEASE_GET;
    next(l);
}

void node_lease_init(struct node_lease *l, struct k8s_client *client, const char *name, int64_t duration_s)
{
    *l = (struct node_lease){ .client = client, .duration_s = duration_s };
    l->name = xstrdup(name);
    l->backoff = (struct backoff){ .first_ms = 200, .max_ms = 1600, .jitter_percent = 50 };
    k8s_call_init(&l->call, on_answer);
    loop_timer_init(&l->timer, k8s_client_loop(client), "lease", on_timer);
}

void node_lease_run(struct node_lease *l, const char *node_uid)
{
    if (l->node_uid && str_eq(l->node_uid, node_uid))
        return;
    free(l->node_uid);
    l->node_uid = xstrdup(node_uid);
    if (!k8s_call_running(&l->call))
        loop_timer_start(&l->timer, 0);
}

void node_lease_done(struct node_lease *l)
{
    k8s_call_cancel(&l->call);
    loop_timer_stop(&l->timer);
    k8s_object_unref(l->object);
    free(l->name);
    free(l->node_uid);
}
