/* SPDX-License-Identifier: Apache-2.0 */
/* client_private.h - what the parts of the client share. */
#pragma once

#include "access.h"
#include "k8s/client.h"
#include "k8s/rate_limit.h"

enum client_pool { POOL_REQUESTS, POOL_HEARTBEAT, POOL_WATCH, POOL_NR };

struct purpose {
    const char *name;
    enum client_pool pool;
    struct k8s_rate rate;
    int64_t timeout_ms; /* of a request */
    int64_t connect_timeout_ms;
};
extern const struct purpose client_purposes[K8S_PURPOSE_NR];

struct k8s_client {
    struct loop *loop;
    struct k8s_access *access;
    struct http_pool *pools[POOL_NR];
    struct rate_limit rates[K8S_PURPOSE_NR];
    void (*on_identity)(void *user, const struct err *err);
    void *user;
};

/* What the next request is made with, as the files behind it are now. Borrowed until the next call. */
const struct k8s_access *client_access(struct k8s_client *c);
