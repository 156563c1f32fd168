/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry.h - one repository of one registry, over HTTP: whatever stands between "give me this"
 * and its bytes.
 *
 * What is learned on the way is kept for the next request: whether the registry speaks TLS, which
 * credential it takes, the token it gave. When it asks for authorization (401), all requests that
 * were refused wait for one authorization and go again; a credential that was refused is followed
 * by the next one.
 *
 * Spec: OCI distribution specification; docker token authentication
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/http.h"
#include "base/list.h"
#include "rt/image_ref.h"
#include "rt/runtime.h"

struct loop;
struct registry;

struct registry_opts { /* all copied but the pool, which must live longer; it has http1_only */
    struct http_pool *pool;
    const struct rt_image_ref *ref;
    const struct rt_auths *auths;
    bool plain_http;
    struct http_tls *tls; /* whom to trust; NULL: the system's. One reference more is taken */
};
struct registry *registry_new(const struct registry_opts *opts);
struct registry *
registry_free(struct registry *r); /* NULL. All its requests are done or cancelled */
DEFINE_CLEANUP(struct registry *, registry_free)

/* Does this host ([host]:port) mean this machine? Then plain HTTP is tried when TLS fails. Pure. */
bool registry_is_loopback(const char *host);

struct registry_get;
typedef enum http_data (*registry_data_fn)(struct registry_get *g, const void *data, size_t len);
/* err NULL: a 2xx answer has come completely. Else -ENOENT (404), -EACCES (not allowed), -EAGAIN
 * (try again later), -EPROTO (any other answer), or what http.h says of the transport. */
typedef void (*registry_done_fn)(struct registry_get *g, const struct err *err);

struct registry_get {
    struct registry *registry;
    registry_data_fn on_data; /* NULL: the body is collected, up to body_max_bytes */
    registry_done_fn on_done;
    size_t body_max_bytes;
    /* private */
    struct http_call call;
    struct list waiting; /* for authorization */
    char *path, *accept;
    uint64_t from_byte;
    unsigned serial, tries; /* of the authorization it was sent with */
    struct buf refusal;     /* body of an answer that is not 2xx */
};
void registry_get_init(struct registry_get *g, struct registry *r, registry_data_fn on_data,
                       registry_done_fn on_done, size_t body_max_bytes);
/* path: below the repository ("manifests/latest", "blobs/sha256:…"). 0: on_done will come; < 0: it
 * will not. */
int registry_get_start(struct registry_get *g, const char *path, const char *accept,
                       uint64_t from_byte, struct err *err);
void registry_get_cancel(
    struct registry_get *g); /* frees; also when not started. No on_done after it */
void registry_get_resume(struct registry_get *g); /* after HTTP_DATA_PAUSE */
/* While on_data and on_done run. */
int registry_get_status(const struct registry_get *g);
const char *registry_get_header(const struct registry_get *g, const char *name);
struct buf *registry_get_body(const struct registry_get *g);
