/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reference.h - which other objects a pod speaks of, and those objects once fetched. Pure.
 *
 * What is to be fetched is worked out first, as data; whoever has an API server (or a file of manifests) fetches
 * it; what is made of it is worked out from the set. So nothing here waits for anything.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "k8s/pod.h"

struct k8s_object;

enum reference_kind {
    REFERENCE_CONFIG_MAP,
    REFERENCE_SECRET,
    REFERENCE_TOKEN,    /* a service account token for this pod; name is the volume's and path's own */
    REFERENCE_SERVICES, /* of the pod's namespace, and "kubernetes" of the namespace default */
    REFERENCE_RUNTIME_CLASS, /* of no namespace */
    REFERENCE_KIND_NR,
};

/* Strings are borrowed from the pod. */
struct reference {
    enum reference_kind kind;
    const char *name;      /* NULL for services and tokens */
    bool optional;         /* its absence is fine for everybody who asks */
    const char *audience;  /* of a token; NULL: the API server's */
    int64_t expiration_s;
};
struct references {
    struct reference *items; /* heap, each object once */
    size_t len, cap;
};
void references_done(struct references *r);
DEFINE_CLEANUP_DONE(struct references, references_done)

void references_of_container(struct references *r, const struct k8s_pod *pod, const struct k8s_container *c);
void references_of_volumes(struct references *r, const struct k8s_pod *pod);
void references_of_pull_secrets(struct references *r, const struct k8s_pod *pod);
void references_of_sandbox(struct references *r, const struct k8s_pod *pod); /* its runtime class */

/* What was fetched. Not there: object is NULL. */
struct fetched {
    enum reference_kind kind;
    const char *name;
    const char *audience;
    int64_t expiration_s;
    struct k8s_object *object; /* ConfigMap, Secret, RuntimeClass, or TokenRequest with its status */
};
struct fetched_set {
    const struct fetched *items;
    size_t len;
    struct k8s_object *const *services; /* Service */
    size_t services_len;
};
/* NULL: absent. */
const struct k8s_object *fetched_get(const struct fetched_set *set, enum reference_kind kind, const char *name);
const struct k8s_object *fetched_token(const struct fetched_set *set, const char *audience, int64_t expiration_s);
