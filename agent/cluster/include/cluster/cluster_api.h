/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cluster_api.h - what the API server is told about pods: the port struct pod_cluster on the Kubernetes client.
 */
#pragma once

#include "base/cleanup.h"
#include "pod/ports.h"

struct k8s_client;
struct events;
struct cluster_api;

/* The status of a pod has changed, and is being told. */
typedef void (*cluster_told_fn)(void *user, const struct k8s_pod *pod);

/* Both borrowed until cluster_api_free(). told: NULL: not wanted. */
struct cluster_api *cluster_api_new(struct k8s_client *client, struct events *events, cluster_told_fn told, void *user);
/* Requests under way are dropped without an answer. */
struct cluster_api *cluster_api_free(struct cluster_api *c); /* NULL */
DEFINE_CLEANUP(struct cluster_api *, cluster_api_free)
struct pod_cluster *cluster_api_port(struct cluster_api *c); /* borrowed */
