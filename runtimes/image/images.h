/* SPDX-License-Identifier: Apache-2.0 */
/* images.h - the service as a whole: what stands behind struct rt_images. Shared by images.c,
 * asking.c and load.c. */
#pragma once

#include "base/http.h"
#include "base/list.h"
#include "platform.h"
#include "pull.h"
#include "rt/image.h"
#include "rt/op.h"
#include "store.h"

struct images {
    struct rt_images base; /* first: what callers hold */
    struct loop *loop;
    struct store store;
    struct http_pool *pool;
    struct http_pool *loopback_pool; /* never through a proxy: it would ask another machine for its
                                        own loopback */
    bool read_only, local_modules;
    char *unpack_path;
    char *certs_dir; /* NULL: none */
    char **plain_http;
    struct platform_order platforms, wasm_first;
    struct arena *arena; /* of platforms */
    bool (*in_use)(void *user, const char *image_id);
    void *user;
    struct list pulls; /* struct sharing */
    struct list loads; /* struct load */
    struct list asks;  /* struct ask */
};

/* One operation, from the call to done(). */
struct ask;
typedef void (*ask_cancel_fn)(struct ask *a); /* asked to end early; ends with ask_end() */
struct ask {
    struct rt_op op; /* first */
    struct list node;
    struct list member; /* of a pull's askers */
    struct images *images;
    struct rt_call call;
    void (*progress)(void *user, const struct rt_pull_progress *p);
    ask_cancel_fn cancel;
    void *owner; /* what works for it */
    char *text;  /* the image it is about; NULL: none */
    struct loop_defer defer;
    struct loop_timer deadline;
    void (*later)(struct ask *a);
    struct err err;
};

struct ask *ask_new(struct images *images, const struct rt_call *call, const char *text);
/* Runs fn in the next round: done() never comes from within start. fn ends with ask_end(). */
void ask_later(struct ask *a, void (*fn)(struct ask *a));
void ask_fail_later(struct ask *a, const struct err *err);
/* A store that is only looked at: ends with -EROFS. */
bool ask_refused(struct ask *a);
/* About a file of the node, of which none are taken here: ends with -EPERM. */
bool ask_refused_file(struct ask *a);
/* done() now, and frees. */
void ask_end(struct ask *a, const struct err *err, const void *result);

struct rt_op *images_pull(struct rt_images *s, const struct rt_pull_request *req,
                          const struct rt_call *call);
void images_abort_pulls(struct images *images);
void images_abort_loads(struct images *images);
void images_advance(struct images *images); /* all pulls look again */

void load_advance(struct images *images);
