/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routes.c - the table of endpoints, and the small ones.
 * Spec: the kubelet's fine-grained authorization: each subresource is tried in turn.
 */
#include "base/limits.h"
#include "base/str.h"
#include "container_logs.h"
#include "server_private.h"

static void serve_healthz(struct server_request *r)
{
    const char *why = NULL;
    const struct server_deps *d = server_request_deps(r);

    if (!d->healthy || d->healthy(d->user, &why))
        server_answer_text(r, MHD_HTTP_OK, "ok");
    else
        server_answer_text(r, MHD_HTTP_INTERNAL_SERVER_ERROR, "%s\n", str_or(why, "not healthy"));
}

static void serve_pods(struct server_request *r)
{
    AUTO(buf_done) struct buf out = BUF_INIT(LIMIT_SERVER_PODS_BYTES);
    const struct server_deps *d = server_request_deps(r);

    if (d->pods(d->user, &out) < 0)
        server_answer_text(r, MHD_HTTP_INTERNAL_SERVER_ERROR, "the list of pods is too large\n");
    else
        server_answer(r, MHD_HTTP_OK, "application/json", buf_str(&out), out.len);
}

static void serve_metrics(struct server_request *r)
{
    AUTO(buf_done) struct buf out = BUF_INIT(LIMIT_SERVER_PODS_BYTES);
    const struct server_deps *d = server_request_deps(r);

    d->metrics(d->user, &out);
    server_answer(r, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", buf_str(&out), out.len);
}

const struct server_route server_routes[] = {
    { "GET", "/healthz", "healthz|proxy", NULL, serve_healthz },
    { "GET", "/healthz/", "healthz|proxy", NULL, serve_healthz },
    { "GET", "/pods", "pods|proxy", NULL, serve_pods },
    { "GET", "/metrics", "metrics", NULL, serve_metrics },
    { "GET", "/containerLogs/", "proxy", NULL, serve_container_logs },
};
const size_t server_routes_len = sizeof(server_routes) / sizeof(server_routes[0]);

static bool path_matches(const struct server_route *route, const char *path)
{
    return str_has_suffix(route->path, "/") ? str_has_prefix(path, route->path) : str_eq(path, route->path);
}

static const struct server_route *find_in(const struct server_route *routes, size_t len, const char *method,
                                          const char *path, bool *ret_other_method)
{
    for (size_t i = 0; i < len; i++)
        if (path_matches(&routes[i], path)) {
            if (str_eq(routes[i].method, method))
                return &routes[i];
            *ret_other_method = true;
        }
    return NULL;
}

const struct server_route *route_find(const struct server *s, const char *method, const char *path,
                                      bool *ret_other_method)
{
    const struct server_route *route = find_in(s->routes, s->routes_len, method, path, ret_other_method);

    return route ? route : find_in(server_routes, server_routes_len, method, path, ret_other_method);
}
