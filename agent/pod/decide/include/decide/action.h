/* SPDX-License-Identifier: Apache-2.0 */
/*
 * action.h - what can be done for a pod, as data.
 *
 * An action works on one lane: each container is a lane of its own, and so are the sandbox, the volumes, the
 * API object and the remains. At most one action is under way in a lane (a stop may be repeated with a shorter
 * grace). Every action may be asked for again after the agent died in the middle of it. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "decide/words.h"

enum pod_act {
    ACT_NONE,
    /* lane: a container */
    ACT_IMAGE_CHECK, /* is it here? */
    ACT_IMAGE_PULL,
    ACT_CONTAINER_CREATE, /* attempt */
    ACT_CONTAINER_START,  /* id */
    ACT_CONTAINER_STOP,   /* id, grace_ms */
    ACT_CONTAINER_REMOVE, /* id: of a container that no longer runs; its log goes when the pod goes, or when another run is two ahead */
    /* lane: the sandbox */
    ACT_SANDBOX_CREATE, /* attempt */
    ACT_SANDBOX_STOP,   /* id */
    ACT_SANDBOX_REMOVE, /* id */
    /* lane: volumes */
    ACT_VOLUMES_PREPARE,
    ACT_VOLUMES_TEARDOWN,
    /* lane: what is left on the node when nothing runs: folders */
    ACT_REMAINS_REMOVE,
    /* lane: the API */
    ACT_API_DELETE, /* the object, with its UID as the condition and no grace */
    ACT_FORGET,     /* the record: the pod is over */
    ACT_NR,
};
const char *act_name(enum pod_act act); /* "container.create", for logs and tests */

struct pod_action {
    enum pod_act act;
    const char *container; /* name; NULL but in the lane of a container */
    const char *id;        /* borrowed from observed or record */
    uint32_t attempt;
    int64_t grace_ms;
};

struct pod_event { /* about the pod, or one of its containers */
    enum word word;
    const char *container; /* NULL: the pod */
    const char *kind_list; /* "containers", "initContainers": for the fieldPath */
    const char *message;   /* in the arena */
};

struct pod_events {
    struct pod_event *items; /* heap */
    size_t len, cap;
    struct arena *arena; /* borrowed */
};
void pod_events_add(struct pod_events *e, const char *container, const char *kind_list, enum word word, ...);
void pod_events_done(struct pod_events *e);

/* How an action ended. */
struct pod_result {
    enum pod_act act;
    const char *container;
    int code;            /* 0, or negative errno */
    const char *reason;  /* CamelCase of the failure, NULL: none given */
    const char *message;
    /* of ACT_IMAGE_CHECK and ACT_IMAGE_PULL */
    const char *image_id;  /* NULL: not here */
    const char *image_ref; /* a digest reference if it has one, else image_id */
    uint64_t image_bytes;
};
