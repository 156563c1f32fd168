/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth.c - the gates.
 *
 * A certificate counts when it chains to the trusted authorities and is meant for clients: its common name is
 * the user, its organisations are the groups. A token is shown to the API server. Answers are kept for as long
 * as the configuration says; a token is kept as its digest only. "Could not be asked" is a no that is not kept.
 */
#include "auth.h"

#include <errno.h>
#include <gnutls/crypto.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

struct auth_token {
    struct auth_identity identity; /* user NULL: nobody's */
    int64_t until_boot_ms;
};
struct auth_access {
    bool allowed;
    int64_t until_boot_ms;
};

/* A review under way: what its answer is kept under, and the call that waits (NULL: it has gone). */
struct auth_wait {
    struct list node;
    struct auth *auth; /* NULL: it has gone too */
    struct auth_call *call;
    char *key;
    char *verb, *subresources;
};

static void token_free(struct auth_token *t)
{
    identity_done(&t->identity);
    free(t);
}

static void clear_tokens(struct auth *a, bool all)
{
    const char *key;
    void *value;

    for (size_t i = 0; map_next(&a->tokens, &i, &key, &value);)
        if (all || ((struct auth_token *)value)->until_boot_ms < clock_boot_ms())
            token_free(map_remove(&a->tokens, key));
}

static void clear_accesses(struct auth *a, bool all)
{
    const char *key;
    void *value;

    for (size_t i = 0; map_next(&a->accesses, &i, &key, &value);)
        if (all || ((struct auth_access *)value)->until_boot_ms < clock_boot_ms())
            free(map_remove(&a->accesses, key));
}

void auth_init(struct auth *a)
{
    list_init(&a->waits);
}

void auth_done(struct auth *a)
{
    struct auth_wait *w;

    list_each(w, &a->waits, struct auth_wait, node) {
        list_remove(&w->node);
        w->auth = NULL;
        w->call = NULL;
    }
    clear_tokens(a, true);
    clear_accesses(a, true);
    map_done(&a->tokens);
    map_done(&a->accesses);
    if (a->clients)
        gnutls_x509_trust_list_deinit(a->clients, 1);
    a->clients = NULL;
}

int auth_set_clients(struct auth *a, const char *pem, struct err *err)
{
    gnutls_x509_trust_list_t list;
    const gnutls_datum_t datum = { .data = (unsigned char *)pem, .size = (unsigned)strlen(pem) };

    if (gnutls_x509_trust_list_init(&list, 0) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    int n = gnutls_x509_trust_list_add_trust_mem(list, &datum, NULL, GNUTLS_X509_FMT_PEM, 0, 0);
    if (n <= 0) {
        gnutls_x509_trust_list_deinit(list, 1);
        return err_set(err, -EINVAL, "no certificate in it: %s", n < 0 ? gnutls_strerror(n) : "it is empty");
    }
    if (a->clients)
        gnutls_x509_trust_list_deinit(a->clients, 1);
    a->clients = list;
    return 0;
}

void auth_call_done(struct auth_call *c)
{
    if (c->wait)
        c->wait->call = NULL;
    c->wait = NULL;
    identity_done(&c->identity);
}

/* ---- certificates ---- */

static char *name_part(gnutls_x509_crt_t crt, const char *oid, unsigned index)
{
    char text[LIMIT_CERT_NAME_BYTES];
    size_t len = sizeof(text);

    if (gnutls_x509_crt_get_dn_by_oid(crt, oid, index, 0, text, &len) < 0 || strlen(text) != len)
        return NULL; /* also a name that would look shorter than it is */
    return xstrndup(text, len);
}

static bool is_for_clients(gnutls_x509_crt_t crt)
{
    char oid[64];

    for (unsigned i = 0;; i++) {
        size_t len = sizeof(oid);
        int r = gnutls_x509_crt_get_key_purpose_oid(crt, i, oid, &len, NULL);
        if (r < 0)
            return i == 0; /* none is named: meant for anything */
        if (str_eq(oid, GNUTLS_KP_TLS_WWW_CLIENT) || str_eq(oid, GNUTLS_KP_ANY))
            return true;
    }
}

static bool is_trusted(struct auth *a, gnutls_x509_crt_t *chain, unsigned len)
{
    unsigned verdict = 0;

    return gnutls_x509_trust_list_verify_crt(a->clients, chain, len, 0, &verdict, NULL) == 0 && verdict == 0 &&
           is_for_clients(chain[0]);
}

static bool identity_of(struct auth_identity *identity, gnutls_x509_crt_t crt)
{
    char *group;

    identity_done(identity);
    identity->user = name_part(crt, GNUTLS_OID_X520_COMMON_NAME, 0);
    identity->groups = strv_new();
    for (unsigned i = 0; (group = name_part(crt, GNUTLS_OID_X520_ORGANIZATION_NAME, i)) != NULL; i++) {
        strv_push(&identity->groups, group);
        free(group);
    }
    strv_push(&identity->groups, "system:authenticated");
    return !str_empty(identity->user);
}

static bool who_by_certificate(struct auth_call *c, gnutls_session_t session)
{
    gnutls_x509_crt_t chain[LIMIT_CERT_CHAIN];
    unsigned len = 0, made = 0;
    const gnutls_datum_t *raw = session ? gnutls_certificate_get_peers(session, &len) : NULL;
    bool known = false;

    if (!raw || !len || len > LIMIT_CERT_CHAIN || !c->auth->clients)
        return false;
    while (made < len && gnutls_x509_crt_init(&chain[made]) == 0) {
        made++;
        if (gnutls_x509_crt_import(chain[made - 1], &raw[made - 1], GNUTLS_X509_FMT_DER) < 0)
            break;
        if (made == len)
            known = is_trusted(c->auth, chain, len) && identity_of(&c->identity, chain[0]);
    }
    while (made)
        gnutls_x509_crt_deinit(chain[--made]);
    return known;
}

/* ---- tokens ---- */

static char *digest_of(const char *text)
{
    unsigned char digest[32];
    char hex[2 * sizeof(digest) + 1];

    if (gnutls_hash_fast(GNUTLS_DIG_SHA256, text, strlen(text), digest) < 0)
        abort(); /* a library without SHA-256 has refused TLS long before */
    str_hex(digest, sizeof(digest), hex);
    return xstrdup(hex);
}

static struct auth_wait *wait_new(struct auth_call *c, const char *key)
{
    struct auth_wait *w = NEW(struct auth_wait);

    *w = (struct auth_wait){ .auth = c->auth, .call = c, .key = xstrdup(key) };
    list_push_back(&c->auth->waits, &w->node);
    c->wait = w;
    return w;
}

/* Gives the answer to the call, if it is still there, and ends the wait. */
static void wait_answer(struct auth_wait *w, enum auth_outcome answer)
{
    struct auth_call *c = w->call;

    list_remove(&w->node);
    free(w->key);
    free(w->verb);
    free(w->subresources);
    free(w);
    if (!c)
        return;
    c->wait = NULL;
    c->answer = answer;
    c->answered = true;
    c->on_done(c);
}

/* identity: NULL: nobody. What does not fit is nobody, too. */
static const struct auth_token *keep_token(struct auth *a, const char *key, const struct server_identity *identity)
{
    struct auth_token *t = NEW(struct auth_token), *old;

    if (map_len(&a->tokens) >= LIMIT_AUTH_CACHE)
        clear_tokens(a, false);
    if (map_len(&a->tokens) >= LIMIT_AUTH_CACHE)
        clear_tokens(a, true);
    t->until_boot_ms = clock_boot_ms() + a->token_ttl_ms;
    if (identity)
        (void)identity_take(identity, &t->identity);
    old = map_put(&a->tokens, key, t);
    if (old)
        token_free(old);
    return t;
}

static void on_token(void *arg, const struct server_identity *identity, const struct err *err)
{
    struct auth_wait *w = arg;
    const struct auth_token *t = !err && w->auth ? keep_token(w->auth, w->key, identity) : NULL;
    bool known = t && t->identity.user;

    if (known && w->call)
        identity_copy(&w->call->identity, &t->identity);
    wait_answer(w, known ? AUTH_YES : AUTH_NO);
}

static enum auth_outcome who_by_token(struct auth_call *c, const char *token)
{
    struct auth *a = c->auth;
    AUTO(free) char *key = digest_of(token);
    struct auth_token *t = map_get(&a->tokens, key);

    if (t && t->until_boot_ms > clock_boot_ms()) {
        if (!t->identity.user)
            return AUTH_NO;
        identity_copy(&c->identity, &t->identity);
        return AUTH_YES;
    }
    if (!a->ops)
        return AUTH_NO;
    a->ops->review_token(a->user, token, on_token, wait_new(c, key));
    return AUTH_WAIT;
}

enum auth_outcome auth_who(struct auth_call *c, gnutls_session_t session, const char *authorization)
{
    if (c->answered) {
        c->answered = false;
        return c->answer;
    }
    if (who_by_certificate(c, session))
        return AUTH_YES;
    if (!authorization || strncasecmp(authorization, "Bearer ", 7) || str_empty(authorization + 7))
        return AUTH_NO;
    return who_by_token(c, authorization + 7);
}

/* ---- access ---- */

/* With its length, so that no name can look like two parts. */
static void add_key_part(struct buf *key, const char *part)
{
    (void)buf_printf(key, "%zu:%s\n", strlen(part), part);
}

/* NULL: an identity larger than any that we keep. */
static char *access_key(const struct auth_identity *i, const char *verb, const char *subresource)
{
    AUTO(buf_done) struct buf key = BUF_INIT(64 * KIB);

    add_key_part(&key, verb);
    add_key_part(&key, subresource);
    add_key_part(&key, i->user);
    add_key_part(&key, str_or(i->uid, ""));
    for (char **g = i->groups; g && *g; g++)
        add_key_part(&key, *g);
    for (size_t x = 0; x < i->extra.len; x++) {
        const struct json_strings_pair *pair = &i->extra.items[x];
        (void)buf_printf(&key, "=%zu ", pair->value.len); /* no group looks like it */
        add_key_part(&key, pair->key);
        for (size_t v = 0; v < pair->value.len; v++)
            add_key_part(&key, pair->value.items[v]);
    }
    return buf_failed(&key) ? NULL : digest_of(buf_str(&key));
}

static void keep_access(struct auth *a, const char *key, bool allowed)
{
    struct auth_access *x = NEW(struct auth_access);

    if (map_len(&a->accesses) >= LIMIT_AUTH_CACHE)
        clear_accesses(a, false);
    if (map_len(&a->accesses) >= LIMIT_AUTH_CACHE)
        clear_accesses(a, true);
    *x = (struct auth_access){ .allowed = allowed,
                               .until_boot_ms = clock_boot_ms() + (allowed ? a->allow_ttl_ms : a->deny_ttl_ms) };
    free(map_put(&a->accesses, key, x));
}

static enum auth_outcome ask(struct auth_call *c, const char *verb, const char *subresources);

static void on_access(void *arg, bool allowed, const struct err *err)
{
    struct auth_wait *w = arg;
    struct auth_call *c = w->call;

    if (!err && w->auth)
        keep_access(w->auth, w->key, allowed);
    if (c && !allowed && !err) { /* perhaps by the next of the subresources */
        c->subresource++;
        c->wait = NULL;
        enum auth_outcome outcome = ask(c, w->verb, w->subresources);
        if (outcome == AUTH_WAIT) {
            w->call = NULL;
            wait_answer(w, AUTH_NO);
            return;
        }
        c->wait = w;
        allowed = outcome == AUTH_YES;
    }
    wait_answer(w, err ? AUTH_ERROR : allowed ? AUTH_YES : AUTH_NO);
}

static enum auth_outcome ask(struct auth_call *c, const char *verb, const char *subresources)
{
    struct auth *a = c->auth;
    AUTO(strv_free) char **names = strv_split(subresources, '|');

    for (; c->subresource < strv_len(names); c->subresource++) {
        AUTO(free) char *key = access_key(&c->identity, verb, names[c->subresource]);
        if (!key)
            return AUTH_NO;
        struct auth_access *x = map_get(&a->accesses, key);
        if (x && x->until_boot_ms > clock_boot_ms()) {
            if (x->allowed)
                return AUTH_YES;
            continue;
        }
        struct auth_wait *w = wait_new(c, key);
        w->verb = xstrdup(verb);
        w->subresources = xstrdup(subresources);
        const struct server_identity who = identity_told(&c->identity);
        a->ops->review_access(a->user, &who, verb, names[c->subresource], on_access, w);
        return AUTH_WAIT;
    }
    return AUTH_NO;
}

enum auth_outcome auth_may(struct auth_call *c, const char *verb, const char *subresources)
{
    if (c->answered) {
        c->answered = false;
        return c->answer;
    }
    if (!subresources || c->auth->always_allow || !c->auth->ops)
        return AUTH_YES;
    c->subresource = 0;
    return ask(c, verb, subresources);
}
