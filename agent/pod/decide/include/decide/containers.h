/* SPDX-License-Identifier: Apache-2.0 */
/*
 * containers.h - the containers of a pod as one ordered list.
 *
 * Init containers and sidecars in the order of spec.initContainers, then spec.containers, then the ephemeral
 * ones: the order in which they are started, and, reversed, the order in which sidecars are stopped. Whatever
 * else differs between the kinds stands in the table of container_traits(). Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "k8s/pod.h"

enum container_kind {
    CONTAINER_INIT,      /* runs to success, then the next one */
    CONTAINER_SIDECAR,   /* an init container with restartPolicy Always */
    CONTAINER_MAIN,
    CONTAINER_EPHEMERAL, /* for people who look; never restarted */
    CONTAINER_KIND_NR,
};

struct container_traits {
    const char *list;           /* the field of the spec: "initContainers" */
    bool blocks_next;           /* the next container waits for this one: to end well (INIT) or to be started (SIDECAR) */
    bool in_turn;               /* made and started behind those of its kind that stand before it in the spec */
    bool counts_for_ready;      /* takes part in ContainersReady */
    bool counts_for_completion; /* the pod is not finished before it is */
    bool stops_last;            /* is stopped after the main containers, in reverse order */
};
const struct container_traits *container_traits(enum container_kind kind);

struct container_ref {
    enum container_kind kind;
    size_t index;                     /* in its own list of the spec */
    const struct k8s_container *spec; /* borrowed from the pod */
    const char *target;               /* ephemeral: targetContainerName, else NULL */
};

/* Whether the names that paths and identities are made of can be relied on: the pod has a name, a namespace and a UID,
 * each of its containers a name that no other has, and all of them are single file names. An API server and the
 * validation of manifests see to that; a pod that is not sound is not taken on. */
bool pod_is_sound(const struct k8s_pod *pod);

size_t containers_len(const struct k8s_pod *pod);
struct container_ref containers_at(const struct k8s_pod *pod, size_t i); /* i < containers_len() */
/* false: the pod has no container of that name */
bool containers_find(const struct k8s_pod *pod, const char *name, struct container_ref *ret);

enum restart_policy { RESTART_ALWAYS, RESTART_ON_FAILURE, RESTART_NEVER, RESTART_POLICY_NR };
enum restart_policy pod_restart_policy(const struct k8s_pod *pod); /* Always when absent */

/* Whether a container that ended with exit_code is started again while the pod is wanted: the kind, the
 * container's own restartPolicy and the rules it may carry, then the pod's policy. */
bool container_restarts(const struct k8s_pod *pod, const struct container_ref *c, int exit_code);
