/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/backoff.h"

#include <stdio.h>

#define MS_PER_S 1000
#define RESTART_FIRST_MS (10 * MS_PER_S)
#define PULL_FIRST_MS (10 * MS_PER_S)
#define STEP_FIRST_MS MS_PER_S
#define STEP_MAX_MS (60 * MS_PER_S)

static int64_t at_most(int64_t a, int64_t max)
{
    return a < max ? a : max;
}

void backoff_fail(struct retry *r, enum backoff_kind kind, const struct pod_policy *policy,
                  const struct now *now, const char *reason, const char *message)
{
    int64_t first = kind == BACKOFF_PULL ? PULL_FIRST_MS : STEP_FIRST_MS;
    int64_t max = kind == BACKOFF_PULL ? policy->pull_backoff_max_ms : STEP_MAX_MS;
    r->delay_ms = at_most(r->delay_ms ? 2 * r->delay_ms : first, max);
    r->not_before_boot_ns = now->boot_ns + r->delay_ms * NS_PER_MS;
    record_string(&r->reason, reason);
    record_string(&r->message, message);
}

static bool expired(const struct container_record *c, const struct pod_policy *policy)
{
    return c->current.finished_wall_ns - c->backoff_wall_ns >
           2 * policy->restart_backoff_max_ms * NS_PER_MS;
}

int64_t restart_wait_ms(const struct container_record *c, const struct pod_policy *policy)
{
    if (!c->backoff_ms || expired(c, policy))
        return 0;
    return at_most(c->backoff_ms, policy->restart_backoff_max_ms);
}

int64_t restart_due_boot_ns(const struct container_record *c, const struct pod_policy *policy)
{
    int64_t wait_ns = restart_wait_ms(c, policy) * NS_PER_MS;
    if (!wait_ns)
        return 0;
    return c->live.exit_seen_boot_ns + wait_ns - at_most(c->live.exit_passed_ns, wait_ns);
}

void restart_grow(struct container_record *c, const struct pod_policy *policy,
                  const struct now *now)
{
    int64_t max_ms = policy->restart_backoff_max_ms;
    c->backoff_ms = !c->backoff_ms || expired(c, policy) ? at_most(RESTART_FIRST_MS, max_ms)
                                                         : at_most(2 * c->backoff_ms, max_ms);
    c->backoff_wall_ns = now->wall_ns;
}

char *duration_print(int64_t ns, char out[32])
{
    int64_t ms = ns / NS_PER_MS;
    if (ms < MS_PER_S) {
        (void)snprintf(out, 32, "%lldms", (long long)ms);
        return out;
    }
    int64_t s = ms / MS_PER_S, rest = ms % MS_PER_S;
    char fraction[8] = "";
    if (rest) {
        (void)snprintf(fraction, sizeof(fraction), ".%03lld", (long long)rest);
        for (size_t i = 3; i && fraction[i] == '0'; i--)
            fraction[i] = '\0';
    }
    char hours[24] = "", minutes[8] = "";
    if (s >= 3600)
        (void)snprintf(hours, sizeof(hours), "%lldh", (long long)(s / 3600));
    if (s >= 60)
        (void)snprintf(minutes, sizeof(minutes), "%dm", (int)(s / 60 % 60));
    (void)snprintf(out, 32, "%.20s%s%d%ss", hours, minutes, (int)(s % 60), fraction);
    return out;
}
