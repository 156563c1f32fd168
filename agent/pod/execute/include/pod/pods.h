/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pods.h - all pods of this node: what is wanted goes in, what is there follows.
 *
 *   sources ──pods_set, pods_remove──▶ ┌─────────┐ ──actions──▶ runtime, volumes, files
 *   runtime ──events─────────────────▶ │ a pod's │ ──status, events, delete──▶ cluster
 *   timers  ─────────────────────────▶ │  look   │ ──record──▶ store
 *                                      └─────────┘
 * Anything that changes marks a pod dirty; in the next round of the loop it is looked at once: note_seen, pod_plan,
 * actions, pod_status (decide/). Starting is recovering: records and the runtime's list are read, and the same look
 * does the rest.
 */
#pragma once

#include "pod/ports.h"
#include "pod/settings.h"

struct pods;

/* settings, ports: borrowed until pods_free(). Reads the store (blocking); asks the runtime for its lists. */
int pods_new(const struct pod_settings *settings, const struct pod_ports *ports, struct pods **ret, struct err *err);
/* From here on nothing is begun: answers that still come lead to nothing. To be called before what pods stand on is
 * freed, which may turn the loop to wait for workers. */
void pods_stop(struct pods *p);
/* What runs, runs on. To be called when nothing that was started can answer any more (the runtime and the ports have
 * been freed or told to drop their operations). NULL */
struct pods *pods_free(struct pods *p);
DEFINE_CLEANUP(struct pods *, pods_free)

/* A pod is wanted, or its object has changed. Takes a reference. Pods are told apart by UID. */
void pods_set(struct pods *p, struct k8s_object *pod);
/* No source lists it any more: it is stopped and forgotten. */
void pods_remove(struct pods *p, const char *uid);
/* Every source has delivered its first complete list: what is known and in none of them is an orphan. */
void pods_sources_ready(struct pods *p);
/* settings have changed (addresses, capacity …): look at every pod again. */
void pods_settings_changed(struct pods *p);
/* Objects that pods refer to have changed: look at what failed for want of them without waiting. */
void pods_refs_changed(struct pods *p, const char *uid);
/* Rejected pods apart, phase Failed with this reason. -ENOENT: no such pod. */
int pods_evict(struct pods *p, const char *uid, const char *reason, const char *message, int64_t grace_ms);

/* ---- looking ---- */

struct pod_view { /* borrowed until the next round of the loop */
    const char *uid, *namespace_, *name;
    const struct k8s_pod *pod;              /* NULL: an orphan whose object is unknown */
    const struct k8s_pod_status *status;    /* as computed last; NULL: not yet */
    const char *sandbox_id;                 /* NULL: none is ready */
};
size_t pods_len(const struct pods *p);
/* for (size_t i = 0; pods_next(p, &i, &view);) … */
bool pods_next(const struct pods *p, size_t *i, struct pod_view *ret);
bool pods_find(const struct pods *p, const char *namespace_, const char *name, struct pod_view *ret);
bool pods_find_uid(const struct pods *p, const char *uid, struct pod_view *ret);

struct pod_log { /* where a container's log lies */
    char path[4096];
    char container_id[128]; /* of the run; "": unknown */
    bool running;
};
/* previous: of the run before. false: there is no such run. Pure. */
bool pods_log(const struct pods *p, const char *namespace_, const char *name, const char *container, bool previous,
              struct pod_log *ret);
/* The runtime's id of a running container; NULL: none. Borrowed. */
const char *pods_running_container(const struct pods *p, const char *namespace_, const char *name,
                                   const char *container);
/* Nothing is under way and nothing is due: for tests. */
bool pods_idle(const struct pods *p);
