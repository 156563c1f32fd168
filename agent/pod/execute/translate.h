/* SPDX-License-Identifier: Apache-2.0 */
/*
 * translate.h - from a pod's words to the runtime's. Pure: everything that has to be known is an argument.
 */
#pragma once

#include "pod/ports.h"
#include "pod/settings.h"

/* config's strings lie in the arena, in the pod or in settings. err->reason FailedCreatePodSandBox. */
int translate_sandbox(const struct pod_settings *settings, const struct k8s_pod *pod, uint32_t attempt,
                      struct arena *arena, struct rt_sandbox_config *config, struct err *err);

/*
 * The handler that the pod's runtime class stands for; "" when it has none. set: what references_of_sandbox() asks
 * for; ret is borrowed from it. err->reason FailedCreatePodSandBox: there is no such class, or this node has no such
 * handler.
 */
int translate_handler(const struct k8s_pod *pod, const struct fetched_set *set, const struct rt_runtime *runtime,
                      const char **ret, struct err *err);
/* Is that a handler of WebAssembly? false also where it cannot be told. */
bool translate_prefers_wasm(const struct k8s_pod *pod, const struct fetched_set *set, const struct rt_runtime *runtime);

struct translate_container_in {
    const struct pod_settings *settings;
    const struct k8s_pod *pod;
    struct container_ref ref;
    const struct pod_facts *facts; /* with the pod's addresses */
    const struct fetched_set *fetched;
    struct pod_volumes *volumes; /* where they are */
    const char *sandbox_id;
    uint32_t attempt;
    const char *image_id;
    bool image_has_uid; /* who the image runs as, where translate_needs_image_user() */
    int64_t image_uid;
    const char *image_username;
    const char *termination_log; /* on the host */
    const char *hosts_path;      /* on the host; NULL: the container brings its own */
    const char *target_id;       /* of the container that an ephemeral one looks at; NULL: none runs */
};

/* ret_skipped: what was left out of the environment, for the event InvalidEnvironmentVariableNames; NULL: nothing.
 * err->reason CreateContainerConfigError. */
int translate_container(const struct translate_container_in *in, struct arena *arena,
                        struct rt_container_config *config, const char **ret_skipped, struct err *err);

/* ---- parts, each with its test ---- */

struct pod_names {
    const char *hostname;
    const char *domain; /* "sub.ns.svc.cluster.local"; NULL: none */
};
int translate_names(const struct pod_settings *settings, const struct k8s_pod *pod, struct arena *arena,
                    struct pod_names *ret, struct err *err);

struct dns_config {
    struct rt_strings servers, searches, options;
    const char *warning; /* what was left out, for the event DNSConfigForming; NULL: nothing */
};
int translate_dns(const struct pod_settings *settings, const struct k8s_pod *pod, struct arena *arena,
                  struct dns_config *ret);

/* Content of /etc/hosts. NULL: too big. */
const char *translate_hosts(const struct pod_settings *settings, const struct k8s_pod *pod,
                            const struct pod_facts *facts, struct arena *arena);
bool translate_wants_hosts(const struct k8s_pod *pod, const struct container_ref *c);

bool translate_needs_image_user(const struct k8s_pod *pod, const struct container_ref *c);
int translate_security(const struct translate_container_in *in, struct arena *arena, struct rt_security *ret,
                       struct err *err);

/* "1a2b3c4d…" of name and image alone, so that a newer agent restarts nothing. */
const char *translate_hash(const struct k8s_container *c, struct arena *arena);
/* "/kubepods/burstable/podUID" */
const char *translate_cgroup(const struct pod_settings *settings, const struct k8s_pod *pod, struct arena *arena);
