/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lease.h - Lease, coordination.k8s.io/v1: the heartbeat of a node.
 */
#pragma once

#include "k8s/meta.h"

#define K8S_LEASE_SPEC_FIELDS(F)                                                                   \
    F(value, const char *, holder_identity, "holderIdentity", 0)                                   \
    F(value, struct opt_i32, lease_duration_seconds, "leaseDurationSeconds", 0)                    \
    F(embed, k8s_micro_time, acquire_time, "acquireTime", 0)                                       \
    F(embed, k8s_micro_time, renew_time, "renewTime", 0)                                           \
    F(value, struct opt_i32, lease_transitions, "leaseTransitions", 0)                             \
    F(value, const char *, strategy, "strategy", 0)                                                \
    F(value, const char *, preferred_holder, "preferredHolder", 0)
JSON_STRUCT(k8s_lease_spec, K8S_LEASE_SPEC_FIELDS);

#define K8S_LEASE_FIELDS(F)                                                                        \
    F(value, const char *, kind, "kind", 0)                                                        \
    F(value, const char *, api_version, "apiVersion", 0)                                           \
    F(embed, k8s_object_meta, metadata, "metadata", 0)                                             \
    F(embed, k8s_lease_spec, spec, "spec", 0)
JSON_STRUCT(k8s_lease, K8S_LEASE_FIELDS);
