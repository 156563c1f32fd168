/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox.h - what the containers of a pod share, for every backend: namespaces, /dev/shm, files, network, group.
 *
 * A sandbox has no process of its own: its net, ipc and uts namespaces are held by bind mounts. Only a pod whose
 * containers share a pid namespace has one, oarsman-pause, because such a namespace needs a first process.
 *
 * Below run_dir, a tmpfs:
 *   sandboxes/ID/  record.json, ns/{net,ipc,uts,pid}, shm/, resolv.conf, hostname
 * The record is written before anything else is made, and goes last.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "rt/cgroup.h"
#include "rt/network.h"
#include "rt/runtime.h"

struct loop;

struct rt_sandboxes_config {
    const char *name;    /* of the ops */
    const char *run_dir; /* absolute, on a tmpfs; made when absent */
    const char *pause;   /* absolute path of oarsman-pause; NULL: pods cannot share a pid namespace */
    struct rt_network *network; /* borrowed; NULL: pods get a namespace with lo alone */
    struct rt_cgroups *cgroups; /* borrowed; NULL: no groups are made */
};

/* Adopts what is there (blocking, short) and has the network set to rights. A record that cannot be read is an
 * error that names its file. */
int rt_sandboxes_new(struct loop *loop, const struct rt_sandboxes_config *config, struct rt_sandboxes **ret,
                     struct err *err);
struct rt_sandboxes *rt_sandboxes_free(struct rt_sandboxes *s); /* sandboxes stay; no operation under way. NULL */
void rt_sandboxes_set_events(struct rt_sandboxes *s, rt_event_fn fn, void *user);

/* What a container joins. Paths are absolute; NULL: the node's. Borrowed until the loop turns. */
struct rt_sandbox_place {
    const char *id;
    enum rt_sandbox_state state;
    const char *hostname;
    const char *log_directory;
    const char *cgroup_parent;
    const char *runtime_handler; /* "" default: also of sandboxes that were made before handlers were written down */
    const char *net_ns, *ipc_ns, *uts_ns;
    const char *pid_ns; /* the pod's shared one */
    enum rt_namespace_mode pid;
    const char *shm_dir;
    const char *resolv_conf, *hostname_file;
};
const struct rt_sandbox_place *rt_sandboxes_place(struct rt_sandboxes *s, const char *id); /* NULL: no such */
