/* SPDX-License-Identifier: Apache-2.0 */
/* calls.h - the entries of struct rt_containers_ops, one file each. Their contract is rt/runtime.h's. */
#pragma once

#include "container.h"

struct rt_op *create_call(struct rt_containers *cs, const struct rt_container_config *config,
                          const struct rt_call *call);
struct rt_op *start_call(struct rt_containers *cs, const char *id, const struct rt_call *call);
struct rt_op *stop_call(struct rt_containers *cs, const char *id, int64_t grace_ms, const struct rt_call *call);
struct rt_op *remove_call(struct rt_containers *cs, const char *id, const struct rt_call *call);
struct rt_op *status_call(struct rt_containers *cs, const char *id, const struct rt_call *call);
struct rt_op *list_call(struct rt_containers *cs, const struct rt_call *call);
struct rt_op *update_resources_call(struct rt_containers *cs, const char *id, const struct rt_resources *r,
                                    const struct rt_call *call);
struct rt_op *reopen_log_call(struct rt_containers *cs, const char *id, const struct rt_call *call);
struct rt_op *stats_call(struct rt_containers *cs, const char *id, const struct rt_call *call);

struct rt_supervisor *calls_supervisor(struct rt_containers *cs);
struct container *calls_find(struct rt_supervisor *s, const char *id); /* NULL */

/* adopt.c: what the run directory holds, at start. Blocking. */
int adopt_all(struct rt_supervisor *s, struct err *err);
