/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spec.h - the config.json of a Wasm bundle: what oarsman-wasm reads (host/bundle.h), and no more.
 *
 * The pod's annotations are not passed on: what stands there is ours.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "bundle/user.h"
#include "rt/runtime.h"
#include "rt/sandbox.h"
#include "rt/wasm_kind.h"

struct wasm_spec_input {
    const struct rt_container_config *config;
    const struct rt_sandbox_place *place;
    const char *rootfs; /* NULL: the image brings none */
    const char *cgroup_path;
    char *const *args, *const *env;
    const char *cwd;
    const struct user_ids *user;
    int oom_score_adj;
    uint64_t nofile;
    enum rt_namespace_mode pid;
    int64_t target_pid;
    const char *artifact; /* compiled code */
    enum wasm_kind kind;
    const char *function; /* NULL: the usual export */
    const char *mount_ns; /* path of the small namespace */
    const char *cgroup_procs; /* separated by colons */
};

/* Pure. -E2BIG beyond LIMIT_CONTAINER_SPEC_BYTES. */
int wasm_spec_write(const struct wasm_spec_input *in, struct buf *out, struct err *err);
