/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cluster_api.c - status patches and deletions.
 *
 * A patch is the difference between what the object last said and what is so now, on the status subresource, for
 * this UID alone: fields of others stay. It is not repeated here; whoever decides tries again.
 */
#include "cluster/cluster_api.h"

#include <errno.h>
#include <stdlib.h>

#include "base/effect.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/patch.h"
#include "k8s/rest.h"
#include "pod_event.h"

struct cluster_api {
    struct pod_cluster port;
    struct k8s_client *client;
    struct events *events;
    cluster_told_fn told;
    void *told_user;
    struct list requests;
};

struct request {
    struct list node;
    struct k8s_call call;
    struct loop_defer soon; /* an outcome known without asking */
    struct err err;
    pod_done_fn done;
    void *user;
};

static void finish(struct request *r, const struct err *err)
{
    pod_done_fn done = r->done;
    void *user = r->user;
    struct err copy = *err;

    k8s_call_cancel(&r->call);
    loop_defer_stop(&r->soon);
    list_remove(&r->node);
    free(r);
    done(user, copy.code ? &copy : NULL);
}

static void on_soon(struct loop_defer *d)
{
    struct request *r = container_of(d, struct request, soon);
    finish(r, &r->err);
}

/* The object is gone, or is another one of the same name: either way there is nothing left to tell. A patch that names
 * another UID than the object's is called invalid, because a UID cannot be changed. */
static bool is_gone(const struct k8s_result *result)
{
    enum k8s_outcome o = result->outcome;

    return o == K8S_NOT_FOUND || o == K8S_CONFLICT || o == K8S_GONE ||
           (o == K8S_INVALID && strstr(result->err.msg, "metadata.uid"));
}

static void on_done(struct k8s_call *c, const struct k8s_result *result)
{
    struct request *r = container_of(c, struct request, call);
    struct err err = result->err;

    effect("API answer"); /* dying here loses it */
    if (is_gone(result))
        err_set(&err, -ENOENT, "%s", result->err.msg);
    finish(r, &err);
}

static void send(struct cluster_api *c, const struct k8s_request *request, pod_done_fn done, void *user)
{
    struct request *r = NEW(struct request);

    *r = (struct request){ .done = done, .user = user };
    k8s_call_init(&r->call, on_done);
    loop_defer_init(&r->soon, k8s_client_loop(c->client), "cluster", on_soon);
    list_push_back(&c->requests, &r->node);
    if (!request || k8s_call_start(&r->call, c->client, request, &r->err) < 0)
        loop_defer_start(&r->soon);
}

static void status(struct pod_cluster *port, struct k8s_object *object, const struct k8s_pod_status *before,
                   const struct k8s_pod_status *after, pod_done_fn done, void *user)
{
    struct cluster_api *c = container_of(port, struct cluster_api, port);
    const struct k8s_pod *pod = K8S_OBJECT_AS(object, k8s_pod);
    AUTO(buf_done) struct buf patch = BUF_INIT(LIMIT_K8S_OBJECT_BYTES);
    const struct k8s_request request = {
        .verb = K8S_PATCH, .purpose = K8S_FOR_STATUS, .kind = K8S_KIND_POD, .namespace = pod->metadata.namespace,
        .name = pod->metadata.name, .subresource = "status", .patch_type = K8S_STRATEGIC_MERGE_PATCH,
    };
    struct k8s_request with_body = request;

    int r = k8s_patch_status(&k8s_pod_status_type, before ? before : &pod->status, after, pod->metadata.uid, &patch, NULL);
    with_body.body = buf_str(&patch);
    with_body.body_len = patch.len;
    if (c->told)
        c->told(c->told_user, pod);
    if (r == 0)
        effect("status patch");
    send(c, r == 0 ? &with_body : NULL, done, user); /* nothing to say: accepted at once */
}

static void remove_object(struct pod_cluster *port, struct k8s_object *object, pod_done_fn done, void *user)
{
    struct cluster_api *c = container_of(port, struct cluster_api, port);
    const struct k8s_object_meta *meta = k8s_object_metadata(object);
    const struct k8s_request request = {
        .verb = K8S_DELETE, .purpose = K8S_FOR_DELETION, .kind = K8S_KIND_POD, .namespace = meta->namespace,
        .name = meta->name,
        .delete_opts = { .grace_seconds = { .has = true, .value = 0 }, .uid = meta->uid },
    };

    effect("delete pod object");
    send(c, &request, done, user);
}

static void event(struct pod_cluster *port, const struct k8s_pod *pod, const struct pod_event *e)
{
    pod_event_send(container_of(port, struct cluster_api, port)->events, pod, e);
}

static void refused(struct pod_cluster *port, const struct k8s_pod *pod, const char *reason, const char *message)
{
    pod_refusal_send(container_of(port, struct cluster_api, port)->events, pod, reason, message);
}

static const struct pod_cluster_ops ops = {
    .has_api = true, .event = event, .refused = refused, .status = status, .remove = remove_object,
};

struct cluster_api *cluster_api_new(struct k8s_client *client, struct events *events, cluster_told_fn told, void *user)
{
    struct cluster_api *c = NEW(struct cluster_api);

    *c = (struct cluster_api){ .port = { .ops = &ops }, .client = client, .events = events, .told = told,
                               .told_user = user };
    list_init(&c->requests);
    return c;
}

struct cluster_api *cluster_api_free(struct cluster_api *c)
{
    struct request *r;

    if (!c)
        return NULL;
    list_each(r, &c->requests, struct request, node) {
        k8s_call_cancel(&r->call);
        loop_defer_stop(&r->soon);
        free(r);
    }
    free(c);
    return NULL;
}

struct pod_cluster *cluster_api_port(struct cluster_api *c)
{
    return &c->port;
}
