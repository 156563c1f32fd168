/* SPDX-License-Identifier: Apache-2.0 */
/* call.h - operations to their end, with what the facts look at copied out of the results. */
#pragma once

#include "contract.h"

struct seen_image {
    bool found;
    char id[128];
    uint64_t size_bytes;
};
struct seen_sandbox {
    bool found;
    char id[128], ip[64], label[64], annotation[64];
    enum rt_sandbox_state state;
    int64_t created_wall_ns;
};
struct seen_container {
    bool found;
    char id[128], sandbox_id[128], label[64], annotation[64], reason[64], message[512], image[256],
        log_path[512];
    enum rt_container_state state;
    int exit_code;
    bool oom_killed;
    uint32_t attempt;
    int64_t pid, created_wall_ns, started_wall_ns, finished_wall_ns;
    bool has_user;
    int64_t uid, gid, groups[8];
    size_t groups_len;
    char stop_signal[16];
};

/* The end of one operation. */
struct outcome {
    int calls;
    bool started; /* start() has returned: done() before that is a fault */
    bool early;   /* done() came before */
    struct err err;
    struct contract *c;
    size_t listed;
    const char *wanted; /* in a list */
    struct seen_image image;
    struct seen_sandbox sandbox;
    struct seen_container container;
    struct rt_container_stats stats;
    struct rt_streams streams;
    int exec_calls, exec_code;
    struct err exec_err;
};

/* A call whose result is of this kind; finish with outcome_wait(). */
struct rt_call call_image(struct outcome *o), call_images(struct outcome *o),
    call_sandbox(struct outcome *o), call_sandboxes(struct outcome *o),
    call_container(struct outcome *o), call_containers(struct outcome *o),
    call_nothing(struct outcome *o), call_stats(struct outcome *o), call_streams(struct outcome *o);
/* Turns the loop until done() has come, and fails the test unless it came once and not from within
 * start(). */
void outcome_wait(struct contract *c, struct outcome *o);
void assert_good(const struct outcome *o); /* fails the test with the error's message */

/* One operation each. Good ones fail the test on error. */
struct outcome pull(struct contract *c, const char *image);
struct outcome sandbox_status(struct contract *c, const char *id);
struct outcome container_status(struct contract *c, const char *id);
struct outcome container_start(struct contract *c, const char *id);
struct outcome container_stop(struct contract *c, const char *id, int64_t grace_ms);
struct outcome container_remove(struct contract *c, const char *id);
struct outcome sandbox_create(struct contract *c, const char *uid, uint32_t attempt);
struct outcome sandbox_stop(struct contract *c, const char *id);
struct outcome sandbox_remove(struct contract *c, const char *id);
struct outcome container_create(struct contract *c, const char *sandbox_id, const char *name,
                                uint32_t attempt, enum contract_behaviour b);
/* With ids 1234:3000 and the group 4000, and SIGINT as its stop signal. */
struct outcome container_create_as_user(struct contract *c, const char *sandbox_id, const char *name,
                                        enum contract_behaviour b);
void turn(struct contract *c, int64_t ms); /* lets time pass */
int64_t now_ms(void);
