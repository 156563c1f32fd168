/* SPDX-License-Identifier: Apache-2.0 */
/* serve.c - what others may ask of the agent: the kubelet API, /healthz, the local socket. */
#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "daemon_private.h"
#include "local/pod_list.h"
#include "pod/pods.h"

static int list_pods(void *user, struct buf *out)
{
    struct daemon *d = user;
    return pod_list_encode(runner_pods(d->runner), out);
}

static const struct k8s_container *container_of_pod(const struct k8s_pod *pod, const char *name)
{
    for (size_t i = 0; i < pod->spec.containers.len; i++)
        if (str_eq(pod->spec.containers.items[i].name, name))
            return &pod->spec.containers.items[i];
    for (size_t i = 0; i < pod->spec.init_containers.len; i++)
        if (str_eq(pod->spec.init_containers.items[i].name, name))
            return &pod->spec.init_containers.items[i];
    return NULL;
}

/* The kubelet's answers, which kubectl shows as they are. */
static int find_log(void *user, const char *namespace_, const char *pod, const char *container, bool previous,
                    struct server_log *ret, struct err *err)
{
    struct daemon *d = user;
    struct pod_view view;
    struct pod_log log;

    if (!pods_find(runner_pods(d->runner), namespace_, pod, &view) || !view.pod) {
        err_set(err, -ENOENT, "pod \"%s\" does not exist", pod);
        return SERVER_NOT_FOUND;
    }
    if (!container_of_pod(view.pod, container)) {
        err_set(err, -ENOENT, "container \"%s\" not found in pod \"%s\"", container, pod);
        return SERVER_NOT_FOUND;
    }
    if (!pods_log(runner_pods(d->runner), namespace_, pod, container, previous, &log)) {
        err_set(err, -EINVAL, previous ? "previous terminated container \"%s\" in pod \"%s\" not found"
                                       : "container \"%s\" in pod \"%s\" is waiting to start: ContainerCreating",
                container, pod);
        return SERVER_BAD_REQUEST;
    }
    *ret = (struct server_log){ .path = xstrdup(log.path),
                                .token = xasprintf("%s/%s/%s/%s", namespace_, pod, container, log.container_id) };
    return 0;
}

static bool container_running(void *user, const char *token)
{
    struct daemon *d = user;
    AUTO(strv_free) char **parts = strv_split(token, '/');
    struct pod_log log;

    return strv_len(parts) == 4 &&
           pods_log(runner_pods(d->runner), parts[0], parts[1], parts[2], false, &log) && log.running &&
           str_eq(log.container_id, parts[3]);
}

static void put_metrics(void *user, struct buf *out)
{
    daemon_metrics(user, out);
}

static bool is_healthy(void *user, const char **ret_why)
{
    (void)user; /* the loop turns: it has just called this */
    (void)ret_why;
    return true;
}

/* ---- the kubelet API ---- */

static int serve_kubelet_api(struct daemon *d, struct err *err)
{
    const struct config *c = d->config;
    const struct server_deps deps = {
        .user = d, .pods = list_pods, .find_log = find_log, .container_running = container_running,
        .metrics = put_metrics, .healthy = is_healthy, .look = daemon_look_at_certificates,
    };

    d->webhook = webhook_new(d->client, d->facts.name, c->webhook_authn);
    const struct server_opts opts = {
        .address = c->address, .port = (uint16_t)c->port, .cert_pem = d->trust.certificate.cert,
        .key_pem = d->trust.certificate.key, .client_ca_pem = d->trust.client_ca, .auth = &webhook_auth_ops,
        .auth_user = d->webhook, .token_ttl_ms = c->authn_cache_ttl_ms, .allow_ttl_ms = c->authz_allow_ttl_ms,
        .deny_ttl_ms = c->authz_deny_ttl_ms, .always_allow = str_eq(c->authorization_mode, "AlwaysAllow"),
        .deps = &deps,
    };
    return server_new(d->loop, &opts, &d->server, err);
}

int daemon_serve(struct daemon *d, struct err *err)
{
    AUTO(free) char *socket = xasprintf("%s/oarsman.sock", d->config->run_dir);
    const struct local_ops local = { .pods = list_pods, .user = d };

    if (local_server_new(d->loop, socket, &local, &d->local, err) < 0)
        return err->code;
    if (d->config->healthz_port && healthz_new(d->loop, d->config->healthz_bind_address, (uint16_t)d->config->healthz_port,
                                               is_healthy, d, &d->healthz, err) < 0)
        return err->code;
    return d->config->enable_server ? serve_kubelet_api(d, err) : 0;
}

void daemon_serve_no_more(struct daemon *d)
{
    server_free(d->server);
    webhook_free(d->webhook);
    healthz_free(d->healthz);
    local_server_free(d->local);
    certificate_done(&d->trust.certificate);
    free(d->trust.client_ca);
}
