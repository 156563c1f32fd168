/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backoff.h - how long to wait before trying again.
 *
 * Restarts (kubernetes.io, "Container restarts"): the first is at once, the next ones wait 10 s, 20 s, 40 s … up to
 * the node's maximum, counted from the end of the last run; a run that ended more than twice the maximum after
 * the wait last grew starts over. Pulls: 10 s, doubling to the maximum. Everything else: a second, doubling to a
 * minute. Pure.
 */
#pragma once

#include "decide/observed.h"

enum backoff_kind { BACKOFF_PULL, BACKOFF_STEP, BACKOFF_KIND_NR };

/* Another failure: sets delay, due time, reason and message. */
void backoff_fail(struct retry *r, enum backoff_kind kind, const struct pod_policy *policy,
                  const struct now *now, const char *reason, const char *message);
static inline bool backoff_due(const struct retry *r, const struct now *now)
{
    return r->not_before_boot_ns <= now->boot_ns;
}

/* When the ended container may be started again, as boot time; 0: at once. The wait counts from the end of the run,
 * which is wall time: the part that had passed was measured when the end was noticed, so that setting the clock does
 * not stretch it. */
int64_t restart_due_boot_ns(const struct container_record *c, const struct pod_policy *policy);
/* The wait that holds for the end of the current run; 0: none. */
int64_t restart_wait_ms(const struct container_record *c, const struct pod_policy *policy);
/* It is being started again: the next wait. */
void restart_grow(struct container_record *c, const struct pod_policy *policy, const struct now *now);

/* "10s", "2m40s", "1.5s", as Go prints durations. Returns out. */
char *duration_print(int64_t ns, char out[32]);
