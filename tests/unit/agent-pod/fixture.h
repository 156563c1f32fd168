/* SPDX-License-Identifier: Apache-2.0 */
/* fixture.h - pods out of JSON with single quotes, a node, and the moments at which they are looked at. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "decide/note.h"
#include "decide/plan.h"
#include "decide/status.h"
#include "k8s/object.h"

/* "{'metadata':…}"; name, namespace and uid are set when they are missing. Aborts on bad JSON. */
struct k8s_object *fixture_pod(const char *json);
#define POD(o) K8S_OBJECT_AS((o), k8s_pod)

extern const struct pod_policy fixture_policy; /* 10.0.0.1, runtime "oarsman", 300 s, 300 s */
struct now fixture_now(int64_t ms);            /* after a start that is the same in all tests */

/* A record that is admitted and has seen the pod; caller frees. */
struct pod_record *fixture_record(const struct k8s_pod *pod);
/* Everything listed, in the source, with a server and a network. */
struct pod_observed fixture_seen(const struct seen_sandbox *sandboxes, size_t sandboxes_len,
                                 const struct seen_container *containers, size_t containers_len);
/* "image.check a, sandbox.create": the actions of a plan in order, and nothing else. In a static buffer. */
const char *fixture_plan(const struct k8s_pod *pod, const struct pod_record *r, const struct pod_observed *seen,
                         int64_t now_ms, int64_t *ret_wake_ms);
const struct k8s_pod_condition *fixture_condition(const struct k8s_pod_status *s, const char *type);
