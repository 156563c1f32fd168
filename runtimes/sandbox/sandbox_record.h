/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox_record.h - what is written down about a sandbox, sandboxes/ID/record.json. */
#pragma once

#include "base/json.h"

#define SANDBOX_RECORD_VERSION 1

#define SANDBOX_RECORD_FIELDS(F)                                                                  \
    F(value, int32_t, version, "version", JSON_ALWAYS)                                            \
    F(value, const char *, id, "id", JSON_REQUIRED)                                               \
    F(value, const char *, uid, "uid", JSON_REQUIRED)                                             \
    F(value, const char *, name, "name", 0)                                                       \
    F(value, const char *, namespace_, "namespace", 0)                                            \
    F(value, int64_t, attempt, "attempt", 0)                                                      \
    F(value, const char *, hostname, "hostname", 0)                                               \
    F(value, const char *, log_directory, "logDirectory", 0)                                      \
    F(value, const char *, cgroup_parent, "cgroupParent", 0)                                      \
    F(value, const char *, runtime_handler, "runtimeHandler", 0)                                  \
    F(value, bool, own_network, "ownNetwork", 0)                                                  \
    F(value, bool, own_ipc, "ownIPC", 0)                                                          \
    F(value, bool, shared_pid, "sharedPID", 0)                                                    \
    F(value, bool, host_pid, "hostPID", 0)                                                        \
    F(value, struct json_map, labels, "labels", 0)                                                \
    F(value, struct json_map, annotations, "annotations", 0)                                      \
    F(value, int64_t, created_wall_ns, "createdWallNs", 0)                                        \
    F(value, const char *, boot_id, "bootID", 0)                                                  \
    F(value, bool, made, "made", 0)                                                               \
    F(value, bool, stopped, "stopped", 0)                                                         \
    F(values, const char *, ips, "ips", 0)                                                        \
    F(value, int64_t, pause_pid, "pausePID", 0)                                                   \
    F(value, uint64_t, pause_start_ticks, "pauseStartTicks", 0)
JSON_STRUCT(sandbox_record, SANDBOX_RECORD_FIELDS);

struct err;

int sandbox_record_write(const char *dir, const struct sandbox_record *r, struct err *err);
/* Strings come from arena. -ENOENT; -ENOTSUP: written by a newer version; -EINVAL. */
int sandbox_record_read(const char *dir, struct arena *arena, struct sandbox_record *ret, struct err *err);
