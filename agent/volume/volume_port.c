/* SPDX-License-Identifier: Apache-2.0 */
/*
 * volume_port.c - volumes, without blocking the loop.
 *
 * A step is a fetch (prepare only) and then one job on a worker. The job is given objects, which are immutable and
 * referenced by the step until its end; a worker never counts references. A cancelled step answers at once while
 * it is fetching, and when its job is done otherwise; a teardown waits for a prepare's job, so that the two never
 * work on one folder at the same time.
 */
#include "volume/volume_port.h"

#include <errno.h>
#include <stdlib.h>

#include "base/loop.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/worker.h"
#include "decide/resources.h"
#include "volume/volume.h"

struct volume_port {
    struct pod_volumes port;
    struct loop *loop;
    const struct pod_settings *settings;
    struct pod_refs *refs;
    struct list steps;
};

enum step_stage { STEP_FETCHING, STEP_QUEUED, STEP_WORKING, STEP_ANSWERING };

struct step {
    struct list node;
    struct volume_port *port;
    enum step_stage stage;
    bool teardown, cancelled, fetch_pending;
    char *uid;
    struct k8s_object *pod; /* NULL for a teardown */
    struct references want;
    struct fetched *fetched; /* objects referenced */
    size_t fetched_len;
    struct worker_job job;
    struct loop_defer answer;
    struct err err;
    pod_done_fn done; /* NULL: answered already, or nobody asks any more */
    void *user;
};

static void start_queued(struct volume_port *v, const char *uid);

static void step_free(struct step *s)
{
    loop_defer_stop(&s->answer);
    list_remove(&s->node);
    for (size_t i = 0; i < s->fetched_len; i++)
        k8s_object_unref(s->fetched[i].object);
    free(s->fetched);
    references_done(&s->want);
    k8s_object_unref(s->pod);
    free(s->uid);
    free(s);
}

/* The step answers; it stays only while an answer of refs is still to come. */
static void finish(struct step *s)
{
    pod_done_fn done = s->done;
    void *user = s->user;
    struct err err = s->err;
    struct volume_port *port = s->port;
    AUTO(free) char *uid = xstrdup(s->uid);

    s->done = NULL;
    if (!s->fetch_pending)
        step_free(s);
    if (done)
        done(user, err.code ? &err : NULL);
    start_queued(port, uid);
}

static void on_answer(struct loop_defer *d)
{
    finish(container_of(d, struct step, answer));
}

static void answer_soon(struct step *s)
{
    s->stage = STEP_ANSWERING;
    loop_defer_start(&s->answer);
}

/* ---- the job ---- */

static int64_t memory_limit(const struct step *s, const struct k8s_pod *pod)
{
    const struct compute compute = pod_compute(pod, &s->port->settings->compute);

    return compute.memory_bytes > 0 ? compute.memory_bytes : s->port->settings->compute.memory_capacity_bytes;
}

static void run_prepare(struct worker_job *job)
{
    struct step *s = container_of(job, struct step, job);
    const struct k8s_pod *pod = K8S_OBJECT_AS(s->pod, k8s_pod);
    const struct fetched_set set = { .items = s->fetched, .len = s->fetched_len };
    const struct volume_request request = { .root_dir = s->port->settings->root_dir, .pod = pod,
                                            .facts = &s->port->settings->facts, .fetched = &set,
                                            .memory_limit_bytes = memory_limit(s, pod) };

    (void)volumes_prepare(&request, &s->err);
}

static void run_teardown(struct worker_job *job)
{
    struct step *s = container_of(job, struct step, job);

    (void)volumes_teardown(s->port->settings->root_dir, s->uid, &s->err);
}

static void on_job_done(struct worker_job *job)
{
    struct step *s = container_of(job, struct step, job);

    if (s->cancelled && !s->err.code)
        err_set(&s->err, -ECANCELED, "cancelled");
    finish(s);
}

static void work(struct step *s)
{
    s->stage = STEP_WORKING;
    worker_submit(s->port->loop, WORKER_RUNTIME, &s->job, s->teardown ? run_teardown : run_prepare, on_job_done);
}

/* ---- one step after the other ---- */

static bool is_busy(const struct volume_port *v, const struct step *than)
{
    struct step *s;

    list_each(s, &v->steps, struct step, node) {
        if (s != than && s->stage == STEP_WORKING && str_eq(s->uid, than->uid))
            return true;
    }
    return false;
}

static void start_queued(struct volume_port *v, const char *uid)
{
    struct step *s;

    list_each(s, &v->steps, struct step, node) {
        if (s->stage == STEP_QUEUED && str_eq(s->uid, uid) && !is_busy(v, s)) {
            work(s);
            return;
        }
    }
}

static void queue(struct step *s)
{
    s->stage = STEP_QUEUED;
    if (!is_busy(s->port, s))
        work(s);
}

static struct step *step_new(struct volume_port *v, const char *uid, pod_done_fn done, void *user)
{
    struct step *s = NEW(struct step);

    *s = (struct step){ .port = v, .uid = xstrdup(uid), .done = done, .user = user };
    loop_defer_init(&s->answer, v->loop, "volumes", on_answer);
    list_push_back(&v->steps, &s->node);
    return s;
}

/* ---- prepare ---- */

static void keep(struct step *s, const struct fetched_set *set)
{
    s->fetched = xcalloc(set->len + 1, sizeof(*s->fetched));
    for (size_t i = 0; i < set->len; i++) {
        s->fetched[i] = set->items[i];
        (void)k8s_object_ref(set->items[i].object);
    }
    s->fetched_len = set->len;
}

static void on_fetched(void *user, const struct err *err, const struct fetched_set *set)
{
    struct step *s = user;

    s->fetch_pending = false;
    if (!s->done) { /* cancelled, and answered long ago */
        step_free(s);
        return;
    }
    if (s->stage == STEP_ANSWERING)
        return;
    if (err) {
        err_copy(&s->err, err);
        err_reason_default(&s->err, "FailedMount");
        finish(s);
        return;
    }
    keep(s, set);
    queue(s);
}

static void prepare(struct pod_volumes *port, struct k8s_object *pod, pod_done_fn done, void *user)
{
    struct volume_port *v = container_of(port, struct volume_port, port);
    struct step *s = step_new(v, k8s_object_metadata(pod)->uid, done, user);

    s->pod = k8s_object_ref(pod);
    references_of_volumes(&s->want, K8S_OBJECT_AS(pod, k8s_pod));
    if (!s->want.len) {
        queue(s);
        return;
    }
    s->fetch_pending = true;
    v->refs->ops->fetch(v->refs, s->pod, &s->want, on_fetched, s);
}

static void cancel_step(struct step *s)
{
    s->cancelled = true;
    if (s->stage != STEP_FETCHING && s->stage != STEP_QUEUED)
        return;
    err_set(&s->err, -ECANCELED, "cancelled");
    answer_soon(s);
}

static void cancel(struct pod_volumes *port, const char *uid)
{
    struct volume_port *v = container_of(port, struct volume_port, port);
    struct step *s;

    list_each(s, &v->steps, struct step, node) {
        if (!s->teardown && s->done && str_eq(s->uid, uid))
            cancel_step(s);
    }
}

static void teardown(struct pod_volumes *port, const char *uid, pod_done_fn done, void *user)
{
    struct volume_port *v = container_of(port, struct volume_port, port);

    cancel(port, uid);
    struct step *s = step_new(v, uid, done, user);
    s->teardown = true;
    queue(s);
}

/* ---- looking ---- */

static const char *path(struct pod_volumes *port, const struct k8s_pod *pod, const char *volume, struct arena *arena)
{
    struct volume_port *v = container_of(port, struct volume_port, port);
    const struct volume_request request = { .root_dir = v->settings->root_dir, .pod = pod };
    AUTO(volume_paths_done) struct volume_paths paths = { 0 };

    volumes_paths(&request, &paths);
    return arena_strdup(arena, volume_paths_get(&paths, volume));
}

static const char *unsupported(struct pod_volumes *port, const struct k8s_pod *pod)
{
    (void)port;
    return volumes_unsupported(pod);
}

static const struct pod_volumes_ops ops = {
    .prepare = prepare, .cancel = cancel, .teardown = teardown, .path = path, .unsupported = unsupported,
};

struct volume_port *volume_port_new(struct loop *loop, const struct pod_settings *settings, struct pod_refs *refs)
{
    struct volume_port *v = NEW(struct volume_port);

    *v = (struct volume_port){ .port = { .ops = &ops }, .loop = loop, .settings = settings, .refs = refs };
    list_init(&v->steps);
    return v;
}

struct volume_port *volume_port_free(struct volume_port *v)
{
    struct step *s;

    if (!v)
        return NULL;
    list_each(s, &v->steps, struct step, node)
        s->done = NULL;
    worker_drain(v->loop);
    list_each(s, &v->steps, struct step, node)
        step_free(s);
    free(v);
    return NULL;
}

struct pod_volumes *volume_port_get(struct volume_port *v)
{
    return &v->port;
}
