/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events.h - what is told about objects in the words of "kubectl describe".
 *
 * Recording is cheap and never waits: an event goes into a bounded queue (beyond LIMIT_EVENTS_QUEUE it is dropped) and
 * is sent one after another with a rate of its own. The same event again counts up the one that is there; too many
 * similar ones are combined; an object that floods is cut off for a while (the rules of client-go's correlator).
 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"
#include "k8s/client.h"
#include "k8s/reference.h"

struct events;

struct events_opts {
    struct k8s_client *client; /* borrowed until events_free() */
    const char *component;     /* "kubelet": what tools look for; copied */
    const char *host;          /* the node's name; copied */
};

struct events *events_new(const struct events_opts *opts);
/* What is still queued is dropped. */
struct events *events_free(struct events *e); /* NULL */
DEFINE_CLEANUP(struct events *, events_free)

#define EVENT_NORMAL "Normal"
#define EVENT_WARNING "Warning"

/* about: borrowed; without a namespace (a Node) the event goes to "default". type: EVENT_NORMAL, EVENT_WARNING.
 * reason: CamelCase. The message is cut at 1024 bytes, as the API wants it. */
void events_record(struct events *e, const struct k8s_object_reference *about, const char *type, const char *reason,
                   const char *fmt, ...) __attribute__((format(printf, 5, 6)));
size_t events_pending(const struct events *e);  /* queued or being sent */
uint64_t events_dropped(const struct events *e); /* by the queue's bound or the flood filter, or refused */
