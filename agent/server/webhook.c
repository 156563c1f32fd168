/* SPDX-License-Identifier: Apache-2.0 */
#include "server/webhook.h"

#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/rest.h"
#include "k8s/subject_access_review.h"
#include "k8s/token_review.h"

enum { REVIEW_TIMEOUT_MS = 10000 };

struct webhook {
    struct k8s_client *client;
    char *node_name;
    bool tokens;
    struct list questions;
};

struct question {
    struct list node;
    struct k8s_call call;
    struct loop_defer soon; /* an answer that needs no asking, still not from within the question */
    struct err err;
    void (*on_token)(void *arg, const struct server_identity *identity, const struct err *err);
    void (*on_access)(void *arg, bool allowed, const struct err *err);
    void *arg;
};

static void question_free(struct question *q)
{
    k8s_call_cancel(&q->call);
    loop_defer_stop(&q->soon);
    list_remove(&q->node);
    free(q);
}

static void fail(struct question *q, const struct err *err)
{
    if (q->on_token)
        q->on_token(q->arg, NULL, err->code ? err : NULL);
    else
        q->on_access(q->arg, false, err->code ? err : NULL);
    question_free(q);
}

static void on_soon(struct loop_defer *d)
{
    struct question *q = container_of(d, struct question, soon);
    fail(q, &q->err);
}

static void on_token_review(struct k8s_call *c, const struct k8s_result *result)
{
    struct question *q = container_of(c, struct question, call);
    const struct k8s_token_review *review = K8S_OBJECT_AS(result->object, k8s_token_review);

    if (!review) {
        fail(q, &result->err);
        return;
    }
    const struct k8s_user_info *user = &review->status.user;
    const struct server_identity identity = { .user = user->username, .uid = user->uid, .groups = user->groups.items,
                                              .groups_len = user->groups.len, .extra = user->extra };
    bool known = review->status.authenticated && !str_empty(user->username);
    q->on_token(q->arg, known ? &identity : NULL, NULL);
    question_free(q);
}

static void on_access_review(struct k8s_call *c, const struct k8s_result *result)
{
    struct question *q = container_of(c, struct question, call);
    const struct k8s_subject_access_review *review = K8S_OBJECT_AS(result->object, k8s_subject_access_review);

    if (!review) {
        fail(q, &result->err);
        return;
    }
    q->on_access(q->arg, review->status.allowed && !review->status.denied, NULL);
    question_free(q);
}

static struct question *question_new(struct webhook *w, k8s_done_fn done, void *arg)
{
    struct question *q = NEW(struct question);

    q->arg = arg;
    k8s_call_init(&q->call, done);
    loop_defer_init(&q->soon, k8s_client_loop(w->client), "webhook", on_soon);
    list_push_back(&w->questions, &q->node);
    return q;
}

static void ask(struct webhook *w, struct question *q, enum k8s_kind_id kind, const void *object)
{
    const struct k8s_request request = { .verb = K8S_CREATE, .kind = kind, .object = object,
                                         .timeout_ms = REVIEW_TIMEOUT_MS };

    if (k8s_call_start(&q->call, w->client, &request, &q->err) < 0)
        loop_defer_start(&q->soon);
}

static void review_token(void *user, const char *token,
                         void (*done)(void *arg, const struct server_identity *identity, const struct err *err),
                         void *arg)
{
    struct webhook *w = user;
    struct question *q = question_new(w, on_token_review, arg);
    const struct k8s_token_review review = { .api_version = "authentication.k8s.io/v1", .kind = "TokenReview",
                                             .spec = { .token = token } };

    q->on_token = done;
    if (w->tokens)
        ask(w, q, K8S_KIND_TOKEN_REVIEW, &review);
    else
        loop_defer_start(&q->soon);
}

static void review_access(void *user, const struct server_identity *identity, const char *verb, const char *subresource,
                          void (*done)(void *arg, bool allowed, const struct err *err), void *arg)
{
    struct webhook *w = user;
    struct question *q = question_new(w, on_access_review, arg);
    const struct k8s_resource_attributes attributes = { .verb = verb, .version = "v1", .resource = "nodes",
                                                        .subresource = subresource, .name = w->node_name };
    const struct k8s_subject_access_review review = {
        .api_version = "authorization.k8s.io/v1", .kind = "SubjectAccessReview",
        .spec = { .resource_attributes = &attributes, .user = identity->user, .uid = identity->uid,
                  .groups = { .items = identity->groups, .len = identity->groups_len }, .extra = identity->extra },
    };

    q->on_access = done;
    ask(w, q, K8S_KIND_SUBJECT_ACCESS_REVIEW, &review);
}

const struct server_auth_ops webhook_auth_ops = { .review_token = review_token, .review_access = review_access };

struct webhook *webhook_new(struct k8s_client *client, const char *node_name, bool tokens)
{
    struct webhook *w = NEW(struct webhook);

    *w = (struct webhook){ .client = client, .node_name = xstrdup(node_name), .tokens = tokens };
    list_init(&w->questions);
    return w;
}

struct webhook *webhook_free(struct webhook *w)
{
    struct question *q;
    struct err err = ERR_INIT;

    if (!w)
        return NULL;
    err_set(&err, -ECANCELED, "the agent is stopping");
    while ((q = list_first(&w->questions, struct question, node)) != NULL)
        fail(q, &err);
    free(w->node_name);
    free(w);
    return NULL;
}
