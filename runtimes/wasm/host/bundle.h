/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle.h - a bundle's config.json, as far as a Wasm guest is concerned.
 *
 * What a guest cannot have, because there is no kernel interface that it could see it through, is not looked at: file
 * systems of the kernel (/proc, /sys, /dev), capabilities (it gets none), masked paths, a seccomp profile (ours is
 * narrower), a pid or cgroup namespace of its own. What it could have and does not get here is refused: hooks, user
 * and time namespaces, cpu sets, limits in the words of one version of control groups.
 * Spec: OCI runtime specification 1.0, config.md, config-linux.md.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "rt/runtime.h"
#include "rt/wasm_kind.h"

#define OCI_USER_FIELDS(F)                                                                         \
    F(value, int64_t, uid, "uid", 0)                                                               \
    F(value, int64_t, gid, "gid", 0)                                                               \
    F(value, struct opt_i64, umask, "umask", 0)                                                    \
    F(values, int64_t, additional_gids, "additionalGids", 0)
JSON_STRUCT(oci_user, OCI_USER_FIELDS);

#define OCI_RLIMIT_FIELDS(F)                                                                       \
    F(value, const char *, type, "type", JSON_REQUIRED)                                            \
    F(value, uint64_t, hard, "hard", 0)                                                            \
    F(value, uint64_t, soft, "soft", 0)
JSON_STRUCT(oci_rlimit, OCI_RLIMIT_FIELDS);

#define OCI_PROCESS_FIELDS(F)                                                                      \
    F(value, bool, terminal, "terminal", 0)                                                        \
    F(embed, oci_user, user, "user", 0)                                                            \
    F(values, const char *, args, "args", 0)                                                       \
    F(values, const char *, env, "env", 0)                                                         \
    F(value, const char *, cwd, "cwd", 0)                                                          \
    F(objects, oci_rlimit, rlimits, "rlimits", 0)                                                  \
    F(value, struct opt_i64, oom_score_adj, "oomScoreAdj", 0)
JSON_STRUCT(oci_process, OCI_PROCESS_FIELDS);

#define OCI_ROOT_FIELDS(F)                                                                         \
    F(value, const char *, path, "path", 0)                                                        \
    F(value, bool, readonly, "readonly", 0)
JSON_STRUCT(oci_root, OCI_ROOT_FIELDS);

#define OCI_MOUNT_FIELDS(F)                                                                        \
    F(value, const char *, destination, "destination", JSON_REQUIRED)                              \
    F(value, const char *, type, "type", 0)                                                        \
    F(value, const char *, source, "source", 0)                                                    \
    F(values, const char *, options, "options", 0)
JSON_STRUCT(oci_mount, OCI_MOUNT_FIELDS);

#define OCI_NAMESPACE_FIELDS(F)                                                                    \
    F(value, const char *, type, "type", JSON_REQUIRED)                                            \
    F(value, const char *, path, "path", 0)
JSON_STRUCT(oci_namespace, OCI_NAMESPACE_FIELDS);

#define OCI_MEMORY_FIELDS(F) F(value, int64_t, limit, "limit", 0)
JSON_STRUCT(oci_memory, OCI_MEMORY_FIELDS);
#define OCI_CPU_FIELDS(F)                                                                          \
    F(value, uint64_t, shares, "shares", 0)                                                        \
    F(value, int64_t, quota, "quota", 0)                                                           \
    F(value, uint64_t, period, "period", 0)                                                        \
    F(value, const char *, cpus, "cpus", 0)                                                        \
    F(value, const char *, mems, "mems", 0)
JSON_STRUCT(oci_cpu, OCI_CPU_FIELDS);
#define OCI_PIDS_FIELDS(F) F(value, int64_t, limit, "limit", 0)
JSON_STRUCT(oci_pids, OCI_PIDS_FIELDS);
#define OCI_RESOURCES_FIELDS(F)                                                                    \
    F(embed, oci_memory, memory, "memory", 0)                                                      \
    F(embed, oci_cpu, cpu, "cpu", 0)                                                               \
    F(embed, oci_pids, pids, "pids", 0)                                                            \
    F(value, struct json_map, unified, "unified", 0)
JSON_STRUCT(oci_resources, OCI_RESOURCES_FIELDS);

#define OCI_LINUX_FIELDS(F)                                                                        \
    F(objects, oci_namespace, namespaces, "namespaces", 0)                                         \
    F(value, const char *, cgroups_path, "cgroupsPath", 0)                                         \
    F(value, struct json_map, sysctl, "sysctl", 0)                                                 \
    F(embed, oci_resources, resources, "resources", 0)
JSON_STRUCT(oci_linux, OCI_LINUX_FIELDS);

#define OCI_HOOK_FIELDS(F) F(value, const char *, path, "path", 0)
JSON_STRUCT(oci_hook, OCI_HOOK_FIELDS);
#define OCI_HOOKS_FIELDS(F)                                                                        \
    F(objects, oci_hook, prestart, "prestart", 0)                                                  \
    F(objects, oci_hook, create_runtime, "createRuntime", 0)                                       \
    F(objects, oci_hook, create_container, "createContainer", 0)                                   \
    F(objects, oci_hook, start_container, "startContainer", 0)                                     \
    F(objects, oci_hook, poststart, "poststart", 0)                                                \
    F(objects, oci_hook, poststop, "poststop", 0)
JSON_STRUCT(oci_hooks, OCI_HOOKS_FIELDS);

#define OCI_CONFIG_FIELDS(F)                                                                       \
    F(value, const char *, oci_version, "ociVersion", JSON_REQUIRED)                               \
    F(embed, oci_process, process, "process", 0)                                                   \
    F(embed, oci_root, root, "root", 0)                                                            \
    F(value, const char *, hostname, "hostname", 0)                                                \
    F(objects, oci_mount, mounts, "mounts", 0)                                                     \
    F(embed, oci_linux, linux_, "linux", 0)                                                        \
    F(embed, oci_hooks, hooks, "hooks", 0)                                                         \
    F(value, struct json_map, annotations, "annotations", 0)
JSON_STRUCT(oci_config, OCI_CONFIG_FIELDS);

struct bundle {
    struct arena *arena; /* everything lies in it */
    const char *dir;     /* absolute */
    struct oci_config config;
    const char *artifact; /* compiled code; NULL: the module is yet to be found and compiled */
    enum wasm_kind kind;
    const char *function; /* NULL: the usual export */
    uint16_t port;        /* 0: the default one */
    uint32_t max_outbound; /* 0: no bound */
    struct rt_strings allowed_hosts;
    bool hosts_limited;
};

/* Of text; dir: what relative paths are relative to. -EINVAL names the field. Pure but for the arena. */
int bundle_decode(const char *text, size_t len, const char *dir, struct arena *arena, struct bundle *ret, struct err *err);
int bundle_read(const char *dir, struct arena *arena, struct bundle *ret, struct err *err); /* DIR/config.json */
/* The namespace of that type ("network"): its path, NULL of a new one. NULL: the caller's is kept. Pure. */
const struct oci_namespace *bundle_namespace(const struct bundle *b, const char *type);
