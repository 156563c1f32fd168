/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kinds.h - the kinds of objects this library knows, in one table.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

enum k8s_kind_id {
    K8S_KIND_POD,
    K8S_KIND_NODE,
    K8S_KIND_LEASE,
    K8S_KIND_EVENT,
    K8S_KIND_SECRET,
    K8S_KIND_CONFIG_MAP,
    K8S_KIND_SERVICE,
    K8S_KIND_RUNTIME_CLASS,
    K8S_KIND_CERTIFICATE_SIGNING_REQUEST,
    K8S_KIND_TOKEN_REQUEST,
    K8S_KIND_TOKEN_REVIEW,
    K8S_KIND_SUBJECT_ACCESS_REVIEW,
    K8S_KIND_STATUS,
    K8S_KIND_NR,
};

struct k8s_kind {
    const char *api_version; /* "v1", "coordination.k8s.io/v1" */
    const char *kind;
    const char *plural; /* of the resource in URLs; NULL: none of its own (Status; TokenRequest is
                           posted to serviceaccounts/NAME/token of v1) */
    bool namespaced;
    const struct json_type *type;
};

extern const struct k8s_kind k8s_kinds[K8S_KIND_NR]; /* by enum k8s_kind_id */

const struct k8s_kind *k8s_kind_find(const char *api_version,
                                     const char *kind); /* NULL: not known */
const struct k8s_kind *
k8s_kind_of_type(const struct json_type *type); /* NULL: no top-level object */
