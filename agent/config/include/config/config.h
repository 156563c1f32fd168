/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h - what an administrator has set, from defaults, files and flags, in that order.
 *
 * One table (settings.c) says for each setting: flag, field of which document, kind, default, unit, meaning.
 * Flags, both documents, --help and the README's table of settings all come from it.
 *
 * Documents: KubeletConfiguration (kubelet.config.k8s.io/v1beta1), because every tool writes one, and
 * OarsmanConfiguration (oarsman.dev/v1alpha1) for what the kubelet has no word for; both may stand in one file.
 * A field that is not honoured is refused or named in a warning, never ignored in silence (unsupported.c).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct buf;

struct config_pair {
    char *key, *value;
};
struct config_map {
    struct config_pair *items;
    size_t len;
};
struct config_taint {
    char *key, *value, *effect;
};
struct config_taints {
    struct config_taint *items;
    size_t len;
};

/* Strings are NULL or "" when not set, as the table's default says. Lists (char **) end in NULL; NULL: empty. */
struct config {
    /* flags alone */
    char *kubeconfig;
    char *config_file;
    char *hostname_override;
    char **node_ips;
    struct config_map node_labels;
    char *root_dir;
    char *cert_dir;
    int64_t verbosity;

    /* KubeletConfiguration */
    char *address;
    int64_t port;
    char *tls_cert_file, *tls_private_key_file;
    char *client_ca_file;
    bool webhook_authn;
    int64_t authn_cache_ttl_ms;
    char *authorization_mode;
    int64_t authz_allow_ttl_ms, authz_deny_ttl_ms;
    bool enable_server;
    int64_t healthz_port;
    char *healthz_bind_address;
    bool register_node;
    struct config_taints register_with_taints;
    int64_t status_update_ms, status_report_ms;
    int64_t lease_duration_s;
    int64_t status_max_images;
    char *provider_id;
    int64_t max_pods;
    int64_t pod_pids_limit;
    char *pod_cidr;
    char *cgroup_root;
    char *cgroup_driver;
    bool cpu_cfs_quota;
    int64_t cpu_cfs_quota_period_ms;
    char *cluster_domain;
    char **cluster_dns;
    char *resolv_conf;
    int64_t log_max_bytes, log_max_files, log_monitor_ms;
    char *pod_logs_dir;
    struct config_map kube_reserved, system_reserved, eviction_hard;
    bool serialize_image_pulls;
    int64_t max_parallel_image_pulls;
    int64_t registry_pull_qps, registry_burst;
    int64_t event_qps, event_burst;
    int64_t api_qps, api_burst;
    int64_t max_restart_backoff_ms;
    bool seccomp_default;
    char **allowed_unsafe_sysctls;

    /* OarsmanConfiguration */
    char *state_dir, *run_dir;
    char *runtime_path, *conmon_path;
    char **wasm_handlers;
    bool wasm_text_format, wasm_local_modules, wasm_krustlet;
    int64_t wasm_compile_bytes, wasm_compile_ms;
    char *network_mode;
    char *bridge_name, *bridge_cidr;
    char *cni_conf_dir;
    char **cni_bin_dirs;
    char **insecure_registries;
    char *registry_certs_dir;
    bool register_taint;
};

/* Defaults only. Cannot fail: the table's defaults are tested. */
void config_init(struct config *c);
void config_done(struct config *c);
DEFINE_CLEANUP_DONE(struct config, config_done)

typedef void (*config_warn_fn)(void *user, const char *message);
struct config_warn {
    config_warn_fn fn; /* NULL: dropped */
    void *user;
};

/*
 * Flags of "oarsman agent": "--name value" or "--name=value"; a bool may stand alone. The file of --config is
 * read first, so that flags win. argv[0] is skipped.
 * err: "--port: expected an integer from 1 to 65535, got \"x\"", "FILE:12: authentication.…: …".
 */
int config_parse(struct config *c, int argc, char *const *argv, const struct config_warn *warn, struct err *err);

/* Whether "--name" (no '=') is followed by its value. Unknown ones: true. Pure. */
bool config_flag_takes_value(const char *arg);

/* One file's text; name is for messages. Several YAML documents; JSON is YAML. */
int config_parse_documents(struct config *c, const char *name, const char *text, size_t len,
                           const struct config_warn *warn, struct err *err);

/* Things that more than one setting decides. Names the setting in the error. Pure. */
int config_validate(const struct config *c, struct err *err);

/* Text for "oarsman agent --help" and the README's table of settings, both from the table. */
void config_print_help(struct buf *out);
void config_print_markdown(struct buf *out);
