/* SPDX-License-Identifier: Apache-2.0 */
/*
 * daemon_private.h - what the daemon is made of. Private to daemon/.
 */
#pragma once

#include "base/file.h"
#include "base/json.h"
#include "base/loop.h"
#include "cluster/cluster_api.h"
#include "config/config.h"
#include "events/events.h"
#include "host/host.h"
#include "k8s/client.h"
#include "k8s/quantity.h"
#include "k8s/watch.h"
#include "local/local.h"
#include "node/node.h"
#include "refs/refs.h"
#include "rt/network.h"
#include "runner/runner.h"
#include "server/certificate.h"
#include "server/healthz.h"
#include "server/server.h"
#include "server/webhook.h"

/* Copies of what settings borrow from: the node's object changes under them. */
struct owned_map {
    struct json_map map;
    struct arena *arena;
};
struct owned_resources {
    struct k8s_resource_list list;
    struct arena *arena;
};
struct owned_taints {
    struct k8s_taint *items;
    size_t len;
    struct arena *arena;
};
void json_map_copy(struct owned_map *dst, const struct json_map *src);                   /* NULL: released */
void resources_copy(struct owned_resources *dst, const struct k8s_resource_list *src);   /* likewise */
void taints_copy(struct owned_taints *dst, const struct k8s_taint *src, size_t len);     /* 0: released */

/* What the kubelet API shows of itself, and whom it believes; with the state of the files they were read from. */
struct trust {
    struct certificate certificate;
    struct file_stamp cert_seen, key_seen;
    char *client_ca; /* NULL: no client is known by certificate */
    struct file_stamp client_ca_seen;
};

struct daemon {
    const struct config *config;
    struct node_facts facts;
    struct loop *loop;
    struct loop_signal terminate, interrupt;
    struct k8s_client *client;
    struct events *events;
    struct cluster_api *cluster;
    char *docker_config;
    struct refs_api *refs;
    struct host *host;
    struct runner *runner;
    struct node *node;
    struct k8s_watch pod_watch;
    struct owned_map labels;
    struct owned_resources allocatable;
    struct owned_taints taints;
    struct trust trust;
    struct webhook *webhook;
    struct server *server;
    struct healthz *healthz;
    struct local_server *local;
    struct loop_timer trim;
};

/* Reads what the kubelet API needs, before anything of the machine is touched. */
int daemon_read_certificates(struct daemon *d, struct err *err);
/* Of the server: takes what has changed in the files. user: the daemon. */
void daemon_look_at_certificates(void *user);
int daemon_serve(struct daemon *d, struct err *err);
void daemon_serve_no_more(struct daemon *d);
void daemon_metrics(struct daemon *d, struct buf *out);
/* The node's own registry credentials, where the kubelet looks for them. NULL: none; caller frees. */
char *docker_config_read(const char *root_dir);
