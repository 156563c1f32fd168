/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics.c - the agent about itself, as Prometheus reads it. Names are the kubelet's where it has one for the
 * same thing. One table: name, type, help, and where the value comes from.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "daemon_private.h"
#include "pod/pods.h"

static double running_pods(struct daemon *d)
{
    struct pod_view view;
    double n = 0;

    for (size_t i = 0; pods_next(runner_pods(d->runner), &i, &view);)
        n += view.sandbox_id != NULL;
    return n;
}

static double running_containers(struct daemon *d)
{
    struct pod_view view;
    double n = 0;

    for (size_t i = 0; pods_next(runner_pods(d->runner), &i, &view);)
        for (size_t k = 0; view.status && k < view.status->container_statuses.len; k++)
            n += view.status->container_statuses.items[k].state.running != NULL;
    return n;
}

static double desired_pods(struct daemon *d)
{
    return (double)pods_len(runner_pods(d->runner));
}

static double events_lost(struct daemon *d)
{
    return (double)events_dropped(d->events);
}

static double is_ready(struct daemon *d)
{
    return node_ready(d->node);
}

static double cpu_seconds(struct daemon *d)
{
    struct rusage u;

    (void)d;
    (void)getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static double resident_bytes(struct daemon *d)
{
    AUTO(fclose) FILE *f = fopen("/proc/self/statm", "re");
    unsigned long size = 0, resident = 0;

    (void)d;
    return f && fscanf(f, "%lu %lu", &size, &resident) == 2 ? (double)resident * (double)sysconf(_SC_PAGESIZE) : 0;
}

static double wasm_hits(struct daemon *d)
{
    return (double)host_compilations(d->host).hits;
}

static double wasm_compilations(struct daemon *d)
{
    return (double)host_compilations(d->host).done;
}

static double wasm_failures(struct daemon *d)
{
    return (double)host_compilations(d->host).failed;
}

static const struct metric {
    const char *name, *type, *help;
    double (*value)(struct daemon *d);
} metrics[] = {
    { "kubelet_running_pods", "gauge", "Pods that have a sandbox.", running_pods },
    { "kubelet_running_containers", "gauge", "Containers that run.", running_containers },
    { "kubelet_desired_pods", "gauge", "Pods that this node knows.", desired_pods },
    { "oarsman_node_ready", "gauge", "Whether the node is Ready, as computed last.", is_ready },
    { "oarsman_events_dropped_total", "counter", "Events that were not sent.", events_lost },
    { "oarsman_wasm_cache_hits_total", "counter", "Modules that were found compiled.", wasm_hits },
    { "oarsman_wasm_compilations_total", "counter", "Modules that were compiled.", wasm_compilations },
    { "oarsman_wasm_compile_failures_total", "counter", "Modules that could not be compiled.", wasm_failures },
    { "process_cpu_seconds_total", "counter", "CPU time of the agent.", cpu_seconds },
    { "process_resident_memory_bytes", "gauge", "Resident memory of the agent.", resident_bytes },
};

void daemon_metrics(struct daemon *d, struct buf *out)
{
    (void)buf_printf(out, "# HELP kubelet_node_name The node's name. The count is always 1.\n# TYPE kubelet_node_name gauge\n"
                          "kubelet_node_name{node=\"%s\"} 1\n", d->facts.name);
    (void)buf_printf(out, "# HELP oarsman_build_info The version. The count is always 1.\n# TYPE oarsman_build_info gauge\n"
                          "oarsman_build_info{version=\"%s\"} 1\n", OARSMAN_VERSION);
    for (size_t i = 0; i < ARRAY_LEN(metrics); i++)
        (void)buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %.17g\n", metrics[i].name, metrics[i].help, metrics[i].name,
                         metrics[i].type, metrics[i].name, metrics[i].value(d));
}
