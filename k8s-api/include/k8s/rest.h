/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rest.h - one typed request to the API server and its typed outcome.
 *
 *   struct k8s_call call;                                   embedded in its owner
 *   k8s_call_init(&call, on_done);
 *   r = k8s_call_start(&call, client, &(struct k8s_request){ .verb = K8S_GET, .kind = K8S_KIND_NODE, .name = n }, err);
 *
 * on_done comes exactly once, on the loop, never inside k8s_call_start(), and never after k8s_call_cancel(). In it
 * the owner may be freed and the call may be started anew.
 *
 * An answer 429, or one of 5xx that says Retry-After, is tried again by itself after that time while the request's
 * timeout allows it. Nothing else is repeated here: whether a failure may be tried again is the caller's knowledge.
 * Who writes to the API says so with effect() (base/effect.h) himself: a heartbeat is no step, a deletion is one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "k8s/client.h"
#include "k8s/kinds.h"
#include "k8s/object.h"
#include "k8s/status.h"

enum k8s_outcome {
    K8S_OK,
    K8S_NOT_FOUND,         /* 404 */
    K8S_ALREADY_EXISTS,    /* 409, reason AlreadyExists */
    K8S_CONFLICT,          /* 409: another version or uid than the one named */
    K8S_GONE,              /* 410: the resourceVersion or continue token has expired */
    K8S_UNAUTHORIZED,      /* 401 */
    K8S_FORBIDDEN,         /* 403 */
    K8S_INVALID,           /* 400, 422 */
    K8S_TOO_MANY_REQUESTS, /* 429, and the timeout forbade to wait */
    K8S_SERVER_ERROR,      /* 5xx */
    K8S_REFUSED,           /* any other status */
    K8S_UNREACHABLE,       /* no complete answer: connection, certificates, timeout */
    K8S_BAD_ANSWER,        /* an answer that is not what the API promises */
    K8S_OUTCOME_NR,
};
const char *k8s_outcome_str(enum k8s_outcome o); /* "NotFound" … */

/* All of it borrowed during on_done; k8s_object_ref() keeps the object. */
struct k8s_result {
    enum k8s_outcome outcome;
    int http_status;           /* 0: unreachable */
    struct k8s_object *object; /* of the kind asked for; NULL unless K8S_OK (and for a Status as answer to a deletion) */
    const struct k8s_status *status; /* of a failure, if the server sent one */
    int64_t retry_after_ms;          /* -1: not said */
    struct err err;                  /* code 0 when K8S_OK; one line: `pods "web" not found`; err.reason NULL */
};

enum k8s_verb { K8S_GET, K8S_CREATE, K8S_UPDATE, K8S_PATCH, K8S_DELETE };
enum k8s_patch_type { K8S_STRATEGIC_MERGE_PATCH, K8S_MERGE_PATCH, K8S_JSON_PATCH };

struct k8s_delete_opts {
    struct opt_i64 grace_seconds;
    const char *uid;              /* precondition; NULL: none */
    const char *resource_version; /* precondition; NULL: none */
    const char *propagation;      /* "Background", "Foreground", "Orphan"; NULL: the server's default */
};

/* Borrowed during k8s_call_start(). */
struct k8s_request {
    enum k8s_verb verb;
    enum k8s_purpose purpose;
    enum k8s_kind_id kind; /* of the answer, and of object */
    /* Where it differs from the kind's: TokenRequest is posted to v1 serviceaccounts/NAME/token. */
    const char *api_version, *resource;
    const char *namespace;   /* NULL: cluster scope */
    const char *name;        /* NULL: only for K8S_CREATE */
    const char *subresource; /* "status", "token", …; NULL: none */
    const void *object;      /* to create or update: a struct of the kind's type */
    const char *body;        /* instead of object, and for patches: JSON */
    size_t body_len;
    enum k8s_patch_type patch_type;
    struct k8s_delete_opts delete_opts;
    const char *query;  /* further parameters, already escaped: "resourceVersion=0"; NULL: none */
    int64_t timeout_ms; /* of all tries together; 0: that of the purpose */
};

struct k8s_call;
typedef void (*k8s_done_fn)(struct k8s_call *c, const struct k8s_result *result);
struct k8s_call {
    k8s_done_fn fn;
    void *impl; /* private; NULL: not running */
};
void k8s_call_init(struct k8s_call *c, k8s_done_fn fn);
/* 0, or -EINVAL (a name that cannot stand in a URL), -E2BIG (a body beyond LIMIT_K8S_OBJECT_BYTES): no on_done then. */
int k8s_call_start(struct k8s_call *c, struct k8s_client *client, const struct k8s_request *request, struct err *err);
void k8s_call_cancel(struct k8s_call *c); /* also when not running */
bool k8s_call_running(const struct k8s_call *c);
