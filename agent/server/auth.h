/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth.h - who is it, and may it: client certificates, tokens and reviews, with caches. Private to server/.
 */
#pragma once

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/list.h"
#include "base/map.h"
#include "identity.h"
#include "server/server.h"

struct auth {
    gnutls_x509_trust_list_t clients; /* NULL: no certificate is accepted */
    const struct server_auth_ops *ops;
    void *user;
    bool always_allow;
    int64_t token_ttl_ms, allow_ttl_ms, deny_ttl_ms;
    struct list waits;   /* reviews under way */
    struct map tokens;   /* digest of the token → struct auth_token */
    struct map accesses; /* user, groups, verb and subresource → struct auth_access */
};

enum auth_outcome {
    AUTH_YES,
    AUTH_NO,
    AUTH_ERROR, /* of auth_may() alone: nobody could be asked */
    AUTH_WAIT,
};

/* One request's way through the gates. The owner embeds it; on_done is called once for each AUTH_WAIT. */
struct auth_call {
    struct auth *auth;
    void (*on_done)(struct auth_call *c);
    struct auth_identity identity;
    enum auth_outcome answer;
    bool answered;
    struct auth_wait *wait; /* a review under way; outlives the call when that is cancelled */
    size_t subresource;     /* which of the route's is asked about */
};

void auth_init(struct auth *a); /* after the members of configuration are set */
void auth_done(struct auth *a); /* answers that come later are dropped */
/* Replaces the trusted authorities. */
int auth_set_clients(struct auth *a, const char *pem, struct err *err);

void auth_call_done(struct auth_call *c);
/* By the TLS session's client certificate, else by the Authorization header (NULL: none). */
enum auth_outcome auth_who(struct auth_call *c, gnutls_session_t session, const char *authorization);
enum auth_outcome auth_may(struct auth_call *c, const char *verb, const char *subresources);
