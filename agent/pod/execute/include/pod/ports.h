/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ports.h - everything that running pods need of the outside, as tables of functions.
 *
 * The agent plugs in the API client, files and the node; `play` plugs in its terminal; tests and the simulator plug in
 * memory. All functions are called on the loop and never block. A call with done() answers exactly once, on the loop and
 * never from within the call; err is NULL on success and borrowed during done().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "decide/action.h"
#include "environment/reference.h"
#include "k8s/object.h"
#include "k8s/pod.h"
#include "rt/runtime.h"

struct loop;
struct arena;

typedef void (*pod_done_fn)(void *user, const struct err *err);

/* ---- who is told about pods ---- */

struct pod_cluster {
    const struct pod_cluster_ops *ops;
};
struct pod_cluster_ops {
    bool has_api; /* a server holds the objects: their status is reported there, and they are deleted there */
    /* One event about a pod or one of its containers. Fire and forget; strings are borrowed. */
    void (*event)(struct pod_cluster *c, const struct k8s_pod *pod, const struct pod_event *event);
    /* The pod was refused: a Warning event with the refusal's own reason. */
    void (*refused)(struct pod_cluster *c, const struct k8s_pod *pod, const char *reason, const char *message);
    /*
     * Reports status, as the difference to before; both hold what is ours alone. At most one report a pod is under
     * way. pod, before and status stay alive until done(). -ENOENT: the object is gone, which is fine.
     */
    void (*status)(struct pod_cluster *c, struct k8s_object *pod, const struct k8s_pod_status *before,
                   const struct k8s_pod_status *status, pod_done_fn done, void *user);
    /* Deletes the object without grace, if it still has this UID. -ENOENT: gone already. */
    void (*remove)(struct pod_cluster *c, struct k8s_object *pod, pod_done_fn done, void *user);
};

/* ---- what pods refer to ---- */

typedef void (*pod_fetched_fn)(void *user, const struct err *err, const struct fetched_set *set);
struct pod_refs {
    const struct pod_refs_ops *ops;
};
struct pod_refs_ops {
    /* A pod has come: what it refers to may be fetched ahead. Gone: no longer. */
    void (*acquire)(struct pod_refs *r, struct k8s_object *pod);
    void (*release)(struct pod_refs *r, const char *uid);
    /*
     * Fetches what is asked for. An object that is not there is left out of the set (whoever needs it says so);
     * an error is one of access or of the network. pod and want stay alive until done(); the set is borrowed during
     * done(). Withheld answers right after a binding (403, 404) are retried quietly for a second.
     */
    void (*fetch)(struct pod_refs *r, struct k8s_object *pod, const struct references *want, pod_fetched_fn done,
                  void *user);
    /* Credentials for an image out of the pull secrets in set, in the arena; NULL: there are none anywhere. */
    void (*auths)(struct pod_refs *r, const char *image, const struct fetched_set *set, struct arena *arena,
                  struct rt_auths *ret);
};

/* ---- volumes ---- */

struct pod_volumes {
    const struct pod_volumes_ops *ops;
};
struct pod_volumes_ops {
    /* Makes the pod's volumes, or brings them up to date. err->reason FailedMount. A teardown or cancel() ends
     * it early with -ECANCELED. */
    void (*prepare)(struct pod_volumes *v, struct k8s_object *pod, pod_done_fn done, void *user);
    void (*cancel)(struct pod_volumes *v, const char *uid);
    /* Nothing of the volumes is left. By uid alone: the pod may be unknown. */
    void (*teardown)(struct pod_volumes *v, const char *uid, pod_done_fn done, void *user);
    /* Where a prepared volume is on the host, in the arena; NULL: the pod has no such volume. Pure. */
    const char *(*path)(struct pod_volumes *v, const struct k8s_pod *pod, const char *volume, struct arena *arena);
    /* The first volume of a kind that cannot be had, as a path ("spec.volumes[2]"); NULL: none. Pure. */
    const char *(*unsupported)(struct pod_volumes *v, const struct k8s_pod *pod);
};

/* ---- small files of the pod: hosts, resolv.conf, termination logs, links to logs ---- */

struct pod_file { /* to be written: parents are made */
    const char *path;
    const char *text;
    uint32_t mode;
    bool only_if_absent; /* what a container may have written is kept */
};
struct pod_files {
    const struct pod_files_ops *ops;
};
struct pod_files_ops {
    /* files: copied. folders: NULL-terminated, made first, 0755 */
    void (*write)(struct pod_files *f, const struct pod_file *files, size_t len, const char *const *folders,
                  pod_done_fn done, void *user);
    void (*link)(struct pod_files *f, const char *target, const char *path); /* replaces; failures are dropped */
    void (*unlink)(struct pod_files *f, const char *path);                   /* also with a trailing '*' */
    void (*remove_tree)(struct pod_files *f, const char *path, pod_done_fn done, void *user);
    /* The tail of a file: at most max_bytes of its end, and at most max_lines lines (0: all). Text is borrowed. */
    void (*read_tail)(struct pod_files *f, const char *path, size_t max_bytes, size_t max_lines,
                      void (*done)(void *user, const char *text), void *user);
    /* Renames a log that is larger than max_bytes and keeps max_files of it, older ones compressed. -EAGAIN: it is not
     * that large. NULL: logs are not rotated here. */
    void (*rotate)(struct pod_files *f, const char *path, int64_t max_bytes, int64_t max_files, pod_done_fn done,
                   void *user);
};

/* ---- what is remembered ---- */

struct pod_store {
    const struct pod_store_ops *ops;
};
typedef void (*pod_store_load_fn)(void *user, const char *uid, const char *pod_json, const char *record_json);
struct pod_store_ops {
    /* Calls fn for each pod on the disk; may block: at start only. NULL: that file is not there. */
    int (*load)(struct pod_store *s, pod_store_load_fn fn, void *user, struct err *err);
    /* Either text may be NULL: unchanged. done when a crash of the agent loses it no more. Texts are copied. */
    void (*save)(struct pod_store *s, const char *uid, const char *pod_json, const char *record_json,
                 pod_done_fn done, void *user);
    void (*remove)(struct pod_store *s, const char *uid);
};

/* ---- all of it ---- */

struct pod_ports {
    struct loop *loop;
    struct rt_runtime *runtime;
    struct pod_cluster *cluster;
    struct pod_refs *refs;
    struct pod_volumes *volumes;
    struct pod_files *files;
    struct pod_store *store;
};
