/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts.h - what this machine is, and how full it is.
 *
 * Facts hold until the agent ends and are measured once; usage is measured for each status.
 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"
#include "config/config.h"

struct err;

struct node_facts {
    char *name;     /* of the node: --hostname-override or the host's name, in lower case */
    char **ips;     /* addresses of the node, the primary one first, at most one of each family; ends in NULL */
    int64_t cpus;
    int64_t memory_bytes, hugepages_bytes, swap_bytes;
    int64_t nodefs_bytes; /* of the file system that holds root_dir */
    char *machine_id, *system_uuid, *kernel_version, *os_image;
    const char *boot_id;
    const char *architecture; /* "amd64" */
};

/* Blocking (small files): at start. config: borrowed. A wrong --node-ip or name is named in the error. */
int node_facts_measure(const struct config *config, struct node_facts *ret, struct err *err);
void node_facts_done(struct node_facts *f);
DEFINE_CLEANUP_DONE(struct node_facts, node_facts_done)

struct node_usage { /* -1: not known */
    int64_t memory_available_bytes, memory_bytes;
    int64_t nodefs_available_bytes, nodefs_bytes, nodefs_inodes_free, nodefs_inodes;
    int64_t imagefs_available_bytes, imagefs_bytes, imagefs_inodes_free, imagefs_inodes;
    int64_t pids_available, pids;
};
/* A few reads of /proc and two statfs(2). */
void node_usage_measure(const char *root_dir, const char *state_dir, struct node_usage *ret);
