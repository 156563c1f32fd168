/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oci.h - containers run by an OCI runtime (crun or runc) under conmon, on overlayfs.
 *
 * Images and sandboxes are others' (rt/image.h, rt/sandbox.h), because backends share them; this is the struct
 * rt_runtime that holds them together with containers of its own.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "rt/cgroup.h"
#include "rt/network.h"
#include "rt/runtime.h"
#include "rt/sandbox.h"
#include "rt/supervise.h"

struct loop;

/* What a container needs to know of its image. Strings and lists in the arena given. */
struct rt_oci_image {
    struct rt_strings lowerdirs; /* absolute folders of unpacked layers, the topmost first */
    struct rt_strings entrypoint, cmd, env;
    const char *working_dir, *user, *stop_signal; /* NULL: the image says nothing */
};
struct rt_oci_image_source {
    void *user;
    /* Loop, fast. -ENOENT: the image is not here. */
    int (*find)(void *user, const char *image_id, struct arena *arena, struct rt_oci_image *ret, struct err *err);
};

struct rt_oci_config {
    const char *run_dir;   /* tmpfs; prepared by rt_run_dir_prepare() */
    const char *state_dir; /* on a disk: the containers' writable layers, state_dir/containers/ID */
    const char *conmon;    /* program; NULL: "conmon" where programs are */
    const char *runtime;   /* program; NULL: "crun", else "runc" */
    const char *cgroup_prefix; /* as in struct rt_cgroups_config; NULL: nothing */
    const char *conmon_cgroup; /* group of the supervisors ("/oarsman-conmon"); NULL: the caller's own */
    struct rt_cgroups *cgroups;     /* borrowed, all until free */
    struct rt_network *network;     /* for health; NULL: ready */
    struct rt_sandboxes *sandboxes;
    struct rt_images *images;
    struct rt_oci_image_source source;
    /* Containers of another kind in the same pods: asked first for each container. NULL: there are none. Copied; its
     * user is borrowed until free. */
    const struct rt_bundler *other;
    const char *const *other_handlers; /* RuntimeClass handlers that it brings along, of WebAssembly; NULL-terminated; copied */
    /* A line for the log about what this node cannot give: each one once. May be NULL. */
    void (*warn)(void *user, const char *text);
    void *warn_user;
};

/*
 * A container may be created in a mount namespace that is as old as the backend: a folder below which mounts for
 * containers are made later (volumes) needs rt_run_dir_share() before.
 *
 * Finds the programs, adopts the containers of a predecessor (blocking) and watches them.
 * -ENOENT with a line that says what to install: a program is missing. Caller owns *ret: (*ret)->free().
 */
int rt_oci_new(struct loop *loop, const struct rt_oci_config *config, struct rt_runtime **ret, struct err *err);
/* "crun 1.8.1, conmon 2.1.6": what was found, for the log. Borrowed until free. rt: from rt_oci_new(). */
const char *rt_oci_found(const struct rt_runtime *rt);
