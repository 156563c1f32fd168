/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "file_port.h"
#include "host/host.h"
#include "record/store.h"
#include "volume/volume_port.h"

struct runner {
    struct pod_settings settings;
    struct pod_ports ports;
    struct volume_port *volumes;
    struct file_port *files;
    struct record_store *store;
    struct pods *pods;
    char *seccomp_dir, *resolv_conf, *hosts;
};

static char *read_if_there(const char *path)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_RESOLV_CONF_BYTES);

    return !str_empty(path) && file_read(AT_FDCWD, path, &text, NULL) == 0 ? xstrdup(buf_str(&text)) : NULL;
}

static int64_t memory_bytes(void)
{
    return (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
}

static void fill_settings(struct runner *r, const struct runner_opts *o)
{
    const struct config *c = o->config;
    struct pod_settings *s = &r->settings;

    r->seccomp_dir = xasprintf("%s/seccomp", c->root_dir);
    r->resolv_conf = read_if_there(c->resolv_conf);
    r->hosts = read_if_there("/etc/hosts");
    *s = (struct pod_settings){
        .root_dir = c->root_dir, .logs_dir = c->pod_logs_dir, .links_dir = o->links_dir, .cgroup_root = "/kubepods",
        .node_name = o->node_name, .cluster_domain = str_empty(c->cluster_domain) ? NULL : c->cluster_domain,
        .cluster_dns = (const char *const *)c->cluster_dns, .resolv_conf = r->resolv_conf, .hosts = r->hosts,
        .unsafe_sysctls = (const char *const *)c->allowed_unsafe_sysctls, .seccomp_dir = r->seccomp_dir,
        .seccomp_default = c->seccomp_default, .pids_limit = c->pod_pids_limit > 0 ? c->pod_pids_limit : 0,
        .log_max_bytes = c->log_max_bytes, .log_max_files = c->log_max_files, .log_check_ms = c->log_monitor_ms,
        .compute = { .memory_capacity_bytes = memory_bytes(), .cpu_period_us = c->cpu_cfs_quota_period_ms * 1000,
                     .no_cpu_quota = !c->cpu_cfs_quota },
        .policy = { .runtime_name = host_runtime(o->host)->containers->ops->name, .host_ips = o->host_ips,
                    .host_ips_len = strv_len((char *const *)o->host_ips),
                    .restart_backoff_max_ms = c->max_restart_backoff_ms, .pull_backoff_max_ms = 300000 },
        .facts = { .node_name = o->node_name, .host_ips = o->host_ips,
                   .host_ips_len = strv_len((char *const *)o->host_ips) },
        .node = { .name = o->node_name, .unsafe_sysctls = (const char *const *)c->allowed_unsafe_sysctls },
    };
}

int runner_new(struct loop *loop, const struct runner_opts *o, struct runner **ret, struct err *err)
{
    AUTO(runner_free) struct runner *r = NEW(struct runner);

    fill_settings(r, o);
    r->files = file_port_new(loop);
    r->volumes = volume_port_new(loop, &r->settings, o->refs);
    if (record_store_new(loop, o->record_dir, &r->store, err) < 0)
        return err->code;
    r->ports = (struct pod_ports){
        .loop = loop, .runtime = host_runtime(o->host), .cluster = o->cluster, .refs = o->refs,
        .volumes = volume_port_get(r->volumes), .files = file_port_get(r->files), .store = record_store_port(r->store),
    };
    if (pods_new(&r->settings, &r->ports, &r->pods, err) < 0)
        return err->code;
    *ret = TAKE_PTR(r);
    return 0;
}

struct runner *runner_free(struct runner *r)
{
    if (!r)
        return NULL;
    volume_port_free(r->volumes);
    file_port_free(r->files);
    record_store_free(r->store);
    pods_free(r->pods);
    free(r->seccomp_dir);
    free(r->resolv_conf);
    free(r->hosts);
    free(r);
    return NULL;
}

struct pods *runner_pods(struct runner *r)
{
    return r->pods;
}

struct pod_settings *runner_settings(struct runner *r)
{
    return &r->settings;
}
