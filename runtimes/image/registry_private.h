/* SPDX-License-Identifier: Apache-2.0 */
/* registry_private.h - shared by registry.c (requests) and registry_auth.c (what makes them
 * accepted). */
#pragma once

#include "base/arena.h"
#include "challenge.h"
#include "registry.h"

struct registry {
    struct http_pool *pool;
    struct arena *arena; /* of the credentials */
    struct rt_auth *auths;
    size_t auths_len; /* at least one; one that is all NULL is anonymous */
    char *host, *path, *text;
    const char *scheme;
    struct http_tls *tls;
    bool may_fall_back; /* from TLS to plain HTTP */

    char *authorization; /* NULL: none yet */
    unsigned serial;  /* of the authorization, to tell whether a refused request knew the newest */
    bool accepted;    /* something was answered with it */
    size_t next_auth; /* credential to try next */
    bool authorizing; /* its call is in flight */
    struct challenge challenge;
    struct http_call token_call;
    struct list waiting; /* struct registry_get */
    struct err refusal;  /* the last one */
};

void registry_send(
    struct registry_get *g); /* ends in on_done, also at once when it cannot be sent */

/* Takes g, whose answer was 401 or 403, and sends or fails it later. refusal: what the registry
 * said. */
void registry_authorize(struct registry_get *g, const char *www_authenticate,
                        const struct err *refusal);

/* "denied: requested access … is denied" out of the JSON that registries answer with; "" when there
 * is none. */
void registry_message(const struct buf *body, char *ret, size_t ret_bytes);
