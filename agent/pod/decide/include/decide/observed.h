/* SPDX-License-Identifier: Apache-2.0 */
/*
 * observed.h - what is there, and where the pod stands with its source. Borrowed strings throughout. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decide/record.h"

struct seen_container {
    const char *id, *sandbox_id, *name;
    uint32_t attempt;
    enum instance_state state; /* INSTANCE_NONE: its creation was cut short; created again or removed */
    bool unsupervised; /* it runs, but nobody keeps its log or learns how it ends */
    int64_t created_wall_ns, started_wall_ns, finished_wall_ns;
    int exit_code;
    const char *reason, *message;
    const char *image_id;
    const char *spec_image; /* the reference it was made from */
    struct container_user user;
    const char *stop_signal; /* NULL: nobody has named one */
};

struct seen_sandbox {
    const char *id;
    uint32_t attempt;
    bool ready;
    const char *const *ips;
    size_t ips_len;
};

struct pod_observed {
    bool listed;     /* the runtime has told everything it has: before that, absence means nothing */
    const struct seen_sandbox *sandboxes; /* by attempt, newest first */
    size_t sandboxes_len;
    const struct seen_container *containers; /* by name, then newest first */
    size_t containers_len;
    bool sources_ready; /* every source has delivered its first complete list: before that nothing is an orphan */
    bool in_source;     /* a source lists the pod */
    bool has_api;       /* a server holds the object: status is reported and the object deleted there */
    /* the node */
    bool network_ready;
    const char *network_message;
};

/* What is the same for all pods. */
struct pod_policy {
    const char *runtime_name;   /* scheme of container ids */
    const char *const *host_ips;
    size_t host_ips_len;
    int64_t restart_backoff_max_ms; /* 300 s; at least 1 s */
    int64_t pull_backoff_max_ms;    /* 300 s */
};
