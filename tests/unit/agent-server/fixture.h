/* SPDX-License-Identifier: Apache-2.0 */
/* fixture.h - a whole server on loopback, with authorities, clients and a fake API server to ask. */
#pragma once

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/str.h"
#include "peer.h"
#include "server/server.h"

/* What the fake API server answers, and what it was asked. */
struct reviewer {
    struct loop *loop;
    int64_t delay_ms;
    bool broken;              /* cannot be asked */
    const char *token;        /* that is somebody's: "ada" of group "writers" */
    const char *allowed;      /* the one subresource that is allowed; NULL: none; "*": all */
    struct json_multimap extra; /* of ada */
    unsigned token_questions, access_questions;
    char last_extra[64]; /* the first value of the first */
    char last_user[64], last_groups[256], asked[256]; /* asked: "verb subresource;…" */
    struct list pending;
};

struct fixture {
    struct loop *loop;
    struct pki_pair ca, other_ca, serving, admin, stranger, server_only, expired, any_purpose;
    struct reviewer reviewer;
    struct server *server;
    struct server_deps deps;
    char dir[32];
    bool running; /* what container_running() says */
};

/* The certificates are made once for all tests of a program. */
void fixture_setup(struct fixture *f);
void fixture_start(struct fixture *f, const struct server_route *routes, size_t routes_len,
                   void (*change)(struct server_opts *o));
void fixture_stop(struct fixture *f); /* the server alone */
void fixture_teardown(struct fixture *f);

struct answer {
    int status;
    char *body; /* owned */
};
/* One request. token: NULL: none. */
struct answer fixture_ask(struct fixture *f, const struct pki_pair *who, const char *token, const char *method,
                          const char *target);
/* Asks and compares. body: NULL: any. */
void fixture_expect(struct fixture *f, const struct pki_pair *who, const char *token, const char *method,
                    const char *target, int status, const char *body);
#define ASSERT_ANSWER(f, who, token, method, target, status, body)                                \
    fixture_expect((f), (who), (token), (method), (target), (status), (body))
