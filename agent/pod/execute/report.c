/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telling the cluster, and remembering. Neither holds up a start: at most one report and one save of a pod are under
 * way, and what changes meanwhile goes out as one with the next. Reports keep their order, so that phases do.
 */
#include <errno.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "decide/backoff.h"
#include "record/codec.h"
#include "worker.h"

enum { HOLD_MS = 200 };

void report_done(struct report *r)
{
    arena_unref(r->arena);
    *r = (struct report){ .arena = NULL };
}

static struct report report_ref(const struct report *r)
{
    return (struct report){ .arena = r->arena ? arena_ref(r->arena) : NULL,
                            .status = r->status,
                            .text = r->text };
}

void report_events(struct pod_worker *w, const struct pod_events *events)
{
    struct pod_cluster *cluster = w->all->ports->cluster;
    const struct k8s_pod *pod = worker_pod(w);
    for (size_t i = 0; pod && i < events->len; i++)
        cluster->ops->event(cluster, pod, &events->items[i]);
}

void report_warning(struct pod_worker *w, enum word word, const char *message)
{
    AUTO(arena_unref) struct arena *arena = arena_new(MIB);
    struct pod_events events = { .arena = arena };
    pod_events_add(&events, NULL, NULL, word, message);
    report_events(w, &events);
    pod_events_done(&events);
}

/* ---- status ---- */

static bool is_delivered(const struct pod_worker *w)
{
    return w->accepted.status && w->accepted.status == w->told.status;
}

static void on_reported(void *user, const struct err *err)
{
    struct pod_call *call = user;
    struct pod_worker *w = call->worker;
    if (w) {
        struct now now = clock_now();
        w->report_in_flight = false;
        if (!err) {
            report_done(&w->accepted);
            w->accepted = TAKE(w->sending, ((struct report){ .arena = NULL }));
            retry_clear(&w->report_retry);
        } else if (err->code != -ENOENT) {
            log_warn("pod", "status cannot be reported, trying again",
                     "pod=%s/%s error=" LOG_Q, w->record->namespace_, w->record->name,
                     LOG_QUOTE(err->msg));
            backoff_fail(&w->report_retry, BACKOFF_STEP, &w->all->settings->policy, &now, NULL, NULL);
        } else {
            report_done(&w->accepted); /* nobody is left to be told */
            w->accepted = report_ref(&w->sending);
        }
        report_done(&w->sending);
        w->record->live.status_delivered = is_delivered(w);
        worker_dirty(w);
    }
    call_free(call);
}

/* What the server took last from us, else what the object says. */
static const struct k8s_pod_status *base_of(const struct pod_worker *w)
{
    return w->accepted.status ? w->accepted.status : &worker_pod(w)->status;
}

/* What is compared is ours alone. */
static void send(struct pod_worker *w)
{
    struct pod_cluster *cluster = w->all->ports->cluster;
    struct pod_call *call = call_new(w, ACT_NONE, NULL);
    call->arena = arena_new(LIMIT_K8S_OBJECT_BYTES);
    w->sending = report_ref(&w->told);
    const struct k8s_pod_status *before = pod_status_ours(base_of(w), call->arena);
    const struct k8s_pod_status *after = pod_status_ours(w->sending.status, call->arena);
    w->report_in_flight = true;
    cluster->ops->status(cluster, call->object, before, after, on_reported, call);
}

/*
 * A new object has come. Once it has shown what was told, and shows something else later, somebody has overwritten
 * it: then it is told again, as a difference to what the object says.
 */
void report_check(struct pod_worker *w)
{
    if (!w->told.status || !w->object)
        return;
    bool agrees = pod_status_agrees(w->told.status, &worker_pod(w)->status);
    if (w->seen_told && !agrees && is_delivered(w) && !w->report_in_flight) {
        report_done(&w->accepted);
        w->seen_told = false;
    } else if (agrees) {
        w->seen_told = true;
    }
}

/* Self-contained: what was computed borrows from the object, which may go before the report does. */
static struct report keep(const struct buf *text)
{
    struct report r = { .arena = arena_new(LIMIT_K8S_OBJECT_BYTES) };
    struct k8s_pod_status *status = ARENA_NEW(r.arena, struct k8s_pod_status);
    r.text = arena_strndup(r.arena, buf_str(text), text->len);
    if (!status || !r.text ||
        json_decode(&k8s_pod_status_type, r.text, text->len, NULL, r.arena, status, NULL) < 0)
        report_done(&r);
    else
        r.status = status;
    return r;
}

/* The status as text is what is compared: the API sees no more of it. */
static void compute(struct pod_worker *w, const struct pod_observed *seen, const struct now *now)
{
    AUTO(arena_unref) struct arena *arena = arena_new(LIMIT_K8S_OBJECT_BYTES);
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_K8S_OBJECT_BYTES);
    const struct k8s_pod_status *status =
        pod_status(worker_pod(w), w->record, seen, &w->all->settings->policy, now, arena);
    if (!status || json_encode(&k8s_pod_status_type, status, &text) < 0) {
        log_error("pod", "status does not fit", "pod=%s/%s", w->record->namespace_, w->record->name);
        return;
    }
    if (str_eq(w->told.text, buf_str(&text)))
        return;
    struct report fresh = keep(&text);
    if (!fresh.status)
        return;
    note_status(w->record, status);
    if (!w->told.status || is_delivered(w))
        w->untold_boot_ns = now->boot_ns;
    report_done(&w->told);
    w->told = fresh;
    w->seen_told = false;
}

/* The end of a pod is told only when it is remembered, so that an agent that dies in between does not run it again;
 * a disk that cannot be written does not keep it back. */
static bool may_send(const struct pod_worker *w)
{
    bool terminal = phase_is_terminal(phase_from_name(w->told.status->phase));
    return !terminal || w->record->live.saved || w->record->live.save_failed;
}

/* Before its source has spoken, an object from the disk may be older than what was told already. */
void report_compute(struct pod_worker *w, const struct pod_observed *seen, const struct now *now)
{
    if (w->object && w->in_source && w->record->verdict != VERDICT_NONE && seen->listed)
        compute(w, seen, now);
    w->record->live.status_delivered = is_delivered(w);
}

/* What nobody waits for is held back for a moment, for what comes with it; the end of a pod's object waits for all. */
int64_t report_held_until(const struct pod_worker *w)
{
    if (!w->object || !w->told.status || is_delivered(w) || worker_pod(w)->metadata.deletion_timestamp.has ||
        pod_status_is_news(base_of(w), w->told.status))
        return 0;
    return w->untold_boot_ns + HOLD_MS * NS_PER_MS;
}

void report_send(struct pod_worker *w, const struct now *now)
{
    if (w->told.status && !is_delivered(w) && !w->report_in_flight && may_send(w) &&
        backoff_due(&w->report_retry, now) && report_held_until(w) <= now->boot_ns)
        send(w);
}

/* ---- memory ---- */

/* Once for each reason: it is tried every second. */
static void tell_save(struct pod_worker *w, const struct err *err)
{
    const struct pod_record *r = w->record;
    if (err && !str_eq(w->save_error, err->msg)) {
        log_error("pod", "record cannot be saved, trying again", "pod=%s/%s error=" LOG_Q, r->namespace_, r->name,
                  LOG_QUOTE(err->msg));
        if (!r->live.on_disk) /* so nothing else of it is made either */
            report_warning(w, WORD_DATA_FOLDERS, err->msg);
    } else if (!err && w->save_error) {
        log_info("pod", "record is saved again", "pod=%s/%s", r->namespace_, r->name);
    }
    record_string(&w->save_error, err ? err->msg : NULL);
}

static void on_saved(void *user, const struct err *err)
{
    struct pod_call *call = user;
    struct pod_worker *w = call->worker;
    if (w) {
        w->save_in_flight = false;
        w->record->live.save_failed = err;
        tell_save(w, err);
        if (err) {
            free(w->saved);
            w->saved = NULL;
            w->object_unsaved = true;
            loop_timer_start(&w->wake, 1000);
        } else {
            w->record->live.on_disk = true;
            worker_dirty(w);
        }
    }
    call_free(call);
}

void report_save(struct pod_worker *w)
{
    AUTO(buf_done) struct buf record = BUF_INIT(LIMIT_POD_RECORD_BYTES);
    AUTO(buf_done) struct buf object = BUF_INIT(LIMIT_K8S_OBJECT_BYTES);
    struct pod_store *store = w->all->ports->store;
    if (pod_record_encode(w->record, &record) < 0) {
        log_error("pod", "record is too large", "pod=%s/%s", w->record->namespace_, w->record->name);
        w->record->live.save_failed = true;
        return;
    }
    bool same = w->saved && str_eq(w->saved, buf_str(&record)) && !w->object_unsaved;
    w->record->live.saved = same && !w->save_in_flight;
    if (same || w->save_in_flight || w->forgotten)
        return;
    if (w->object && w->object_unsaved)
        (void)json_encode(&k8s_pod_type, worker_pod(w), &object);
    w->save_in_flight = true;
    w->object_unsaved = false;
    free(w->saved);
    w->saved = buf_take(&record);
    store->ops->save(store, w->record->uid, object.len ? buf_str(&object) : NULL, w->saved, on_saved,
                     call_new(w, ACT_NONE, NULL));
}
