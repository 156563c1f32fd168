/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "decide/status.h"
#include "situation.h"

struct conditions_in {
    const struct k8s_pod *pod;
    const struct pod_record *r;
    const struct pod_observed *seen;
    const struct now *now;
    enum pod_phase phase; /* the one that is reported */
    struct arena *arena;
};

/* Fills status->conditions. false: the arena is full. */
bool conditions_compute(const struct conditions_in *in, struct k8s_pod_status *status);
