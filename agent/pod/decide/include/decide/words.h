/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words.h - every reason and message that the cluster sees about a pod, in one table.
 *
 * People, dashboards and controllers match on them, so they are the kubelet's own (Kubernetes 1.37). A word has
 * an event type, a CamelCase reason and a printf format for its message. Pure.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>

struct arena;

enum word {
    /* events: images */
    WORD_PULLING, /* image */
    WORD_PULLED,  /* image, seconds, seconds with waiting, bytes */
    WORD_PRESENT, /* image */
    WORD_PULL_FAILED,        /* image, error */
    WORD_PULL_BACKOFF_EVENT, /* image */
    WORD_NEVER_PULL_EVENT,   /* image */
    WORD_IMAGE_INSPECT_EVENT,/* image, error */
    WORD_INVALID_IMAGE_EVENT,/* image, error */
    /* events: containers */
    WORD_CREATED,
    WORD_STARTED,
    WORD_FAILED,         /* error: creation, start, image */
    WORD_KILLING,        /* container */
    WORD_KILLING_CHANGED,/* container */
    WORD_BACKOFF_EVENT,  /* container, pod */
    WORD_FAILED_KILL,    /* error */
    /* events: the pod */
    WORD_SANDBOX_FAILED,  /* error */
    WORD_SANDBOX_CHANGED,
    WORD_MOUNT_FAILED,    /* error */
    WORD_NETWORK_NOT_READY, /* message */
    WORD_UNSUPPORTED_EVENT, /* message */
    WORD_PULL_SECRETS,      /* names, separated by commas */
    WORD_DNS_CONFIG,        /* message */
    WORD_ENV_NAMES,         /* message */
    WORD_DATA_FOLDERS,      /* error: nothing of the pod can be written to the disk */
    WORD_DEADLINE_EVENT,
    /* reasons of waiting containers */
    WORD_CONTAINER_CREATING,
    WORD_POD_INITIALIZING,
    WORD_CRASH_LOOP,       /* delay, container, pod */
    WORD_PULL_BACKOFF,     /* image, earlier reason, earlier message */
    WORD_ERR_IMAGE_PULL,   /* error */
    WORD_ERR_NEVER_PULL,   /* image */
    WORD_INVALID_IMAGE,    /* image, error */
    WORD_IMAGE_INSPECT,    /* image, error */
    WORD_CONFIG_ERROR,     /* error */
    WORD_CREATE_ERROR,     /* error */
    WORD_RUN_ERROR,        /* error */
    /* reasons of terminated containers */
    WORD_COMPLETED,
    WORD_ERROR,
    WORD_START_ERROR,
    WORD_STATUS_UNKNOWN, /* the agent never saw the end */
    WORD_STATUS_UNKNOWN_DELETED,
    /* reasons of conditions */
    WORD_NO_SANDBOX,
    WORD_SANDBOX_NOT_READY,
    WORD_SANDBOX_NO_ADDRESS,
    WORD_NOT_INITIALIZED,
    WORD_NOT_READY,
    WORD_UNKNOWN_STATUSES,
    WORD_POD_COMPLETED,
    WORD_POD_FAILED,
    WORD_GATES_NOT_READY,
    /* reasons of pods */
    WORD_DEADLINE,
    WORD_EVICTED,
    WORD_NODE_SHUTDOWN,
    /* refusals */
    WORD_REJECTED, /* message of the refusal: that of the status; the event has it bare */
    WORD_OUT_OF,            /* resource, requested, used, capacity; the reason gets the resource appended */
    WORD_NODE_AFFINITY,
    WORD_NODE_NAME,
    WORD_NODE_PORTS,
    WORD_TAINT,
    WORD_OS_LABEL,
    WORD_OS_FIELD,
    WORD_GROUPS_POLICY,
    WORD_FEATURE,           /* missing features */
    WORD_SYSCTL,            /* sysctl */
    WORD_NR,
};

struct word_text {
    bool warning; /* events: Warning instead of Normal */
    const char *reason;
    const char *format; /* "" when it has no message */
};
const struct word_text *word_text(enum word word);
static inline const char *word_reason(enum word word)
{
    return word_text(word)->reason;
}
/* The message, in the arena; NULL when the arena is full. */
char *word_message(enum word word, struct arena *arena, ...);
char *word_vmessage(enum word word, struct arena *arena, va_list ap);
