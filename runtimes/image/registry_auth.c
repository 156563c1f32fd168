/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authorization is got once for all requests that wait for it. The order in which credentials are
 * tried is that of the list; one moves on when an authorization made from a credential was refused
 * before anything was answered with it. One that has worked and is refused later has run out
 * (tokens live for minutes): it is renewed.
 */
#include <errno.h>
#include <stdio.h>
#include <strings.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "registry_private.h"

#define TOKEN_TIMEOUT_MS 30000

#define REGISTRY_TOKEN_FIELDS(F)                                                                   \
    F(value, const char *, token, "token", 0)                                                      \
    F(value, const char *, access_token, "access_token", 0)
JSON_STRUCT(registry_token, REGISTRY_TOKEN_FIELDS);
JSON_TYPE(registry_token, REGISTRY_TOKEN_FIELDS);

static void next_credential(struct registry *r);

static void wake(struct registry *r, const struct err *err)
{
    struct list ready = LIST_INIT(ready); /* those that are refused again queue anew */
    struct registry_get *g;
    while ((g = list_first(&r->waiting, struct registry_get, waiting))) {
        list_remove(&g->waiting);
        list_push_back(&ready, &g->waiting);
    }
    while ((g = list_first(&ready, struct registry_get, waiting))) {
        list_remove(&g->waiting);
        if (err)
            g->on_done(g, err);
        else
            registry_send(g);
    }
}

static void accept_authorization(struct registry *r, char *authorization)
{
    free(r->authorization);
    r->authorization = authorization;
    r->serial++;
    r->accepted = false;
    wake(r, NULL);
}

static char *basic(const struct rt_auth *a)
{
    AUTO(free) char *plain = xasprintf("%s:%s", str_or(a->username, ""), str_or(a->password, ""));
    AUTO(free) char *encoded = str_base64_encode(plain, strlen(plain));
    return xasprintf("Basic %s", encoded);
}

/* ---- the token server ---- */

static void url_encode(struct buf *b, const char *s)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     strchr("-._~", c);
        (void)buf_printf(b, plain ? "%c" : "%%%02X", c);
    }
}

static void add_pair(struct buf *b, const char *name, const char *value)
{
    if (str_empty(value))
        return;
    (void)buf_printf(b, "%s%s=", b->len ? "&" : "", name);
    url_encode(b, value);
}

static void on_token(struct http_call *c, const struct err *transport)
{
    struct registry *r = container_of(c, struct registry, token_call);
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);
    struct registry_token answer = { .token = NULL };
    struct err err = ERR_INIT;
    int status = http_call_status(c);
    r->authorizing = false;
    if (transport->code) {
        err_copy(&err, transport);
        (void)err_wrap(&err, "failed to authorize: failed to fetch a token");
        wake(r, &err);
        return;
    }
    const struct buf *body = http_call_body(c);
    if (status >= 200 && status < 300) {
        int rc = json_decode(&registry_token_type, body->data ? body->data : "", body->len, NULL,
                             arena, &answer, &err);
        const char *token = str_empty(answer.token) ? answer.access_token : answer.token;
        if (rc == 0 && !str_empty(token) && !strpbrk(token, "\r\n")) {
            accept_authorization(r, xasprintf("Bearer %s", token));
            return;
        }
        (void)err_set(&r->refusal, -EPROTO,
                      "failed to authorize: the token server's answer holds no token");
    } else {
        char said[512];
        registry_message(body, said, sizeof(said));
        (void)err_set(&r->refusal, -EACCES,
                      "failed to authorize: unexpected status from token request to %s: %d%s%s",
                      r->challenge.realm, status, said[0] ? ": server message: " : "", said);
    }
    next_credential(r);
}

/* The host of the token server, or "" when it is not one that may see a credential. */
static void realm_host(const struct registry *r, char *ret, size_t ret_bytes)
{
    const char *realm = r->challenge.realm;
    bool tls = strncasecmp(realm, "https://", 8) == 0,
         plain = strncasecmp(realm, "http://", 7) == 0;
    const char *host = realm + (tls ? 8 : plain ? 7 : strlen(realm));
    (void)snprintf(ret, ret_bytes, "%.*s", (int)strcspn(host, "/?"), host);
    if (plain && !str_eq(r->scheme, "http") && !registry_is_loopback(ret))
        ret[0] = '\0';
}

static int ask_for_token(struct registry *r, const struct rt_auth *a, struct err *err)
{
    struct buf query = BUF_INIT(64 * KIB);
    AUTO(free) char *scope = xasprintf("repository:%s:pull", r->path);
    bool refresh = !str_empty(a->identity_token);
    char host[512];
    realm_host(r, host, sizeof(host));
    if (!host[0])
        return err_set(
            err, -EACCES,
            "failed to authorize: the token server '%s' is not asked: it is not reached over TLS",
            r->challenge.realm);
    if (refresh) {
        add_pair(&query, "grant_type", "refresh_token");
        add_pair(&query, "client_id", "oarsman");
        add_pair(&query, "refresh_token", a->identity_token);
    }
    add_pair(&query, "service", r->challenge.service);
    add_pair(&query, "scope", str_or(r->challenge.scope, scope));
    AUTO(free) char *authorization = !refresh && !str_empty(a->username) ? basic(a) : NULL;
    AUTO(free)
    char *url = refresh ? xstrdup(r->challenge.realm)
                        : xasprintf("%s%s%s", r->challenge.realm,
                                    strchr(r->challenge.realm, '?') ? "&" : "?", buf_str(&query));
    struct http_header type = { "Content-Type", "application/x-www-form-urlencoded" };
    struct http_request request = {
        .method = refresh ? "POST" : "GET",
        .url = url,
        .headers = refresh ? &type : NULL,
        .headers_len = refresh ? 1 : 0,
        .authorization = authorization,
        .tls = str_eq(host, r->host) ? r->tls : NULL,
        .body = refresh ? buf_str(&query) : NULL,
        .body_len = refresh ? query.len : 0,
        .total_timeout_ms = TOKEN_TIMEOUT_MS,
        .redirects_max = refresh ? 0 : 3,
        .body_max_bytes = 256 * KIB,
    };
    http_call_init(&r->token_call, NULL, NULL, on_token);
    int rc = http_call_start(&r->token_call, r->pool, &request, err);
    r->authorizing = rc == 0;
    buf_done(&query);
    return rc;
}

/* ---- which credential ---- */

static void next_credential(struct registry *r)
{
    while (r->next_auth < r->auths_len) {
        const struct rt_auth *a = &r->auths[r->next_auth++];
        struct err err = ERR_INIT;
        if (r->challenge.kind == CHALLENGE_BASIC && !str_empty(a->username)) {
            accept_authorization(r, basic(a));
            return;
        }
        if (r->challenge.kind != CHALLENGE_BEARER)
            continue;
        if (!str_empty(a->registry_token) && !strpbrk(a->registry_token, "\r\n")) {
            accept_authorization(r, xasprintf("Bearer %s", a->registry_token));
            return;
        }
        if (ask_for_token(r, a, &err) == 0)
            return;
        err_copy(&r->refusal, &err);
    }
    r->next_auth = 0; /* a later request starts again */
    r->serial++;
    free(TAKE_PTR(r->authorization));
    struct err err = r->refusal;
    wake(r, &err);
}

void registry_authorize(struct registry_get *g, const char *www_authenticate,
                        const struct err *refusal)
{
    struct registry *r = g->registry;
    if (g->serial != r->serial) { /* somebody has got a newer authorization meanwhile */
        registry_send(g);
        return;
    }
    list_push_back(&r->waiting, &g->waiting);
    if (r->authorizing)
        return;
    struct challenge c;
    challenge_parse(www_authenticate, &c);
    if (c.kind != CHALLENGE_NONE)
        r->challenge = c;
    if (!r->refusal.code || r->authorization)
        err_copy(&r->refusal, refusal);
    if (r->accepted && r->next_auth > 0)
        r->next_auth--; /* it has worked: get it anew */
    r->accepted = false;
    next_credential(r);
}
