/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refs.h - the objects that pods refer to: from the API server, or from manifests.
 *
 * From the API server: one watch a ConfigMap, Secret or RuntimeClass, shared by all pods that name it, for as long as
 * one of them is on this node (the Node authorizer grants no more); one watch of the Services; tokens by TokenRequest,
 * bound to the pod and asked for again after four fifths of their life.
 */
#pragma once

#include "base/cleanup.h"
#include "pod/ports.h"

struct k8s_client;
struct refs_api;
struct refs_static;

struct refs_events {
    /* An object that this pod refers to has come, gone or changed. On the loop, never from within a call. */
    void (*changed)(void *user, const char *uid);
    void *user;
};

/* client: borrowed until refs_api_free(). docker_config: text of the node's own registry credentials; NULL: none */
struct refs_api *refs_api_new(struct k8s_client *client, const struct refs_events *events, const char *docker_config);
/* Fetches under way are dropped without an answer. */
struct refs_api *refs_api_free(struct refs_api *r); /* NULL */
DEFINE_CLEANUP(struct refs_api *, refs_api_free)
struct pod_refs *refs_api_port(struct refs_api *r); /* borrowed */

/* objects: of what pods refer to, whatever is there; each is referenced. A RuntimeClass that is not there is taken to
 * be called like its handler. */
struct refs_static *refs_static_new(struct loop *loop, struct k8s_object *const *objects, size_t len,
                                    const char *docker_config);
struct refs_static *refs_static_free(struct refs_static *r); /* NULL */
DEFINE_CLEANUP(struct refs_static *, refs_static_free)
struct pod_refs *refs_static_port(struct refs_static *r); /* borrowed */
const char *refs_static_handler(const struct refs_static *r, const char *class_name); /* of a RuntimeClass; borrowed */
