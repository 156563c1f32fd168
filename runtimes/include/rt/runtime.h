/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runtime.h - what a runtime backend is: the Container Runtime Interface (v1), said in C.
 *
 * It never sees a Pod: the agent translates. Three tables of functions, because a pod's containers may run in
 * different backends while they share one sandbox, and because the image decides the backend.
 *
 * Every operation is start(…, done, user):
 *   - it is called on the loop and never blocks;
 *   - the request is copied as far as needed before start() returns: the caller may free it at once;
 *   - done() runs on the loop exactly once, never from within start(), with err == NULL on success;
 *     result and err are borrowed for the duration of the call;
 *   - rt_op_cancel() asks for an early end (done() still comes, with -ECANCELED unless the work was finished);
 *   - past deadline_ms the operation ends with -ETIMEDOUT. 0 means the backend's own bound.
 * Operations are idempotent where CRI says so (stop, remove; creating an object whose identity exists already
 * returns the existing one), because the agent may be killed between any two instructions and asks again.
 *
 * Events are pushed, never polled, and are hints: after any event list or status tells the truth.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct loop;
struct rt_op; /* an operation under way; owned by the backend, gone after done() */

typedef void (*rt_done_fn)(void *user, const struct err *err, const void *result);

struct rt_call { /* common to all operations */
    int64_t deadline_ms;
    rt_done_fn done;
    void *user;
};

void rt_op_cancel(struct rt_op *op);

struct rt_label {
    const char *key;
    const char *value;
};
struct rt_labels {
    const struct rt_label *items;
    size_t len;
};
struct rt_strings {
    const char *const *items;
    size_t len;
};
const char *rt_label_get(const struct rt_labels *labels, const char *key); /* NULL: absent. Pure */

/* ---- Images -------------------------------------------------------------------------------------------- */

struct rt_auth { /* one credential; all NULL: anonymous */
    const char *username;
    const char *password;
    const char *identity_token;
    const char *registry_token;
};
struct rt_auths { /* tried in this order */
    const struct rt_auth *items;
    size_t len;
};

struct rt_image {
    const char *id; /* "sha256:…" of the image configuration */
    struct rt_strings repo_tags;
    struct rt_strings repo_digests;
    uint64_t size_bytes;
    bool has_uid;     /* user is numeric */
    int64_t uid;
    const char *username; /* user part of the image's configuration when not numeric, NULL: none (root) */
    const char *artifact_type; /* "" for an ordinary image; a media type for an artifact such as a Wasm module */
};
struct rt_image_list {
    const struct rt_image *items;
    size_t len;
};
struct rt_pull_progress {
    uint64_t bytes_done, bytes_total; /* total 0: not known yet */
    unsigned layers_done, layers_total;
};
struct rt_pull_request {
    const char *image; /* any reference: name[:tag][@digest]; a file of the node, where the store takes those */
    struct rt_auths auths;
    /* Of an index, the entries for WebAssembly before those for this machine, where the node takes both: for a pod
     * whose RuntimeClass is one of Wasm. A reference names one image here, the one pulled last: after a pull with the
     * other preference it names the other entry's, and an image that is here is used as it is, however it came. */
    bool wasm_first;
    void (*progress)(void *user, const struct rt_pull_progress *p); /* NULL: not wanted; same user as done */
};

struct rt_images {
    const struct rt_images_ops *ops;
};
struct rt_images_ops {
    const char *name;
    /* result: struct rt_image. err->reason: ErrImagePull, InvalidImageName, RegistryUnavailable, … */
    struct rt_op *(*pull)(struct rt_images *s, const struct rt_pull_request *req, const struct rt_call *call);
    /* result: struct rt_image, or NULL when the image is not here (no error) */
    struct rt_op *(*status)(struct rt_images *s, const char *image, const struct rt_call *call);
    struct rt_op *(*list)(struct rt_images *s, const struct rt_call *call);   /* result: struct rt_image_list */
    struct rt_op *(*remove)(struct rt_images *s, const char *image, const struct rt_call *call);
};

/* ---- Sandbox: what the containers of a pod share ---------------------------------------------------------- */

enum rt_namespace_mode { RT_NS_POD, RT_NS_CONTAINER, RT_NS_NODE, RT_NS_TARGET };

enum rt_protocol { RT_TCP, RT_UDP, RT_SCTP };

struct rt_port_mapping {
    enum rt_protocol protocol;
    uint16_t container_port;
    uint16_t host_port;
    const char *host_ip; /* NULL: all */
};
struct rt_sysctl {
    const char *name;
    const char *value;
};
struct rt_resources { /* 0 means: not set, but for cpu_quota_us and memory_bytes where -1 means unlimited */
    uint64_t cpu_shares;
    int64_t cpu_quota_us;
    uint64_t cpu_period_us;
    int64_t memory_bytes;
    int64_t pids;
    int oom_score_adj;
};
struct rt_sandbox_config {
    const char *uid;       /* the pod's; also the identity of the sandbox together with attempt */
    const char *name;      /* for logs and CNI */
    const char *namespace_;
    uint32_t attempt;
    const char *hostname;
    const char *log_directory; /* absolute */
    struct rt_strings dns_servers, dns_searches, dns_options; /* all empty: the host's resolv.conf is used */
    const struct rt_port_mapping *ports;
    size_t ports_len;
    struct rt_labels labels, annotations; /* opaque to the backend, given back by status and list */
    const char *cgroup_parent; /* pod cgroup, as a path below each hierarchy: "/kubepods/burstable/podUID" */
    struct rt_resources resources; /* of that group; all 0: it is made without limits */
    enum rt_namespace_mode network; /* POD or NODE */
    enum rt_namespace_mode pid;     /* CONTAINER, POD (shared by the pod's containers) or NODE */
    enum rt_namespace_mode ipc;     /* POD or NODE */
    const struct rt_sysctl *sysctls;
    size_t sysctls_len;
    uint64_t shm_bytes; /* 0: 64 MiB */
    const char *runtime_handler; /* one of the runtime's handlers; "" default */
};
enum rt_sandbox_state { RT_SANDBOX_READY, RT_SANDBOX_NOTREADY };
struct rt_sandbox {
    const char *id;
    const char *uid, *name, *namespace_;
    uint32_t attempt;
    enum rt_sandbox_state state;
    int64_t created_wall_ns;
    struct rt_strings ips; /* none for the node's network */
    struct rt_labels labels, annotations;
};
struct rt_sandbox_list {
    const struct rt_sandbox *items;
    size_t len;
};
struct rt_sandboxes {
    const struct rt_sandboxes_ops *ops;
};
struct rt_sandboxes_ops {
    const char *name;
    struct rt_op *(*create)(struct rt_sandboxes *s, const struct rt_sandbox_config *config,
                            const struct rt_call *call); /* result: struct rt_sandbox; ready, with addresses */
    /* Network torn down. Containers, which may be another backend's, are the caller's to stop and remove before. */
    struct rt_op *(*stop)(struct rt_sandboxes *s, const char *id, const struct rt_call *call);
    struct rt_op *(*remove)(struct rt_sandboxes *s, const char *id, const struct rt_call *call); /* nothing is left; what still runs in it is killed */
    struct rt_op *(*status)(struct rt_sandboxes *s, const char *id, const struct rt_call *call); /* rt_sandbox or NULL */
    struct rt_op *(*list)(struct rt_sandboxes *s, const struct rt_call *call); /* rt_sandbox_list, also remains of unfinished creations */
};

/* ---- Containers ------------------------------------------------------------------------------------------- */

enum rt_mount_propagation { RT_PROPAGATION_PRIVATE, RT_PROPAGATION_HOST_TO_CONTAINER, RT_PROPAGATION_BIDIRECTIONAL };
struct rt_mount {
    const char *container_path;
    const char *host_path; /* absolute, exists */
    bool readonly;
    bool recursive_readonly;
    enum rt_mount_propagation propagation;
};
struct rt_device {
    const char *container_path, *host_path;
    const char *permissions; /* "rwm" */
};
enum rt_seccomp { RT_SECCOMP_UNCONFINED, RT_SECCOMP_RUNTIME_DEFAULT, RT_SECCOMP_LOCALHOST };
struct rt_security {
    bool privileged;
    bool readonly_rootfs;
    bool no_new_privs;
    struct rt_strings add_capabilities, drop_capabilities; /* "NET_ADMIN", "ALL", without CAP_ */
    bool has_uid, has_gid;
    int64_t uid, gid;
    const char *username; /* resolved in the image's /etc/passwd when has_uid is false; NULL: the image's user */
    const int64_t *supplemental_groups;
    size_t supplemental_groups_len;
    bool supplemental_groups_strict; /* do not merge the groups of the image's /etc/group */
    enum rt_seccomp seccomp;
    const char *seccomp_localhost_path; /* absolute */
    bool unmasked_proc;
    enum rt_namespace_mode pid; /* as the sandbox, or RT_NS_TARGET with target_container_id */
    const char *target_container_id;
};
struct rt_container_config {
    const char *sandbox_id;
    const char *name;
    uint32_t attempt;      /* restart count; with sandbox_id and name the container's identity */
    const char *image;     /* reference as the user wrote it, for status */
    const char *image_id;  /* "sha256:…" */
    struct rt_strings command; /* empty: the image's entry point (and its arguments, unless args) */
    struct rt_strings args;
    const char *working_dir;   /* NULL: the image's */
    const struct rt_label *envs; /* complete but for the image's own, which come first and lose */
    size_t envs_len;
    const struct rt_mount *mounts;
    size_t mounts_len;
    const struct rt_device *devices;
    size_t devices_len;
    struct rt_labels labels, annotations;
    const char *log_path; /* relative to the sandbox's log_directory */
    uint16_t listen_port; /* first declared container port (TCP); 0: none. For containers whose socket the backend makes */
    bool stdin_open, stdin_once, tty;
    struct rt_resources resources;
    struct rt_security security;
    const char *stop_signal; /* "SIGTERM"; NULL: the image's, else SIGTERM */
};
struct rt_user { /* what a container's first process got */
    int64_t uid, gid;
    const int64_t *groups; /* gid first */
    size_t groups_len;
};
/* UNKNOWN: it runs and its supervisor is lost; or, with started_wall_ns 0, its creation was cut short by our death:
 * create with the same sandbox, name and attempt makes it anew, remove takes its remains away. */
enum rt_container_state { RT_CONTAINER_CREATED, RT_CONTAINER_RUNNING, RT_CONTAINER_EXITED, RT_CONTAINER_UNKNOWN };
struct rt_container {
    const char *id;
    const char *sandbox_id;
    const char *name;
    uint32_t attempt;
    enum rt_container_state state;
    int64_t created_wall_ns, started_wall_ns, finished_wall_ns; /* 0: not yet */
    int exit_code;
    bool oom_killed;
    const char *reason;  /* "Completed", "Error", "OOMKilled", "StartError", "ContainerStatusUnknown"; NULL while alive */
    const char *message; /* NULL or text for people */
    const char *image, *image_id;
    const char *log_path; /* absolute */
    struct rt_labels labels, annotations;
    int64_t pid; /* 0: none */
    const struct rt_user *user; /* NULL: not known */
    const char *stop_signal;    /* "SIGQUIT", as the configuration or the image says; NULL: neither does (SIGTERM) */
};
struct rt_container_list {
    const struct rt_container *items;
    size_t len;
};
struct rt_container_stats {
    uint64_t cpu_usage_ns;
    uint64_t memory_usage_bytes, memory_working_set_bytes, memory_rss_bytes;
    uint64_t rootfs_bytes;
    uint64_t pids;
};

struct rt_streams { /* descriptors handed over by exec, attach and port-forward; the caller closes */
    int stdin_fd, stdout_fd, stderr_fd; /* -1: not asked for */
    int tty_control_fd;                 /* -1, else takes terminal sizes */
};
struct rt_exec_request {
    const char *container_id;
    struct rt_strings command;
    bool stdin_open, stdout_open, stderr_open, tty;
    int64_t timeout_ms; /* 0: none */
    void (*exited)(void *user, int exit_code, const struct err *err); /* once, after done() */
};

struct rt_containers {
    const struct rt_containers_ops *ops;
};
/* A NULL entry means that the backend cannot do it: the agent says so instead of asking. */
struct rt_containers_ops {
    const char *name; /* also the scheme of container ids: "oarsman" → oarsman://ID */
    struct rt_op *(*create)(struct rt_containers *s, const struct rt_container_config *config,
                            const struct rt_call *call); /* result: struct rt_container (CREATED) */
    struct rt_op *(*start)(struct rt_containers *s, const char *id, const struct rt_call *call);
    /* Stop signal, then SIGKILL after grace_ms; done() when it has exited. Twice is fine: the smaller grace wins. */
    struct rt_op *(*stop)(struct rt_containers *s, const char *id, int64_t grace_ms, const struct rt_call *call);
    struct rt_op *(*remove)(struct rt_containers *s, const char *id, const struct rt_call *call); /* kills if need be; log stays */
    struct rt_op *(*status)(struct rt_containers *s, const char *id, const struct rt_call *call); /* rt_container or NULL */
    struct rt_op *(*list)(struct rt_containers *s, const struct rt_call *call); /* also remains of unfinished creations */
    struct rt_op *(*update_resources)(struct rt_containers *s, const char *id, const struct rt_resources *r,
                                      const struct rt_call *call);
    struct rt_op *(*reopen_log)(struct rt_containers *s, const char *id, const struct rt_call *call);
    struct rt_op *(*stats)(struct rt_containers *s, const char *id, const struct rt_call *call); /* rt_container_stats */
    struct rt_op *(*exec)(struct rt_containers *s, const struct rt_exec_request *req, const struct rt_call *call); /* rt_streams */
    struct rt_op *(*attach)(struct rt_containers *s, const char *id, const struct rt_call *call);                  /* rt_streams */
    struct rt_op *(*port_forward)(struct rt_containers *s, const char *sandbox_id, uint16_t port,
                                  const struct rt_call *call); /* rt_streams: stdin_fd == stdout_fd, a socket */
};

/* ---- Events ------------------------------------------------------------------------------------------------ */

enum rt_event_kind {
    RT_EVENT_CONTAINER_EXITED,
    RT_EVENT_CONTAINER_OOM,
    RT_EVENT_SUPERVISOR_LOST, /* the container may live on, but its exit code will not be known */
    RT_EVENT_SANDBOX_CHANGED,
    RT_EVENT_IMAGES_CHANGED,
    RT_EVENT_HEALTH_CHANGED,
};
struct rt_event {
    enum rt_event_kind kind;
    const char *sandbox_id;   /* NULL where it says nothing */
    const char *container_id;
};
typedef void (*rt_event_fn)(void *user, const struct rt_event *event); /* on the loop */

/* ---- The backend as a whole -------------------------------------------------------------------------------- */

struct rt_health {
    bool runtime_ready;
    const char *runtime_message; /* for people, when not ready */
    bool network_ready;
    const char *network_message; /* "cni plugin not initialized", … */
};
struct rt_handler { /* one RuntimeClass handler that this node offers */
    const char *name; /* "" default */
    bool recursive_readonly_mounts, user_namespaces;
    bool wasm; /* its pods prefer an image's WebAssembly to the native one */
};
/* Whether handler is one of these; "" is the default one. Pure */
bool rt_handlers_have(const struct rt_handler *handlers, size_t len, const char *handler);
struct rt_runtime {
    const char *name;    /* containerRuntimeVersion is name://version */
    const char *version;
    struct rt_images *images;
    struct rt_sandboxes *sandboxes;
    struct rt_containers *containers;
    const struct rt_handler *handlers;
    size_t handlers_len;
    struct rt_health (*health)(struct rt_runtime *rt); /* strings live until the next call */
    void (*set_events)(struct rt_runtime *rt, rt_event_fn fn, void *user);
    void (*free)(struct rt_runtime *rt); /* stops watching; containers run on */
};
