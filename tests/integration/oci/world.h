/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world.h - a runtime backend on this machine for one test: a run folder, a state folder, groups below a prefix and
 * an image made of busybox, all of this process's own. world_done() proves that nothing of it is left.
 */
#pragma once

#include <stdbool.h>

#include "base/loop.h"
#include "rt/cgroup.h"
#include "rt/network.h"
#include "rt/oci.h"
#include "rt/runtime.h"
#include "rt/sandbox.h"

#define WORLD_IMAGE "sha256:0000000000000000000000000000000000000000000000000000000000000001"
#define WORLD_EVENTS_MAX 256

struct world {
    char name[64];
    char *run_dir, *state_dir, *layer_dir, *volumes_dir, *log_dir, *groups_prefix;
    bool keeps_nothing; /* world_done() checks */
    const char *runtime; /* NULL: found */
    bool bridged;        /* pods get addresses; after world_leave_network() */
    struct rt_oci_image image; /* may be changed by the test before it creates */
    struct loop *loop;
    struct rt_cgroups *cgroups;
    struct rt_network *network;
    struct rt_sandboxes *sandboxes;
    struct rt_runtime *rt;
    struct rt_event events[WORLD_EVENTS_MAX]; /* ids are copies */
    size_t events_len;
    char warnings[1024];
};

/* Skips the test program (exit 77) with a reason when this machine cannot run it. */
void world_need(void);
void world_leave_network(void);
/* The folders are named for this process, or as OARSMAN_TEST_WORLD says (then a successor finds them again). */
void world_init(struct world *w, const char *name);
/* The agent's part: opens and adopts; closes as an agent that ends does. Containers run on between. */
void world_open(struct world *w);
void world_close(struct world *w);
void world_remove_all(struct world *w);
bool world_remains(const struct world *w); /* whether containers, pods, mounts or processes are there; says which */
void world_done(struct world *w); /* removes all, closes, checks */

/* ---- calls that wait ---- */

struct answer {
    bool done;
    int code;
    char reason[64], message[1024];
    /* of the result */
    bool none;
    char id[80];
    enum rt_container_state state;
    enum rt_sandbox_state sandbox_state;
    int exit_code;
    bool oom_killed;
    char end_reason[64], end_message[1024];
    char log_path[512];
    char ip[64];
    int64_t pid, created_wall_ns, started_wall_ns, finished_wall_ns;
    size_t len; /* of a list */
    struct rt_container_stats stats;
};

struct rt_call world_call(struct answer *a, rt_done_fn done);
void world_wait(struct world *w, struct answer *a);
void world_on_container(void *user, const struct err *err, const void *result);
void world_on_sandbox(void *user, const struct err *err, const void *result);
void world_on_nothing(void *user, const struct err *err, const void *result);

struct rt_sandbox_config world_pod(struct world *w, const char *uid);
struct rt_container_config world_container(struct world *w, const char *sandbox_id, const char *name,
                                           const char *const *command, size_t command_len);

struct answer world_make_pod(struct world *w, const struct rt_sandbox_config *config);
struct answer world_create(struct world *w, const struct rt_container_config *config);
struct answer world_start(struct world *w, const char *id);
struct answer world_stop(struct world *w, const char *id, int64_t grace_ms);
struct answer world_remove(struct world *w, const char *id);
struct answer world_status(struct world *w, const char *id);
struct answer world_list(struct world *w);
struct answer world_stop_pod(struct world *w, const char *id);
struct answer world_remove_pod(struct world *w, const char *id);
struct answer world_pod_status(struct world *w, const char *id);
/* Makes, starts, waits for the end; the answer is the status after it. */
struct answer world_run(struct world *w, const struct rt_container_config *config);
struct answer world_wait_exit(struct world *w, const char *id);
bool world_event(const struct world *w, enum rt_event_kind kind, const char *container_id);
/* Turns the loop until the container's log holds text, at most a few seconds. */
bool world_log_holds(struct world *w, const char *log_path, const char *text);
char *world_read(const char *path); /* caller frees; "" when absent */
/* The text of all log lines, tags and times cut off. Caller frees. */
char *world_log_text(const char *log_path);

#define COMMAND(...)                                                                              \
    ((const char *const[]){ __VA_ARGS__ }), sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *)
