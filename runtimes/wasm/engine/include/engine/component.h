/* SPDX-License-Identifier: Apache-2.0 */
/*
 * component.h - what the C interface of the engine does not reach: components that end with exact codes, speak HTTP
 * outbound under an allow-list, and answer HTTP requests. Implemented in Rust (host/src), where no policy lives: what
 * is allowed and how much is said here, by the caller.
 *
 * Until component_run() or component_serve() no thread is made, so that the caller may change namespaces, credentials
 * and filters of its own single thread after component_load().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct component; /* compiled code, mapped, and everything that it may import */

struct component_dir {
    const char *host_path, *guest_path;
    bool writable;
};

struct component_config { /* all borrowed for good: a thread may read it until the process ends */
    const char *const *args; /* UTF-8, as all text here */
    size_t args_len;
    const char *const *env; /* "NAME=value" */
    size_t env_len;
    const struct component_dir *dirs;
    size_t dirs_len;
    const char *cwd;       /* told to the guest; NULL: nothing is */
    uint64_t memory_bytes; /* of linear memory, of one instance; 0: no limit but the engine's */
    bool may_connect;      /* wasi:sockets may connect, send, and ask for names; listening is always allowed */
    uint32_t outbound_max; /* outbound HTTP requests at a time, others wait; 0: no limit */
    void *user;
    /* May a request go to this host? Called on the thread that serves. NULL: to any. */
    bool (*may_send)(void *user, const char *host, uint16_t port);
    /* Right before the first instruction of the guest; below 0: do not run it. */
    int (*before)(void *user);
};

struct component_serve_limits {
    uint32_t requests;    /* handled at a time, each in an instance of its own; others wait */
    uint32_t connections; /* open at a time; others wait to be accepted */
    uint32_t cpu_ms;      /* computing of one request, then it is ended */
    uint32_t answer_ms;   /* until the handler must have begun to answer, then 504; and for it to end after the answer */
    uint32_t header_ms;   /* for a client to send the head of a request */
    uint32_t threads;     /* that serve; at least 1 */
};

struct component_end {
    int code;             /* exit code of the guest; 134: it trapped */
    char message[4096];   /* of a trap, with the backtrace; "" else */
};

/* requests: as in struct component_serve_limits for what will be served; 0: it will be run. memory_bytes: the largest
 * limit of linear memory to come; 0: none. -EINVAL: end says why it cannot be loaded. */
int component_load(const char *path, uint32_t requests, uint64_t memory_bytes, struct component **ret,
                   struct component_end *end);
/* Calls wasi:cli/run, or the export called function. 0 and end; below 0: it was not run, message in end. */
int component_run(struct component *c, const char *function, const struct component_config *config,
                  struct component_end *end);
/* Answers requests on a listening TCP socket (taken) until SIGTERM, then lets those under way finish: 0. */
int component_serve(struct component *c, int listen_fd, const struct component_config *config,
                    const struct component_serve_limits *limits, struct component_end *end);
