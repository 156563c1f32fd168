/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manifest.h - objects from files, for which no API server has filled in defaults or said what is wrong.
 *
 * Pods come out as the API server would have stored them: validated in its words, and with its defaults.
 */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"

struct arena;
struct err;
struct json_type;
struct k8s_object;
struct k8s_pod;

struct manifest {
    struct k8s_object **objects; /* Pod, ConfigMap, Secret or RuntimeClass, in the order of the text; owned */
    size_t len;
};
void manifest_done(struct manifest *m);
DEFINE_CLEANUP_DONE(struct manifest, manifest_done)

/*
 * Appends the objects of one file: YAML or JSON, several documents, "List" kinds unfolded.
 * name: for messages. A namespace that is not given is "default".
 * err: "FILE: document 2 (line 14): Pod \"web\": spec.containers[0].image: Required value".
 */
int manifest_parse(struct manifest *m, const char *name, const char *text, size_t len, struct err *err);
int manifest_load(struct manifest *m, const char *path, struct err *err); /* "-": standard input */

/* The pod as the API server stores it: a shallow copy of pod with defaults. What is new lies in the arena. NULL:
 * the arena is full. Pure. */
struct k8s_pod *pod_with_defaults(const struct k8s_pod *pod, struct arena *arena);

/* What the API server would refuse, as far as a node cares. 0, or -EINVAL: "spec.containers[0].name: Required value". Pure. */
int pod_validate(const struct k8s_pod *pod, struct err *err);
