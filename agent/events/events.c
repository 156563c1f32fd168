/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events.c - the queue, and one request after another.
 *
 * Order matters (a count follows its creation), so one request is under way at a time. What an event becomes is
 * decided when its turn has come, by the correlator. An API server out of reach makes the queue wait, and the queue's
 * bound drops what comes too late: nobody who records an event ever waits.
 */
#include "events/events.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "correlate.h"
#include "k8s/backoff.h"
#include "k8s/event.h"
#include "k8s/rest.h"

#define MESSAGE_BYTES 1024
#define TRIES_MAX 12
#define PATCH_BYTES (16 * KIB)

struct queued {
    struct list node;
    char *api_version, *kind, *namespace, *name, *uid, *resource_version, *field_path;
    char *type, *reason;
    struct now at;
    char message[MESSAGE_BYTES + 1];
};

struct events {
    struct k8s_client *client;
    char *component, *host;
    struct correlator *correlator;
    struct list queue;
    size_t queue_len;
    uint64_t dropped;
    struct loop_timer timer; /* the next turn */
    struct k8s_call call;
    struct queued *current;
    struct event_decision decision;
    struct backoff backoff;
    unsigned tries;
};

static void queued_free(struct queued *q)
{
    char *all[] = { q->api_version, q->kind, q->namespace,        q->name,   q->uid, q->resource_version,
                    q->field_path,  q->type, q->reason };
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        free(all[i]);
    free(q);
}

static struct k8s_object_reference reference_of(const struct queued *q)
{
    return (struct k8s_object_reference){ .api_version = q->api_version,
                                          .kind = q->kind,
                                          .namespace = q->namespace,
                                          .name = q->name,
                                          .uid = q->uid,
                                          .resource_version = q->resource_version,
                                          .field_path = q->field_path };
}

/* ---- sending --------------------------------------------------------------------------------------------- */

static int send_new(struct events *e, struct err *err)
{
    const struct queued *q = e->current;
    const char *namespace = str_or(q->namespace, "default");
    const struct k8s_event event = {
        .kind = "Event",
        .api_version = "v1",
        .metadata = { .name = e->decision.name, .namespace = namespace },
        .involved_object = reference_of(q),
        .reason = q->reason,
        .message = e->decision.message,
        .source = { .component = e->component, .host = e->host },
        .first_timestamp = k8s_time_at(e->decision.first_wall_ns),
        .last_timestamp = k8s_time_at(q->at.wall_ns),
        .count = e->decision.count,
        .type = q->type,
        .reporting_component = e->component,
        .reporting_instance = e->host,
    };
    return k8s_call_start(&e->call, e->client,
                          &(struct k8s_request){ .verb = K8S_CREATE,
                                                 .purpose = K8S_FOR_EVENTS,
                                                 .kind = K8S_KIND_EVENT,
                                                 .namespace = namespace,
                                                 .object = &event },
                          err);
}

static int send_count(struct events *e, struct err *err)
{
    const struct queued *q = e->current;
    char when[K8S_TIME_TEXT_BYTES];
    AUTO(buf_done) struct buf patch = BUF_INIT(PATCH_BYTES);
    struct json_writer w = JSON_WRITER(&patch);
    json_write_object(&w);
    json_write_key_int(&w, "count", e->decision.count);
    json_write_key_string(&w, "lastTimestamp", k8s_time_print(q->at.wall_ns, 0, when));
    json_write_key_string(&w, "message", e->decision.message);
    json_write_end(&w);
    return k8s_call_start(&e->call, e->client,
                          &(struct k8s_request){ .verb = K8S_PATCH,
                                                 .purpose = K8S_FOR_EVENTS,
                                                 .kind = K8S_KIND_EVENT,
                                                 .namespace = str_or(q->namespace, "default"),
                                                 .name = e->decision.name,
                                                 .body = buf_str(&patch),
                                                 .body_len = patch.len },
                          err);
}

static void finish_current(struct events *e, const struct err *why)
{
    const struct queued *q = e->current;
    if (why) {
        e->dropped++;
        log_debug("events", "event dropped", "object=%s/%s reason=%s error=" LOG_Q, str_or(q->namespace, ""),
                  str_or(q->name, ""), q->reason, LOG_QUOTE(why->msg));
        if (e->decision.key)
            correlator_forget(e->correlator, e->decision.key);
    }
    event_decision_done(&e->decision);
    queued_free(e->current);
    e->current = NULL;
    e->tries = 0;
    if (e->queue_len > 0)
        loop_timer_start(&e->timer, 0);
}

static void send_current(struct events *e)
{
    struct err err = ERR_INIT;
    int ret = e->decision.verdict == EVENT_COUNT ? send_count(e, &err) : send_new(e, &err);
    if (ret < 0)
        finish_current(e, &err);
}

static bool worth_another_try(enum k8s_outcome o)
{
    return o == K8S_UNREACHABLE || o == K8S_SERVER_ERROR || o == K8S_TOO_MANY_REQUESTS || o == K8S_UNAUTHORIZED;
}

static void on_answer(struct k8s_call *c, const struct k8s_result *r)
{
    struct events *e = container_of(c, struct events, call);
    if (r->outcome == K8S_OK) {
        backoff_reset(&e->backoff);
        finish_current(e, NULL);
    } else if (r->outcome == K8S_NOT_FOUND && e->decision.verdict == EVENT_COUNT) {
        e->decision.verdict = EVENT_CREATE; /* events live for an hour: it has been removed meanwhile */
        send_current(e);
    } else if (worth_another_try(r->outcome) && ++e->tries < TRIES_MAX) {
        loop_timer_start(&e->timer, backoff_next_ms(&e->backoff, backoff_chance(e->host)));
    } else {
        finish_current(e, &r->err);
    }
}

static void on_turn(struct loop_timer *t)
{
    struct events *e = container_of(t, struct events, timer);
    if (e->current) {
        send_current(e);
        return;
    }
    struct queued *q = list_first(&e->queue, struct queued, node);
    if (!q)
        return;
    list_remove(&q->node);
    e->queue_len--;
    e->current = q;
    const struct k8s_object_reference about = reference_of(q);
    correlator_decide(e->correlator,
                      &(struct event_occurrence){
                          .about = &about, .type = q->type, .reason = q->reason, .message = q->message, .at = q->at },
                      &e->decision);
    if (e->decision.verdict != EVENT_DROP) {
        send_current(e);
        return;
    }
    e->dropped++;
    finish_current(e, NULL);
}

/* ---- the header's functions ------------------------------------------------------------------------------ */

void events_record(struct events *e, const struct k8s_object_reference *about, const char *type, const char *reason,
                   const char *fmt, ...)
{
    if (e->queue_len >= LIMIT_EVENTS_QUEUE) {
        e->dropped++;
        return;
    }
    struct queued *q = NEW(struct queued);
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(q->message, sizeof q->message, fmt, ap);
    va_end(ap);
    q->api_version = xstrdup(about->api_version);
    q->kind = xstrdup(about->kind);
    q->namespace = xstrdup(about->namespace);
    q->name = xstrdup(about->name);
    q->uid = xstrdup(about->uid);
    q->resource_version = xstrdup(about->resource_version);
    q->field_path = xstrdup(about->field_path);
    q->type = xstrdup(type);
    q->reason = xstrdup(reason);
    q->at = clock_now();
    list_push_back(&e->queue, &q->node);
    e->queue_len++;
    log_info("events", "event", "kind=%s object=%s/%s type=%s reason=%s message=" LOG_Q, str_or(about->kind, ""),
             str_or(about->namespace, ""), str_or(about->name, ""), type, reason, LOG_QUOTE(q->message));
    if (!e->current && !loop_timer_running(&e->timer))
        loop_timer_start(&e->timer, 0);
}

size_t events_pending(const struct events *e)
{
    return e->queue_len + (e->current ? 1 : 0);
}

uint64_t events_dropped(const struct events *e)
{
    return e->dropped;
}

struct events *events_new(const struct events_opts *opts)
{
    struct events *e = NEW(struct events);
    e->client = opts->client;
    e->component = xstrdup(opts->component);
    e->host = xstrdup(opts->host);
    e->correlator = correlator_new();
    e->backoff = (struct backoff){ .first_ms = 1000, .max_ms = 10000, .jitter_percent = 50 };
    list_init(&e->queue);
    loop_timer_init(&e->timer, k8s_client_loop(opts->client), "events", on_turn);
    k8s_call_init(&e->call, on_answer);
    return e;
}

struct events *events_free(struct events *e)
{
    if (!e)
        return NULL;
    k8s_call_cancel(&e->call);
    loop_timer_stop(&e->timer);
    if (e->current)
        queued_free(e->current);
    for (struct queued *q; (q = list_first(&e->queue, struct queued, node));) {
        list_remove(&q->node);
        queued_free(q);
    }
    event_decision_done(&e->decision);
    correlator_free(e->correlator);
    free(e->component);
    free(e->host);
    free(e);
    return NULL;
}
