/* SPDX-License-Identifier: Apache-2.0 */
/*
 * volume.h - the volumes of a pod on this node.
 *
 * Each kind is one file and one row of a table (kind.h). Everything lies where other programs look for it:
 * ROOT/pods/UID/volumes/kubernetes.io~KIND/NAME. Nothing is written down elsewhere: what a pod has mounted is
 * found again by its path, so a teardown works after any crash.
 *
 * All functions block and are for workers; the objects they are given are immutable and kept alive by the caller.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "environment/field.h"
#include "environment/reference.h"

struct err;

struct volume_request {
    const char *root_dir; /* the kubelet's: "/var/lib/kubelet" */
    const struct k8s_pod *pod;
    const struct pod_facts *facts;
    const struct fetched_set *fetched;
    int64_t memory_limit_bytes; /* of the pod, else of the node: bounds volumes in memory; 0: none */
};

struct volume_path {
    const char *name; /* borrowed from the pod */
    char *host_path;  /* what a container's mount is made from */
};
struct volume_paths {
    struct volume_path *items;
    size_t len;
};
void volume_paths_done(struct volume_paths *p);
DEFINE_CLEANUP_DONE(struct volume_paths, volume_paths_done)
const char *volume_paths_get(const struct volume_paths *p, const char *name); /* NULL: none */

/* Where the volumes of a pod are, once prepared; nothing is touched. Pure. */
void volumes_paths(const struct volume_request *req, struct volume_paths *ret);

/*
 * Makes every volume of the pod, or brings its content up to date. What is there already stays.
 * err->reason FailedMount, message in the kubelet's form: MountVolume.SetUp failed for volume "x" : cause
 * A killed or failed prepare leaves what volumes_teardown() removes.
 */
int volumes_prepare(const struct volume_request *req, struct err *err);

/* Unmounts everything below ROOT/pods/UID and removes that folder. Not there: done. A uid that is not a plain
 * file name is refused. */
int volumes_teardown(const char *root_dir, const char *uid, struct err *err);

/* The first volume, or part of one, that this node cannot give, as a path: "spec.volumes[2]", "spec.volumes[0].emptyDir.medium".
 * NULL: all can be had. The text lives until the next call. */
const char *volumes_unsupported(const struct k8s_pod *pod);
