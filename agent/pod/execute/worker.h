/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker.h - one pod and what is under way for it. Private to execute/.
 *
 * A call is one answer that is waited for. It knows its pod, and a pod its calls: a pod that goes first leaves its
 * calls without one, and their answers are dropped.
 */
#pragma once

#include "base/arena.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/map.h"
#include "decide/plan.h"
#include "decide/status.h"
#include "decide/note.h"
#include "pod/pods.h"

struct cached_sandbox {
    char *id;
    uint32_t attempt;
    bool ready;
    char **ips;
    int64_t created_wall_ns;
};

struct cached_container {
    char *id, *sandbox_id, *name, *reason, *message, *image_id, *spec_image, *log_path, *stop_signal;
    struct container_user user;
    uint32_t attempt;
    enum instance_state state;
    bool unsupervised;
    int64_t created_wall_ns, started_wall_ns, finished_wall_ns;
    int exit_code;
};

struct report { /* one computed status, self-contained */
    struct arena *arena; /* NULL: none */
    const struct k8s_pod_status *status;
    const char *text; /* its JSON */
};
void report_done(struct report *r);

struct pod_worker {
    struct pods *all;
    struct list dirty; /* in all->dirty */
    struct k8s_object *object; /* NULL: unknown */
    bool in_source;
    struct pod_record *record;
    struct cached_sandbox *sandboxes; /* newest first */
    size_t sandboxes_len, sandboxes_cap;
    struct cached_container *containers; /* by name, then newest first */
    size_t containers_len, containers_cap;
    size_t reads; /* ends of containers whose message is being read */
    struct loop_timer wake;
    struct list calls;

    struct report told;     /* computed last */
    struct report sending;  /* under way */
    struct report accepted; /* what the server has, as far as we know */
    bool report_in_flight;
    bool seen_told; /* the object has shown what was told last */
    struct retry report_retry;
    int64_t untold_boot_ns; /* since when the server has not been told the newest */

    char *saved;       /* record as it is on the disk */
    bool save_in_flight;
    char *save_error;  /* why the last save failed, as it was told; NULL: it did not */
    bool object_unsaved;
    bool acquired;     /* refs know of it */
    bool checked;      /* unsupported was computed for this object */
    bool forgotten;    /* nothing is begun any more; it is freed when its logs are gone */
};

struct pods {
    const struct pod_settings *settings;
    const struct pod_ports *ports;
    struct map workers;    /* by UID */
    struct map by_sandbox; /* by the id of a sandbox */
    struct list dirty;
    struct loop_defer look;
    struct loop_timer rotate, relist;
    struct list calls; /* whose pod has gone */
    bool stopped; /* nothing is begun any more */
    bool sources_ready;
    bool sandboxes_listed, containers_listed;
};

static inline const struct k8s_pod *worker_pod(const struct pod_worker *w)
{
    return w->object ? K8S_OBJECT_AS(w->object, k8s_pod) : NULL;
}
struct pod_worker *worker_get(const struct pods *p, const char *uid); /* NULL: none */
struct pod_worker *worker_add(struct pods *p, const char *uid, const char *namespace_, const char *name);
/* What is known by its UID alone gets its names from whoever knows them. */
void worker_name(struct pod_worker *w, const char *namespace_, const char *name);
void worker_free(struct pod_worker *w);
void worker_dirty(struct pod_worker *w);

struct pod_call {
    struct list node;
    struct pods *all;
    struct pod_worker *worker; /* NULL: it has gone */
    struct k8s_object *object; /* kept alive; may be NULL */
    enum pod_act act;
    char *container;
    char *id;
    uint32_t attempt;
    struct rt_op *op; /* NULL: none of the runtime's is under way */
    struct arena *arena;
    struct references refs;
    const char *missing_secrets; /* of a pull, in the arena: NULL: none */
    struct err err;   /* of the operation itself, while its outcome is looked up */
    void (*then)(struct pod_call *call);
    struct cached_container *ended; /* an end that waits for its message */
    /* of a creation; in the arena */
    const struct rt_container_config *config;
    bool image_has_uid;
    int64_t image_uid;
    const char *image_username;
};
struct pod_call *call_new(struct pod_worker *w, enum pod_act act, const struct pod_action *a);
void call_free(struct pod_call *c);

/* ---- cache.c: what the runtime has ---- */

void cache_sandbox(struct pod_worker *w, const struct rt_sandbox *s);
void cache_sandbox_gone(struct pod_worker *w, const char *id);
struct cached_container *cache_container(struct pod_worker *w, const struct rt_container *c);
void cache_container_gone(struct pod_worker *w, const char *id);
struct cached_container *cache_find(const struct pod_worker *w, const char *id);
void cache_done(struct pod_worker *w);
void cached_container_done(struct cached_container *c);
void cached_user_set(struct cached_container *c, const struct rt_user *user); /* NULL: it stays */
/* Borrowed from w and the arena. */
struct pod_observed cache_observe(const struct pod_worker *w, struct arena *arena);

/* ---- refresh.c: asks the runtime about one thing ---- */

/* then(call) when the cache is up to date; the call is the caller's, act and id as it likes. */
void refresh_container(struct pod_call *call, const char *id, void (*then)(struct pod_call *call));
void refresh_sandbox(struct pod_call *call, const char *id, void (*then)(struct pod_call *call));
void refresh_pod(struct pod_call *call, void (*then)(struct pod_call *call)); /* all of one pod: after a failed creation */
void refresh_list(struct pods *p); /* everything */
void refresh_on_event(void *user, const struct rt_event *event);
/* The runtime says that a container has ended: its message is read, then the cache is told, then then(call). */
void refresh_ended(struct pod_call *call, const struct rt_container *c, void (*then)(struct pod_call *call));

/* ---- act.c ---- */

void act_start(struct pod_worker *w, const struct pod_action *a);
void act_end(struct pod_call *call, const struct err *err, const struct rt_image *image); /* frees the call */
void act_end_kept(struct pod_call *call); /* with call->err, if it has one */
void create_start(struct pod_call *call); /* create.c */
void create_sandbox_start(struct pod_call *call); /* create_sandbox.c */
void act_cancel_starts(struct pod_worker *w); /* pulls and preparations of a pod that is no longer to be started */

/* ---- report.c ---- */

void report_events(struct pod_worker *w, const struct pod_events *events);
void report_warning(struct pod_worker *w, enum word word, const char *message); /* about the pod */
void report_compute(struct pod_worker *w, const struct pod_observed *seen, const struct now *now);
void report_save(struct pod_worker *w);
void report_check(struct pod_worker *w); /* the object is a new one */
void report_send(struct pod_worker *w, const struct now *now); /* after the save: see may_send() */
int64_t report_held_until(const struct pod_worker *w); /* boot time; 0: it is not held back */

/* ---- look.c ---- */

void look_at(struct pod_worker *w);

/* ---- paths.c: where a pod's things lie; in the arena ---- */

const char *path_of_pod(const struct pods *p, const char *uid, struct arena *arena);
const char *path_of_termination_log(const struct pods *p, const char *uid, const char *container, uint32_t attempt,
                                    struct arena *arena);
const char *path_of_hosts(const struct pods *p, const char *uid, struct arena *arena);
const char *path_of_logs(const struct pods *p, const char *namespace_, const char *name, const char *uid,
                         struct arena *arena);
const char *path_of_log_link(const struct pods *p, const char *namespace_, const char *name, const char *container,
                             const char *id, struct arena *arena); /* NULL: there are no links */
