/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spec.h - the config.json of an OCI bundle.
 *
 * Everything that is looked up (ids, devices, paths) is looked up before; from there it is a pure function, and
 * what containers get by default are tables. Annotations of the pod are not passed on: runtimes take orders by
 * annotation ("run.oci.…").
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "rt/runtime.h"
#include "rt/sandbox.h"
#include "bundle/user.h"


struct spec_device {
    const char *path; /* in the container */
    char type;        /* 'c' or 'b' */
    uint32_t major, minor;
    uint32_t mode;
    uint32_t uid, gid;
    const char *permissions; /* "rwm" */
};

struct spec_seccomp {
    enum {
        SPEC_SECCOMP_NONE,
        SPEC_SECCOMP_PROGRAM, /* data: struct sock_filter[], for crun's annotation */
        SPEC_SECCOMP_DEFAULT, /* the default profile as an object */
        SPEC_SECCOMP_TEXT,    /* data: a linux.seccomp object, from a file */
    } kind;
    const void *data;
    size_t len;
};

struct spec_input {
    const struct rt_container_config *config;
    const struct rt_sandbox_place *place;
    const char *rootfs;
    const char *cgroup_path;
    char *const *args, *const *env;
    const char *cwd;
    const struct user_ids *user;
    uint64_t capabilities;
    int oom_score_adj;
    uint64_t nofile; /* limit on open files; 0: as inherited */
    const struct spec_device *devices;
    size_t devices_len;
    struct spec_seccomp seccomp;
    enum rt_namespace_mode pid;
    int64_t target_pid; /* whose pid namespace; 0: none */
    int cgroup_version;
    bool swap_limit; /* the kernel limits memory with swap */
};

/* Pure. -E2BIG beyond LIMIT_CONTAINER_SPEC_BYTES. */
int spec_write(const struct spec_input *in, struct buf *out, struct err *err);

/* spec_mounts.c */
void spec_write_mounts(const struct spec_input *in, struct json_writer *w);
const char *spec_root_propagation(const struct rt_container_config *config); /* NULL: the runtime's default */
