/* SPDX-License-Identifier: Apache-2.0 */
/*
 * daemon.c - the wiring. What happens is decided elsewhere; this file says who knows whom.
 *
 *   pod watch ──▶ pods ──▶ cluster (status, events, deletion)
 *   node ──▶ settings of pods (labels, allocatable), network (podCIDR)
 *   refs ──▶ pods (what a pod refers to has changed)
 *   server, local socket ──▶ pods (looking)
 */
#include "daemon/daemon.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/str.h"
#include "daemon_private.h"

static const char mod[] = "agent";

enum { TRIM_AFTER_MS = 3000, HEAPS_MAX = 2, MMAP_FROM_BYTES = 128 * 1024 };

static void on_config_warning(void *user, const char *text)
{
    (void)user;
    log_warn(mod, "configuration", "warning=" LOG_Q, LOG_QUOTE(text));
}

static void on_slow(const char *source_name, int64_t took_ms)
{
    log_warn(mod, "a callback held up the loop", "source=%s took_ms=%lld", source_name, (long long)took_ms);
}

static void on_terminate(struct loop_signal *s, int signum)
{
    (void)s;
    log_info(mod, "stopping; pods run on", "signal=%d", signum);
    loop_stop(s->loop);
}

/* ---- pods of this node, as the API server has them ---- */

static void on_pod(struct k8s_watch *w, struct k8s_object *before, struct k8s_object *after, struct k8s_object *last)
{
    struct daemon *d = container_of(w, struct daemon, pod_watch);

    (void)last;
    if (after)
        pods_set(runner_pods(d->runner), after);
    if (before && (!after || !str_eq(k8s_object_metadata(before)->uid, k8s_object_metadata(after)->uid)))
        pods_remove(runner_pods(d->runner), k8s_object_metadata(before)->uid);
}

static void on_pods_listed(struct k8s_watch *w, bool first)
{
    struct daemon *d = container_of(w, struct daemon, pod_watch);

    if (first) {
        log_info(mod, "first list of pods is complete", "pods=%zu", k8s_watch_len(w));
        pods_sources_ready(runner_pods(d->runner));
    }
}

static void on_pods_trouble(struct k8s_watch *w, enum k8s_outcome outcome, const struct err *err, int64_t retry_ms)
{
    (void)w;
    log_warn(mod, "pods cannot be watched, trying again", "outcome=%s retry_ms=%lld error=" LOG_Q,
             k8s_outcome_str(outcome), (long long)retry_ms, LOG_QUOTE(err->msg));
}

static void watch_pods(struct daemon *d)
{
    AUTO(free) char *selector = xasprintf("spec.nodeName=%s", d->facts.name);

    k8s_watch_init(&d->pod_watch, on_pod, on_pods_listed, on_pods_trouble);
    k8s_watch_start(&d->pod_watch, d->client,
                    &(struct k8s_watch_opts){ .kind = K8S_KIND_POD, .field_selector = selector });
}

/* ---- what the parts tell each other ---- */

static void on_refs_changed(void *user, const char *uid)
{
    struct daemon *d = user;
    pods_refs_changed(runner_pods(d->runner), uid);
}

/* A burst of pods leaves holes in the heap that the allocator keeps: they go back when it has become quiet. */
static void on_trim(struct loop_timer *t)
{
    (void)t;
    (void)malloc_trim(0);
}

/* A container may have ended: who follows its log has to look once more. */
static void on_status_told(void *user, const struct k8s_pod *pod)
{
    struct daemon *d = user;

    loop_timer_start(&d->trim, TRIM_AFTER_MS);
    if (d->server)
        server_wake_logs(d->server, pod->metadata.namespace, pod->metadata.name);
}

static void apply_pod_cidr(struct daemon *d, const struct k8s_node *node)
{
    struct err err = ERR_INIT;

    if (str_empty(node->spec.pod_cidr) || !str_eq(d->config->network_mode, "bridge") ||
        !str_empty(d->config->bridge_cidr))
        return;
    if (rt_network_set_cidr(host_network(d->host), node->spec.pod_cidr, &err) < 0)
        log_error(mod, "spec.podCIDR cannot be used", "error=" LOG_Q, LOG_QUOTE(err.msg));
}

/* The settings borrow from copies: the node's object changes under them. */
static void on_node_changed(void *user)
{
    struct daemon *d = user;
    const struct k8s_node *node = node_object(d->node);
    struct pod_settings *s = runner_settings(d->runner);

    if (node) {
        apply_pod_cidr(d, node);
        json_map_copy(&d->labels, &node->metadata.labels);
        s->node.labels = &d->labels.map;
        taints_copy(&d->taints, node->spec.taints.items, node->spec.taints.len);
        s->node.taints = d->taints.items;
        s->node.taints_len = d->taints.len;
    }
    resources_copy(&d->allocatable, node_allocatable(d->node));
    s->node.allocatable = &d->allocatable.list;
    s->facts.node_allocatable = &d->allocatable.list;
    pods_settings_changed(runner_pods(d->runner));
}

static void on_network_changed(void *user)
{
    struct daemon *d = user;

    node_status_soon(d->node);
    pods_settings_changed(runner_pods(d->runner));
}

static void on_image(void *user)
{
    struct daemon *d = user;

    node_images_changed(d->node);
}

/* ---- start ---- */

static void on_identity(void *user, const struct err *err)
{
    const struct daemon *d = user;

    if (err)
        log_warn(mod, "a file has changed and cannot be used; what was read before stays", "what=kubeconfig error=" LOG_Q,
                 LOG_QUOTE(err->msg));
    else
        log_info(mod, "a file has changed and is used from now on", "what=kubeconfig path=" LOG_Q,
                 LOG_QUOTE(d->config->kubeconfig));
}

static int open_cluster(struct daemon *d, struct err *err)
{
    struct k8s_access *access = NULL;
    const struct k8s_client_opts opts = {
        .user_agent = "oarsman/" OARSMAN_VERSION,
        .rates = { [K8S_FOR_ANYTHING] = { d->config->api_qps, d->config->api_burst },
                   [K8S_FOR_STATUS] = { d->config->api_qps, d->config->api_burst },
                   [K8S_FOR_DELETION] = { d->config->api_qps, d->config->api_burst },
                   [K8S_FOR_EVENTS] = { d->config->event_qps, d->config->event_burst } },
        .on_identity = on_identity, .user = d,
    };
    const struct refs_events refs_events = { .changed = on_refs_changed, .user = d };

    if (str_empty(d->config->kubeconfig))
        return err_set(err, -EINVAL, "--kubeconfig: expected a file (without a cluster: oarsman play)");
    if (k8s_kubeconfig_load(d->config->kubeconfig, NULL, &access, err) < 0)
        return err->code;
    d->client = k8s_client_new(d->loop, access, &opts);
    d->events = events_new(&(struct events_opts){ .client = d->client, .component = "kubelet", .host = d->facts.name });
    d->cluster = cluster_api_new(d->client, d->events, on_status_told, d);
    d->docker_config = docker_config_read(d->config->root_dir);
    d->refs = refs_api_new(d->client, &refs_events, d->docker_config);
    return 0;
}

static int open_runner(struct daemon *d, struct err *err)
{
    AUTO(free) char *records = xasprintf("%s/pods", d->config->state_dir);
    const struct runner_opts opts = {
        .config = d->config, .host = d->host, .cluster = cluster_api_port(d->cluster), .refs = refs_api_port(d->refs),
        .node_name = d->facts.name, .host_ips = (const char *const *)d->facts.ips, .record_dir = records,
        .links_dir = "/var/log/containers",
    };

    return runner_new(d->loop, &opts, &d->runner, err);
}

static void open_node(struct daemon *d)
{
    const struct node_opts opts = {
        .client = d->client, .events = d->events, .config = d->config, .facts = &d->facts,
        .runtime = host_runtime(d->host), .supplemental_groups_policy = true, .changed = on_node_changed, .user = d,
    };

    runner_settings(d->runner)->node.supplemental_groups_policy = true;
    d->node = node_new(&opts);
    rt_network_on_change(host_network(d->host), on_network_changed, d);
    host_on_image(d->host, on_image, d);
    on_node_changed(d); /* allocatable is known before the node is registered */
}

static int start(struct daemon *d, struct err *err)
{
    const struct config_warn warn = { .fn = on_config_warning };

    if (geteuid() != 0)
        return err_set(err, -EPERM, "needs root: it makes namespaces, mounts and cgroups");
    if (loop_new(&d->loop, err) < 0)
        return err->code;
    loop_on_slow(d->loop, on_slow);
    loop_timer_init(&d->trim, d->loop, "trim", on_trim);
    loop_timer_start(&d->trim, TRIM_AFTER_MS);
    if (path_mkdirs(d->config->root_dir, 0755, err) < 0)
        return err_wrap(err, "--root-dir");
    if (node_facts_measure(d->config, &d->facts, err) < 0 || open_cluster(d, err) < 0 ||
        daemon_read_certificates(d, err) < 0 || host_open(d->loop, d->config, &warn, &d->host, err) < 0 ||
        open_runner(d, err) < 0)
        return err->code;
    open_node(d);
    if (daemon_serve(d, err) < 0)
        return err->code;
    watch_pods(d);
    if (loop_signal_start(&d->terminate, d->loop, SIGTERM, on_terminate) < 0 ||
        loop_signal_start(&d->interrupt, d->loop, SIGINT, on_terminate) < 0)
        return err_set(err, -EIO, "signals cannot be watched");
    return 0;
}

/* What asks goes first, then what answers, then what both stand on. */
static void stop(struct daemon *d)
{
    loop_signal_stop(&d->terminate);
    loop_signal_stop(&d->interrupt);
    loop_timer_stop(&d->trim);
    k8s_watch_stop(&d->pod_watch);
    daemon_serve_no_more(d);
    if (d->runner)
        pods_stop(runner_pods(d->runner));
    if (d->host)
        host_on_image(d->host, NULL, NULL);
    node_free(d->node);
    host_close(d->host);
    cluster_api_free(d->cluster);
    runner_free(d->runner); /* its pods let go of their references */
    refs_api_free(d->refs);
    events_free(d->events);
    k8s_client_free(d->client);
    loop_free(d->loop);
    node_facts_done(&d->facts);
    json_map_copy(&d->labels, NULL);
    resources_copy(&d->allocatable, NULL);
    taints_copy(&d->taints, NULL, 0);
    free(d->docker_config);
}

int daemon_run(const struct config *config, struct err *err)
{
    struct daemon d = { .config = config };
    int r;

    log_set_level(config->verbosity >= 4 ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)mallopt(M_ARENA_MAX, HEAPS_MAX); /* one for the loop, one for all workers: each is mostly empty */
    (void)mallopt(M_MMAP_THRESHOLD, MMAP_FROM_BYTES);
    r = start(&d, err);
    if (r < 0) {
        stop(&d);
        return r;
    }
    log_info(mod, "started", "version=%s node=%s", OARSMAN_VERSION, d.facts.name);
    loop_run(d.loop);
    /* Crash-only: an end at any moment is met by the next start, so an orderly one needs no second way. Taking
     * everything apart while operations are under way would only be a chance to do it wrong. */
    _exit(EXIT_SUCCESS);
}
