/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of decide/ ask each other about containers and sandboxes. */
#pragma once

#include "decide/note.h"

/* The sandbox in which containers can be started; NULL: there is none. pod may be NULL. */
const struct seen_sandbox *sandbox_usable(const struct k8s_pod *pod, const struct pod_observed *seen);
/* Every container that counts has ended and is not started again. */
bool containers_complete(const struct k8s_pod *pod, const struct pod_record *r);
/* Whether the current run has ended and there will be no other while the pod is wanted. */
bool container_is_done(const struct k8s_pod *pod, const struct container_ref *c,
                       const struct container_record *rec);
/* Something of the pod runs, or may do so in a moment. */
bool pod_is_alive(const struct pod_record *r, const struct pod_observed *seen);
bool lane_is_busy(const struct pod_record *r); /* any lane of the pod but the API's */
struct container_record *record_of(const struct pod_record *r, size_t i, const char *name);
/* When the failure of a pull stops being told as ErrImagePull and becomes ImagePullBackOff; 0: never. */
int64_t pull_backoff_shown_boot_ns(const struct container_record *c);
/* "name_namespace(uid)", as messages name a pod. Returns out. */
const char *pod_display_name(const struct k8s_pod *pod, char *out, size_t size);
