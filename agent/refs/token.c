/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.c - TokenRequests.
 *
 * A token is asked for again after 80 % of its life, or a day: until the new one has come the old one serves. Right
 * after a binding the server may not know yet that the pod is ours: 403 and 404 are tried again for a second.
 */
#include "token.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/rest.h"
#include "k8s/token_request.h"

enum { QUIET_MS = 1000, QUIET_RETRY_MS = 50, FAILED_RETRY_MS = 1000, DAY_S = 86400 };

struct token {
    struct list node;
    struct k8s_client *client;
    char *namespace_, *account, *pod_name, *pod_uid, *audience;
    int64_t expiration_s;
    struct k8s_object *object;
    int64_t renew_boot_ns;
    struct err err;
    int64_t asked_boot_ms; /* when this try began */
    struct k8s_call call;
    struct loop_timer retry;
    void (*changed)(void *user);
    void *user;
};

static void ask(struct token *t);

static int64_t renew_after_ns(const struct k8s_token_request *request, int64_t expiration_s)
{
    int64_t life_ns = request->status.expiration_timestamp.has
                          ? request->status.expiration_timestamp.unix_ns - clock_wall_ns()
                          : expiration_s * NS_PER_S;
    int64_t after_ns = life_ns / 5 * 4;

    return after_ns < DAY_S * NS_PER_S ? after_ns : DAY_S * NS_PER_S;
}

static void on_retry(struct loop_timer *timer)
{
    ask(container_of(timer, struct token, retry));
}

static void on_answer(struct k8s_call *c, const struct k8s_result *result)
{
    struct token *t = container_of(c, struct token, call);
    const struct k8s_token_request *request = K8S_OBJECT_AS(result->object, k8s_token_request);
    bool lagging = result->outcome == K8S_FORBIDDEN || result->outcome == K8S_NOT_FOUND;

    if (request) {
        k8s_object_unref(t->object);
        t->object = k8s_object_ref(result->object);
        t->renew_boot_ns = clock_boot_ns() + renew_after_ns(request, t->expiration_s);
        err_clear(&t->err);
    } else if (lagging && clock_boot_ms() - t->asked_boot_ms < QUIET_MS) {
        loop_timer_start(&t->retry, QUIET_RETRY_MS);
        return;
    } else {
        err_copy(&t->err, &result->err);
    }
    t->changed(t->user);
}

static void ask(struct token *t)
{
    const struct k8s_bound_object_reference bound = { .kind = "Pod", .api_version = "v1", .name = t->pod_name,
                                                      .uid = t->pod_uid };
    const char *const audiences[] = { t->audience };
    const struct k8s_token_request object = {
        .api_version = "authentication.k8s.io/v1", .kind = "TokenRequest",
        .spec = { .audiences = { .items = audiences, .len = t->audience ? 1 : 0 },
                  .expiration_seconds = { .has = true, .value = t->expiration_s },
                  .bound_object_ref = &bound },
    };
    const struct k8s_request request = {
        .verb = K8S_CREATE, .kind = K8S_KIND_TOKEN_REQUEST, .api_version = "v1", .resource = "serviceaccounts",
        .namespace = t->namespace_, .name = t->account, .subresource = "token", .object = &object,
    };

    if (!k8s_call_running(&t->call))
        (void)k8s_call_start(&t->call, t->client, &request, &t->err);
}

static struct token *find(struct list *tokens, const struct reference *ref)
{
    struct token *t;

    list_each(t, tokens, struct token, node) {
        if (str_eq(t->audience, ref->audience) && t->expiration_s == ref->expiration_s)
            return t;
    }
    return NULL;
}

struct token *token_get(struct list *tokens, struct k8s_client *client, const struct k8s_pod *pod,
                        const struct reference *ref, void (*changed)(void *user), void *user)
{
    struct token *t = find(tokens, ref);
    int64_t now_ms = clock_boot_ms();

    if (!t) {
        t = NEW(struct token);
        *t = (struct token){
            .client = client, .namespace_ = xstrdup(pod->metadata.namespace), .pod_name = xstrdup(pod->metadata.name),
            .pod_uid = xstrdup(pod->metadata.uid), .audience = xstrdup(ref->audience),
            .account = xstrdup(str_or(pod->spec.service_account_name, "default")), .expiration_s = ref->expiration_s,
            .changed = changed, .user = user,
        };
        k8s_call_init(&t->call, on_answer);
        loop_timer_init(&t->retry, k8s_client_loop(client), "token", on_retry);
        list_push_back(tokens, &t->node);
    } else if (k8s_call_running(&t->call) || loop_timer_running(&t->retry) ||
               (t->object && clock_boot_ns() < t->renew_boot_ns) ||
               (t->err.code && now_ms - t->asked_boot_ms < FAILED_RETRY_MS)) {
        return t;
    }
    err_clear(&t->err);
    t->asked_boot_ms = now_ms;
    ask(t);
    return t;
}

struct k8s_object *token_object(const struct token *t)
{
    return t->object;
}

const struct err *token_error(const struct token *t)
{
    return t->err.code ? &t->err : NULL;
}

void tokens_free(struct list *tokens)
{
    struct token *t;

    list_each(t, tokens, struct token, node) {
        k8s_call_cancel(&t->call);
        loop_timer_stop(&t->retry);
        k8s_object_unref(t->object);
        list_remove(&t->node);
        free(t->namespace_);
        free(t->account);
        free(t->pod_name);
        free(t->pod_uid);
        free(t->audience);
        free(t);
    }
}
