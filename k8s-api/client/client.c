/* SPDX-License-Identifier: Apache-2.0 */
/* client.c - the purposes: which connection, which rate, how long. */
#include "client_private.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

/*
 * Rates: those of the kubelet's defaults (kubeAPIQPS, kubeAPIBurst, eventRecordQPS, eventBurst).
 * Short waits for a connection: an unanswered SYN is repeated after 1, 3 and 7 s, so that a new attempt finds a network
 * that has come back earlier than an old one.
 */
const struct purpose client_purposes[K8S_PURPOSE_NR] = {
    [K8S_FOR_ANYTHING] = { "anything", POOL_REQUESTS, { 50, 100 }, 30000, 5000 },
    [K8S_FOR_STATUS] = { "status", POOL_REQUESTS, { 50, 100 }, 30000, 5000 },
    [K8S_FOR_DELETION] = { "deletion", POOL_REQUESTS, { 50, 100 }, 30000, 5000 },
    [K8S_FOR_HEARTBEAT] = { "heartbeat", POOL_HEARTBEAT, { 0, 0 }, 6000, 2500 },
    [K8S_FOR_EVENTS] = { "events", POOL_REQUESTS, { 50, 100 }, 10000, 5000 },
    [K8S_FOR_WATCH] = { "watch", POOL_WATCH, { 0, 0 }, 60000, 4000 },
};

static const char *const pool_names[POOL_NR] = {
    [POOL_REQUESTS] = "api-requests",
    [POOL_HEARTBEAT] = "api-heartbeat",
    [POOL_WATCH] = "api-watch",
};

struct k8s_client *k8s_client_new(struct loop *loop, struct k8s_access *access, const struct k8s_client_opts *opts)
{
    static const struct k8s_client_opts defaults;
    struct k8s_client *c = NEW(struct k8s_client);
    opts = opts ? opts : &defaults;
    c->loop = loop;
    c->access = access;
    c->on_identity = opts->on_identity;
    c->user = opts->user;
    for (size_t i = 0; i < POOL_NR; i++) {
        c->pools[i] = http_pool_new(loop, &(struct http_pool_opts){
                                              .name = pool_names[i],
                                              .user_agent = str_or(opts->user_agent, "oarsman/" OARSMAN_VERSION),
                                              .proxy = access->proxy,
                                          });
    }
    int64_t now_ms = clock_boot_ms();
    for (size_t i = 0; i < K8S_PURPOSE_NR; i++) {
        const struct k8s_rate *r =
            opts->rates[i].per_second > 0 ? &opts->rates[i] : &client_purposes[i].rate;
        rate_limit_init(&c->rates[i], r->per_second, r->burst, now_ms);
    }
    return c;
}

struct k8s_client *k8s_client_free(struct k8s_client *c)
{
    if (!c)
        return NULL;
    for (size_t i = 0; i < POOL_NR; i++)
        http_pool_free(c->pools[i]);
    k8s_access_free(c->access);
    free(c);
    return NULL;
}

const struct k8s_access *client_access(struct k8s_client *c)
{
    struct err err = ERR_INIT;
    int r = access_renew(c->access, &err);
    for (size_t i = 0; r == ACCESS_RENEWED && i < POOL_NR; i++)
        http_pool_retire(c->pools[i]);
    if (r != 0 && c->on_identity)
        c->on_identity(c->user, r < 0 ? &err : NULL);
    return c->access;
}

struct loop *k8s_client_loop(const struct k8s_client *c)
{
    return c->loop;
}

const struct k8s_access *k8s_client_access(const struct k8s_client *c)
{
    return c->access;
}
