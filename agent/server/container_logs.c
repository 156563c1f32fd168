/* SPDX-License-Identifier: Apache-2.0 */
#include "container_logs.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/str.h"
#include "logs/log_stream.h"
#include "server_private.h"

struct log_body {
    struct server_body body;
    struct log_stream *stream;
    struct server_log log;
    const struct server_deps *deps;
};

static int on_read(struct server_body *b, struct buf *out, size_t max_bytes)
{
    struct log_body *l = container_of(b, struct log_body, body);
    int r = log_stream_read(l->stream, out, max_bytes);

    return r == LOG_STREAM_END ? SERVER_BODY_END : r == LOG_STREAM_WAIT ? SERVER_BODY_WAIT : 0;
}

static void on_free(struct server_body *b)
{
    struct log_body *l = container_of(b, struct log_body, body);

    log_stream_free(l->stream);
    free(l->log.path);
    free(l->log.token);
    free(l);
}

static void on_change(void *user)
{
    struct log_body *l = user;
    server_body_wake(&l->body);
}

static bool on_is_running(void *user)
{
    const struct log_body *l = user;
    return l->deps->container_running(l->deps->user, l->log.token);
}

static int parse_options(const struct server_request *r, struct log_options *o, struct err *err)
{
    static const char *const names[] = { "follow",       "previous",  "timestamps", "tailLines",
                                         "sinceSeconds", "sinceTime", "limitBytes", "stream" };
    int64_t now_ns = clock_wall_ns();

    log_options_init(o);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *value = server_request_query(r, names[i]);
        if (value && log_options_set(o, names[i], value, now_ns, err) < 0)
            return err->code;
    }
    return log_options_check(o, server_request_query(r, "sinceSeconds"), server_request_query(r, "sinceTime"), err);
}

static void answer_stream(struct server_request *r, const struct log_options *o, struct server_log *log)
{
    const struct server_deps *deps = server_request_deps(r);
    struct log_body *l = NEW(struct log_body);
    struct err err = ERR_INIT;

    *l = (struct log_body){ .body = { .read = on_read, .free = on_free }, .log = *log, .deps = deps };
    const struct log_stream_events events = { .on_change = on_change, .is_running = on_is_running, .user = l };
    if (log_stream_open(r->server->loop, log->path, o, &events, &l->stream, &err) < 0) {
        server_answer_text(r, MHD_HTTP_INTERNAL_SERVER_ERROR, "%s\n", err.msg);
        on_free(&l->body);
        return;
    }
    server_answer_body(r, "text/plain", &l->body);
}

/* As the kubelet answers a query that it does not understand. */
static void answer_message(struct server_request *r, unsigned status, const char *message)
{
    AUTO(buf_done) struct buf out = BUF_INIT(16 * KIB);
    struct json_writer w = JSON_WRITER(&out);

    json_write_object(&w);
    json_write_key_string(&w, "message", message);
    json_write_end(&w);
    server_answer(r, status, "application/json", buf_str(&out), out.len);
}

static unsigned status_of(int outcome)
{
    return outcome == SERVER_NOT_FOUND ? MHD_HTTP_NOT_FOUND
           : outcome == SERVER_BAD_REQUEST ? MHD_HTTP_BAD_REQUEST
                                           : MHD_HTTP_INTERNAL_SERVER_ERROR;
}

void serve_container_logs(struct server_request *r)
{
    AUTO(strv_free) char **parts = strv_split(server_request_path(r), '/'); /* "", containerLogs, ns, pod, container */
    const struct server_deps *deps = server_request_deps(r);
    struct log_options options;
    struct server_log log = { 0 };
    struct err err = ERR_INIT;

    if (strv_len(parts) != 5 || str_empty(parts[2]) || str_empty(parts[3]) || str_empty(parts[4])) {
        server_answer_text(r, MHD_HTTP_NOT_FOUND, "expected /containerLogs/NAMESPACE/POD/CONTAINER\n");
        return;
    }
    if (parse_options(r, &options, &err) < 0) {
        answer_message(r, MHD_HTTP_BAD_REQUEST, err.msg);
        return;
    }
    int outcome = deps->find_log(deps->user, parts[2], parts[3], parts[4], options.previous, &log, &err);
    if (outcome != 0)
        server_answer_text(r, status_of(outcome), "%s\n", err.msg);
    else
        answer_stream(r, &options, &log);
}

/* Followers whose container has ended look once more. Waking may end a request: the list is walked safely. */
void server_wake_logs(struct server *s, const char *namespace_, const char *pod)
{
    AUTO(free) char *prefix = xasprintf("/containerLogs/%s/%s/", namespace_, pod);
    struct server_request *r;

    list_each(r, &s->requests, struct server_request, node) {
        if (r->body && r->suspended && str_has_prefix(r->path, prefix))
            server_body_wake(r->body);
    }
}
