/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings.h - what an administrator and the node decide for all pods. Plain data; strings are borrowed and outlive
 * the pods.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "decide/admission.h"
#include "decide/observed.h"
#include "decide/resources.h"
#include "environment/field.h"

struct pod_settings {
    const char *root_dir;     /* "/var/lib/kubelet": ROOT/pods/UID/ holds a pod's small files and volumes */
    const char *logs_dir;     /* "/var/log/pods" */
    const char *links_dir;    /* "/var/log/containers"; NULL: no links */
    const char *cgroup_root;  /* "/kubepods" */
    const char *node_name;    /* also the host name of pods in the host's network */
    const char *cluster_domain;        /* "cluster.local"; NULL: none */
    const char *const *cluster_dns;    /* NULL-terminated; NULL: none */
    const char *resolv_conf;           /* content of the node's file; NULL: none */
    const char *hosts;                 /* content of the node's /etc/hosts, for pods in its network; NULL: none */
    const char *const *unsafe_sysctls; /* allowed; NULL-terminated, "kernel.msg*" matches a prefix */
    const char *seccomp_dir;           /* of localhost profiles: "/var/lib/kubelet/seccomp" */
    bool seccomp_default;              /* RuntimeDefault where a pod says nothing */
    int64_t pids_limit;                /* of a pod; 0: none */
    int64_t log_max_bytes;             /* of one log file: beyond it is rotated */
    int64_t log_max_files;             /* of one container, the current one included */
    int64_t log_check_ms;
    struct compute_facts compute;
    struct pod_policy policy;
    struct pod_facts facts;            /* pod_ips are filled in per pod */
    struct admission_node node;        /* what admission measures pods against */
};
