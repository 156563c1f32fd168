/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - what must be remembered about one pod.
 *
 * The durable part goes to disk (pod/record/) and outlives the agent and the machine's boot: the verdict of
 * admission, how often each container was started and how its last two runs ended, back-off, why and since when
 * the pod is being stopped, and the last reported conditions with their transition times. It also is the memory
 * of what the runtime forgets: after a reboot no container is listed, but the pod's history is here.
 *
 * The live part (struct pod_live, struct container_live) belongs to this process: actions under way, what they
 * told, when to try again. A new agent starts it empty and reads the truth again; so an action in flight is void
 * after a restart, and every action must be safe to ask for twice.
 *
 * The record is changed by the functions of note.h alone. All strings are the record's own. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/now.h"
#include "decide/action.h"
#include "decide/container_user.h"
#include "decide/containers.h"

enum { POD_RECORD_VERSION = 1 }; /* of the file; a newer one is refused, an older one is read */

enum pod_phase { PHASE_NONE, PHASE_PENDING, PHASE_RUNNING, PHASE_SUCCEEDED, PHASE_FAILED, PHASE_NR };
const char *phase_name(enum pod_phase phase); /* "Pending"; NULL for PHASE_NONE */
enum pod_phase phase_from_name(const char *name); /* PHASE_NONE when unknown or NULL */
static inline bool phase_is_terminal(enum pod_phase phase)
{
    return phase == PHASE_SUCCEEDED || phase == PHASE_FAILED;
}

enum instance_state { INSTANCE_NONE, INSTANCE_CREATED, INSTANCE_RUNNING, INSTANCE_EXITED, INSTANCE_NR };

struct pod_instance { /* one run of a container */
    enum instance_state state;
    uint32_t attempt;
    char *id;         /* the runtime's; NULL: none */
    char *sandbox_id;
    char *image_id;   /* "sha256:…" */
    char *image_ref;  /* status.imageID: the digest reference, else image_id */
    char *reason;     /* of the end; NULL while alive */
    char *message;
    int64_t created_wall_ns, started_wall_ns, finished_wall_ns; /* 0: not yet */
    int exit_code;
    struct container_user user;
    char *stop_signal; /* "SIGQUIT"; NULL: nobody has named one */
};

enum image_state { IMAGE_UNKNOWN, IMAGE_PRESENT, IMAGE_ABSENT, IMAGE_INVALID };

struct retry { /* an action that failed and is tried again; all zero: free to go */
    int64_t delay_ms;
    int64_t not_before_boot_ns;
    char *reason;  /* CamelCase, of the failure */
    char *message;
};

struct container_live {
    enum pod_act in_flight;    /* ACT_NONE: nothing */
    int64_t in_flight_stop_ms; /* grace of the stop under way */
    int64_t began_boot_ns;     /* when the action in flight began */
    enum image_state image;
    char *image_id, *image_ref;
    struct retry pull, create, stop; /* create: also start and the configuration */
    bool start_failed;         /* the current instance never ran */
    int64_t exit_seen_boot_ns; /* when the end of the current instance was first noticed; 0: it is alive */
    int64_t exit_passed_ns;    /* how long it was over by then */
    bool told_backoff;         /* BackOff was said for the current instance */
    bool told_pull_backoff;
    bool told_killing;         /* Killing was said for the current instance */
    bool backoff_counted;      /* backoff_ms has grown for the end of the current instance */
};

struct container_record {
    char *name;
    enum container_kind kind;
    struct pod_instance current, previous; /* previous: the run before, for lastState */
    uint32_t next_attempt; /* of the next run; what has run once is never run under the same number */
    int64_t backoff_ms;    /* the wait before the next restart; 0: none yet */
    int64_t backoff_wall_ns; /* when it last grew */
    bool started; /* startup is over (there is no probe yet: as soon as it runs) */
    bool ready;
    char *spec_image; /* what current was made from: with the name, all that its hash covers */
    struct container_live live;
};

enum pod_verdict { VERDICT_NONE, VERDICT_ADMITTED, VERDICT_REJECTED, VERDICT_NR };

enum stop_why {
    STOP_NONE,
    STOP_DELETED,  /* deletionTimestamp */
    STOP_REMOVED,  /* gone from its source */
    STOP_DEADLINE, /* activeDeadlineSeconds */
    STOP_EVICTED,  /* by the node; reason and message say why */
    STOP_NR,
};

struct condition_record {
    char *type, *status, *reason, *message; /* reason, message: NULL when empty */
    int64_t transition_wall_ns;
    int64_t observed_generation;
};

struct pod_live {
    enum pod_act sandbox_in_flight, volumes_in_flight, api_in_flight, remains_in_flight;
    bool volumes_ready;
    struct retry volumes, sandbox, api, remains;
    char *unsupported;     /* what the pod asks for in vain, for people; NULL: nothing */
    bool status_delivered; /* the last status computed is what the API has */
    bool api_deleted;      /* our DELETE was accepted */
    bool saved;            /* the file holds the durable part as it is */
    bool save_failed;      /* it was tried, and the disk would not take it */
    bool on_disk;          /* there is a file: whatever is made for the pod will be looked for */
    bool told_unsupported, told_network;
};

struct pod_record {
    char *uid, *name, *namespace_;
    enum pod_verdict verdict;
    char *verdict_reason, *verdict_message;
    int64_t start_wall_ns; /* when the agent took the pod on: status.startTime */
    uint32_t next_sandbox_attempt;
    bool had_sandbox;      /* one was ready once */
    bool volumes_made;     /* there may be volumes: set by admission, cleared by teardown */
    bool remains_made;     /* there may be folders: likewise, cleared when they are gone */
    enum stop_why stop;
    int64_t stop_wall_ns;  /* since when */
    int64_t stop_grace_ms; /* from stop_wall_ns; only ever shortened */
    enum pod_phase phase;  /* the last reported; a terminal one is never left */
    char *reason, *message; /* of the phase */
    char **pod_ips;        /* NULL-terminated; NULL: none yet */
    struct condition_record *conditions;
    size_t conditions_len, conditions_cap;
    struct container_record *containers; /* in the order of containers_at(), then those no longer in the spec */
    size_t containers_len, containers_cap;
    struct pod_live live;
};

struct pod_record *pod_record_new(const char *uid, const char *namespace_, const char *name);
struct pod_record *pod_record_free(struct pod_record *r); /* NULL */
DEFINE_CLEANUP(struct pod_record *, pod_record_free)
struct container_record *pod_record_container(const struct pod_record *r, const char *name); /* NULL: none */
struct container_record *pod_record_add_container(struct pod_record *r, const char *name,
                                                  enum container_kind kind); /* the existing one, or a new one */
struct condition_record *pod_record_condition(const struct pod_record *r, const char *type); /* NULL: none */
struct condition_record *pod_record_add_condition(struct pod_record *r, const char *type);

void pod_instance_done(struct pod_instance *i); /* empty afterwards */
void record_string(char **dst, const char *src); /* replaces *dst by a copy; NULL and "" store NULL */
void retry_clear(struct retry *r);
