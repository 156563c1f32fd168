/* SPDX-License-Identifier: Apache-2.0 */
#include "follower.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "logs/log_stream.h"
#include "pod/pods.h"

enum { SHOWN_BYTES = 64 * 1024 };

struct follower *follower_free(struct follower *f)
{
    if (!f)
        return NULL;
    log_stream_free(f->stream);
    console_prefix_done(&f->prefix);
    free(f->id);
    free(f->namespace_);
    free(f->pod);
    free(f->container);
    free(f);
    return NULL;
}

static void show(struct follower *f)
{
    AUTO(buf_done) struct buf text = BUF_INIT(4 * MIB);
    int r;

    if (f->ended)
        return;
    do {
        buf_clear(&text);
        r = log_stream_read(f->stream, &text, SHOWN_BYTES);
        console_log(&f->prefix, buf_str(&text), text.len);
    } while (r == 0);
    if (r == LOG_STREAM_END) {
        f->ended = true;
        f->on_end(f->user);
    }
}

static void on_change(void *user)
{
    show(user);
}

static bool is_running(void *user)
{
    const struct follower *f = user;
    struct pod_log log;

    return pods_log(f->pods, f->namespace_, f->pod, f->container, false, &log) && log.running &&
           str_eq(log.container_id, f->id);
}

struct follower *follower_new(struct loop *loop, struct pods *pods, const char *namespace_, const char *pod,
                              const char *container, const char *id, unsigned number, void (*on_end)(void *user),
                              void *user)
{
    struct log_options options;
    struct pod_log log;

    if (!pods_log(pods, namespace_, pod, container, false, &log) || !str_eq(log.container_id, id))
        return NULL;
    struct follower *f = NEW(struct follower);
    *f = (struct follower){ .loop = loop, .pods = pods, .id = xstrdup(id), .namespace_ = xstrdup(namespace_),
                            .pod = xstrdup(pod), .container = xstrdup(container), .on_end = on_end, .user = user };
    console_prefix_init(&f->prefix, pod, container, number);
    log_options_init(&options);
    options.follow = true;
    const struct log_stream_events events = { .on_change = on_change, .is_running = is_running, .user = f };
    if (log_stream_open(loop, log.path, &options, &events, &f->stream, NULL) < 0)
        return follower_free(f);
    return f;
}

void follower_wake(struct follower *f)
{
    show(f);
}
