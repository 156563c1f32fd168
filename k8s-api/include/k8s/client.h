/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.h - one cluster, seen from one process: its connections and rates, separated by purpose, so that a
 * heartbeat never waits behind a burst of events and a watch never holds up a request.
 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"
#include "base/loop.h"
#include "k8s/kubeconfig.h"

struct err;

enum k8s_purpose {
    K8S_FOR_ANYTHING,  /* the default: objects that pods refer to, registration */
    K8S_FOR_STATUS,    /* status of pods */
    K8S_FOR_DELETION,  /* of pods that have ended: where many come and go, neither it nor their status holds the other up */
    K8S_FOR_HEARTBEAT, /* lease and status of the node: a connection of its own, short timeouts */
    K8S_FOR_EVENTS,
    K8S_FOR_WATCH,     /* lists and watches: connections of their own */
    K8S_PURPOSE_NR,
};

struct k8s_rate {
    int64_t per_second, burst; /* 0: no limit */
};

struct k8s_client_opts {
    const char *user_agent;                /* "oarsman/0.1.0 (linux/amd64)"; copied */
    struct k8s_rate rates[K8S_PURPOSE_NR]; /* zeroed entries: the default of the table in client.c */
    /*
     * A certificate or token file of the kubeconfig has changed. err NULL: from now on requests go over connections that
     * are made with the new certificates; what runs on the old ones ends in its own time. Else the change cannot be
     * used, and what was read before stays. Told once for each change, from within starting any request: only to be
     * noted. NULL: nobody wants to know.
     */
    void (*on_identity)(void *user, const struct err *err);
    void *user;
};

struct k8s_client;
/* access: taken. opts: NULL: defaults. */
struct k8s_client *k8s_client_new(struct loop *loop, struct k8s_access *access, const struct k8s_client_opts *opts);
/* Calls must have been cancelled and watches stopped. */
struct k8s_client *k8s_client_free(struct k8s_client *c); /* NULL */
DEFINE_CLEANUP(struct k8s_client *, k8s_client_free)

struct loop *k8s_client_loop(const struct k8s_client *c);
const struct k8s_access *k8s_client_access(const struct k8s_client *c);
