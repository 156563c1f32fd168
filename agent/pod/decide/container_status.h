/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "decide/status.h"
#include "situation.h"

struct container_status_in {
    const struct k8s_pod *pod;
    const struct pod_record *r;
    const struct pod_observed *seen;
    const struct pod_policy *policy;
    const struct now *now;
    bool over; /* the phase that is reported is a terminal one */
    struct arena *arena;
};

/* Fills the three lists of container statuses. false: the arena is full. */
bool container_statuses(const struct container_status_in *in, struct k8s_pod_status *status);
