/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner.h - pods on this machine, ready to be told what is wanted: settings from the configuration, and the ports
 * that are the same whoever wants the pods (volumes, small files, records) around struct pods.
 */
#pragma once

#include "base/cleanup.h"
#include "config/config.h"
#include "pod/pods.h"

struct loop;
struct err;
struct host;
struct runner;

struct runner_opts {
    const struct config *config;     /* borrowed until runner_free(), as all pointers here */
    struct host *host;
    struct pod_cluster *cluster;
    struct pod_refs *refs;
    const char *node_name;
    const char *const *host_ips;     /* NULL-terminated, the primary one first */
    const char *record_dir;          /* what must survive a reboot; play puts it where the boot takes it */
    const char *links_dir;           /* NULL: no /var/log/containers */
};

/* Reads the records of a predecessor; blocks: start only. */
int runner_new(struct loop *loop, const struct runner_opts *opts, struct runner **ret, struct err *err);
/* The pods run on. Call host_close() first: nothing may answer any more. */
struct runner *runner_free(struct runner *r); /* NULL */
DEFINE_CLEANUP(struct runner *, runner_free)

struct pods *runner_pods(struct runner *r);
/* To be filled by whoever knows the node; then pods_settings_changed(). */
struct pod_settings *runner_settings(struct runner *r);
