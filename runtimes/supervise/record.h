/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - what is written down about a container, containers/ID/record.json.
 *
 * It is rewritten before each step that makes something (the bundle, the start) and after those whose result a
 * successor could not find out again (pids). A process is named by pid and start time.
 */
#pragma once

#include "base/json.h"

#define RECORD_VERSION 1

#define CONTAINER_USER_RECORD_FIELDS(F)                                                            \
    F(value, int64_t, uid, "uid", JSON_ALWAYS)                                                    \
    F(value, int64_t, gid, "gid", JSON_ALWAYS)                                                    \
    F(values, int64_t, groups, "groups", 0)
JSON_STRUCT(container_user_record, CONTAINER_USER_RECORD_FIELDS);

#define CONTAINER_RECORD_FIELDS(F)                                                                \
    F(value, int32_t, version, "version", JSON_ALWAYS)                                            \
    F(value, const char *, id, "id", JSON_REQUIRED)                                               \
    F(value, const char *, sandbox_id, "sandboxID", JSON_REQUIRED)                                \
    F(value, const char *, name, "name", JSON_REQUIRED)                                           \
    F(value, int64_t, attempt, "attempt", 0)                                                      \
    F(value, const char *, image, "image", 0)                                                     \
    F(value, const char *, image_id, "imageID", 0)                                                \
    F(value, const char *, log_path, "logPath", 0)                                                \
    F(value, const char *, stop_signal, "stopSignal", 0)                                          \
    F(object, container_user_record, user, "user", 0) /* absent in older records */               \
    F(value, const char *, cgroup_path, "cgroupPath", 0)                                          \
    F(value, const char *, runtime, "runtime", 0)                                                 \
    F(value, struct json_map, labels, "labels", 0)                                                \
    F(value, struct json_map, annotations, "annotations", 0)                                      \
    F(value, const char *, boot_id, "bootID", 0)                                                  \
    F(value, bool, shares_pids, "sharesPIDs", 0)                                                  \
    F(value, int64_t, created_wall_ns, "createdWallNs", 0)                                        \
    F(value, bool, made, "made", 0)            /* conmon and the runtime's create are through */  \
    F(value, int64_t, starting_wall_ns, "startingWallNs", 0) /* start was about to be called */   \
    F(value, int64_t, started_wall_ns, "startedWallNs", 0)                                        \
    F(value, const char *, refused, "refused", 0) /* the runtime would not create or start it */  \
    F(value, int64_t, pid, "pid", 0)                                                              \
    F(value, uint64_t, pid_start_ticks, "pidStartTicks", 0)                                       \
    F(value, int64_t, conmon_pid, "conmonPID", 0)                                                 \
    F(value, uint64_t, conmon_start_ticks, "conmonStartTicks", 0)                                 \
    F(value, int64_t, lost_wall_ns, "lostWallNs", 0) /* it ended unseen: the supervisor was dead */
JSON_STRUCT(container_record, CONTAINER_RECORD_FIELDS);

struct err;

int container_record_write(const char *dir, const struct container_record *r, struct err *err);
/* Strings come from arena. -ENOENT; -ENOTSUP: written by a newer version; -EINVAL. */
int container_record_read(const char *dir, struct arena *arena, struct container_record *ret, struct err *err);
