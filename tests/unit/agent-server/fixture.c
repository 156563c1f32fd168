/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"

struct question {
    struct list node;
    struct reviewer *reviewer;
    struct loop_timer timer;
    void (*on_token)(void *arg, const struct server_identity *identity, const struct err *err);
    void (*on_access)(void *arg, bool allowed, const struct err *err);
    void *arg;
    bool yes;
};

static void answer(struct loop_timer *t)
{
    struct question *q = container_of(t, struct question, timer);
    static const char *const groups[] = { "writers", "system:authenticated" };
    const struct server_identity ada = { .user = "ada", .uid = "7", .groups = groups, .groups_len = 2,
                                         .extra = q->reviewer->extra };
    struct err err = ERR_INIT;

    if (q->reviewer->broken)
        err_set(&err, -EIO, "nobody there");
    list_remove(&q->node);
    loop_timer_stop(&q->timer);
    if (q->on_token)
        q->on_token(q->arg, q->yes ? &ada : NULL, err.code ? &err : NULL);
    else
        q->on_access(q->arg, q->yes, err.code ? &err : NULL);
    free(q);
}

static struct question *question(struct reviewer *r, void *arg, bool yes)
{
    struct question *q = NEW(struct question);

    q->reviewer = r;
    q->arg = arg;
    q->yes = yes && !r->broken;
    list_push_back(&r->pending, &q->node);
    loop_timer_init(&q->timer, r->loop, "review", answer);
    loop_timer_start(&q->timer, r->delay_ms);
    return q;
}

static void review_token(void *user, const char *token,
                         void (*done)(void *arg, const struct server_identity *identity, const struct err *err), void *arg)
{
    struct reviewer *r = user;

    r->token_questions++;
    question(r, arg, str_eq(token, r->token))->on_token = done;
}

static void review_access(void *user, const struct server_identity *who, const char *verb, const char *subresource,
                          void (*done)(void *arg, bool allowed, const struct err *err), void *arg)
{
    struct reviewer *r = user;
    size_t len = strlen(r->asked);

    r->access_questions++;
    (void)snprintf(r->last_user, sizeof(r->last_user), "%s", who->user);
    (void)snprintf(r->last_extra, sizeof(r->last_extra), "%s",
                   who->extra.len && who->extra.items[0].value.len ? who->extra.items[0].value.items[0] : "");
    r->last_groups[0] = '\0';
    for (size_t i = 0; i < who->groups_len; i++)
        (void)snprintf(r->last_groups + strlen(r->last_groups), sizeof(r->last_groups) - strlen(r->last_groups), "%s,",
                       who->groups[i]);
    (void)snprintf(r->asked + len, sizeof(r->asked) - len, "%s %s;", verb, subresource);
    question(r, arg, r->allowed && (str_eq(r->allowed, "*") || str_eq(r->allowed, subresource)))->on_access = done;
}

static const struct server_auth_ops reviewer_ops = { .review_token = review_token, .review_access = review_access };

static int fake_pods(void *user, struct buf *out)
{
    (void)user;
    return buf_puts(out, "{\"kind\":\"PodList\"}");
}

/* Pod "web" has the containers "app" (DIR/app/0.log), "gone" (a log that is not there) and "quiet" (none yet). */
static int fake_find_log(void *user, const char *ns, const char *pod, const char *container, bool previous,
                         struct server_log *ret, struct err *err)
{
    struct fixture *f = user;

    if (!str_eq(ns, "default") || !str_eq(pod, "web")) {
        err_set(err, -ENOENT, "pod \"%s\" not found", pod);
        return SERVER_NOT_FOUND;
    }
    if (str_eq(container, "quiet")) {
        err_set(err, -EINVAL, "container \"quiet\" in pod \"web\" is waiting to start: ContainerCreating");
        return SERVER_BAD_REQUEST;
    }
    *ret = (struct server_log){ .path = xasprintf("%s/%s/%s", f->dir, container, previous ? "0.old.log" : "0.log"),
                                .token = xstrdup(container) };
    return 0;
}

static bool fake_running(void *user, const char *token)
{
    const struct fixture *f = user;
    (void)token;
    return f->running;
}

static void fake_metrics(void *user, struct buf *out)
{
    (void)user;
    (void)buf_puts(out, "up 1\n");
}

void fixture_setup(struct fixture *f)
{
    *f = (struct fixture){ .dir = "/tmp/agent-server-XXXXXX" };
    assert_non_null(mkdtemp(f->dir));
    f->ca = pki_make(&(struct pki_opts){ .name = "ca", .is_ca = true });
    f->other_ca = pki_make(&(struct pki_opts){ .name = "other", .is_ca = true });
    f->serving = pki_make(&(struct pki_opts){ .name = "node", .purpose = GNUTLS_KP_TLS_WWW_SERVER });
    f->admin = pki_make(&(struct pki_opts){ .name = "admin", .groups = { "ops", "dev" }, .issuer = &f->ca,
                                            .purpose = GNUTLS_KP_TLS_WWW_CLIENT });
    f->stranger = pki_make(&(struct pki_opts){ .name = "admin", .issuer = &f->other_ca, .purpose = GNUTLS_KP_TLS_WWW_CLIENT });
    f->server_only = pki_make(&(struct pki_opts){ .name = "admin", .issuer = &f->ca, .purpose = GNUTLS_KP_TLS_WWW_SERVER });
    f->expired = pki_make(&(struct pki_opts){ .name = "admin", .issuer = &f->ca, .purpose = GNUTLS_KP_TLS_WWW_CLIENT,
                                              .from_s = -7200, .until_s = -3600 });
    f->any_purpose = pki_make(&(struct pki_opts){ .name = "tool", .issuer = &f->ca });
}

void fixture_start(struct fixture *f, const struct server_route *routes, size_t routes_len,
                   void (*change)(struct server_opts *o))
{
    struct err err = ERR_INIT;

    assert_int_equal(loop_new(&f->loop, &err), 0);
    f->running = true;
    f->deps = (struct server_deps){ .user = f, .pods = fake_pods, .find_log = fake_find_log,
                                    .container_running = fake_running, .metrics = fake_metrics };
    f->reviewer = (struct reviewer){ .loop = f->loop, .token = "sesame", .allowed = "*" };
    list_init(&f->reviewer.pending);
    struct server_opts o = {
        .address = "127.0.0.1", .cert_pem = f->serving.cert, .key_pem = f->serving.key, .client_ca_pem = f->ca.cert,
        .auth = &reviewer_ops, .auth_user = &f->reviewer, .token_ttl_ms = 60000, .allow_ttl_ms = 60000,
        .deny_ttl_ms = 60000, .deps = &f->deps, .routes = routes, .routes_len = routes_len,
    };
    if (change)
        change(&o);
    if (server_new(f->loop, &o, &f->server, &err) < 0)
        fail_msg("%s", err.msg);
    assert_true(server_port(f->server) > 0);
}

void fixture_stop(struct fixture *f)
{
    f->server = server_free(f->server);
    while (!list_empty(&f->reviewer.pending)) /* answers that come after the server has gone */
        (void)loop_once(f->loop, 5);
    while (loop_once(f->loop, 0))
        ;
    f->loop = loop_free(f->loop);
}

void fixture_teardown(struct fixture *f)
{
    struct pki_pair *all[] = { &f->ca, &f->other_ca, &f->serving, &f->admin, &f->stranger, &f->server_only, &f->expired,
                               &f->any_purpose };

    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        pki_done(all[i]);
    (void)path_remove_tree(f->dir, NULL);
}

struct answer fixture_ask(struct fixture *f, const struct pki_pair *who, const char *token, const char *method,
                          const char *target)
{
    struct peer p;
    struct answer a;

    if (token)
        peer_start(&p, server_port(f->server), who, "%s %s HTTP/1.1\r\nAuthorization: Bearer %s", method, target, token);
    else
        peer_start(&p, server_port(f->server), who, "%s %s HTTP/1.1", method, target);
    DRIVE(f->loop, p.done);
    a = (struct answer){ .status = peer_status(&p), .body = peer_body(&p) };
    peer_done(&p);
    return a;
}

void fixture_expect(struct fixture *f, const struct pki_pair *who, const char *token, const char *method,
                    const char *target, int status, const char *body)
{
    struct answer a = fixture_ask(f, who, token, method, target);

    if (a.status != status || (body && strcmp(a.body, body) != 0))
        fail_msg("%s %s: %d \"%s\", expected %d \"%s\"", method, target, a.status, a.body, status, body ? body : "...");
    free(a.body);
}
