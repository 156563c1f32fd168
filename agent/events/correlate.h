/* SPDX-License-Identifier: Apache-2.0 */
/*
 * correlate.h - is this event new, one more of the same, or one too many? Pure but for its own memory.
 *
 * The rules and figures are those of client-go's event correlator:
 *   flood     of one object: 25 events at once, then one every 5 minutes; more are dropped
 *   combined  more than 10 different messages of one object, type and reason without 10 quiet minutes between:
 *             they become one event "(combined from similar events): …"
 *   same      the same message again counts up the event that is there
 * It remembers LIMIT_EVENTS_KNOWN things, the oldest is forgotten first.
 */
#pragma once

#include <stdint.h>

#include "base/clock.h"
#include "k8s/reference.h"

struct correlator;
struct correlator *correlator_new(void);
struct correlator *correlator_free(struct correlator *c); /* NULL */

enum event_verdict { EVENT_DROP, EVENT_CREATE, EVENT_COUNT };

struct event_occurrence { /* borrowed */
    const struct k8s_object_reference *about;
    const char *type, *reason, *message;
    struct now at;
};

struct event_decision {
    enum event_verdict verdict;
    char *message;         /* caller owns: free() */
    char *name;            /* of the event object, to create or to count up; caller owns */
    char *key;             /* for correlator_forget(); caller owns */
    int32_t count;         /* 1: new */
    int64_t first_wall_ns; /* when it happened first */
};
void event_decision_done(struct event_decision *d);

void correlator_decide(struct correlator *c, const struct event_occurrence *o, struct event_decision *ret);
/* The object could not be created: the next one starts anew. */
void correlator_forget(struct correlator *c, const char *key);
