/* SPDX-License-Identifier: Apache-2.0 */
/*
 * time.h - points in time as the API writes them: RFC 3339, in seconds (k8s_time) or microseconds
 * (k8s_micro_time).
 *
 * Reading accepts any offset and any number of fraction digits (beyond nanoseconds they are cut);
 * writing is UTC. Writing cuts to the type's precision, as the API server does, so that a value
 * read back may be earlier.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

struct k8s_time {
    bool has;
    int64_t unix_ns; /* since 1970, UTC */
};
extern const struct json_type k8s_time_type;

struct k8s_micro_time {
    bool has;
    int64_t unix_ns;
};
extern const struct json_type k8s_micro_time_type;

#define K8S_TIME_TEXT_BYTES 40 /* enough for every form below, with the NUL */

static inline struct k8s_time k8s_time_at(int64_t unix_ns)
{
    return (struct k8s_time){ .has = true, .unix_ns = unix_ns };
}

/* "2026-01-02T03:04:05Z", with an offset, with a fraction. A time that int64 nanoseconds cannot
 * hold (before 1678, after 2262) becomes the nearest one they can. 0, -EINVAL. Pure. */
int k8s_time_parse(const char *s, size_t len, int64_t *ret_unix_ns);
/* fraction_digits: 0, 3, 6 or 9. Returns out. */
char *k8s_time_print(int64_t unix_ns, int fraction_digits, char out[K8S_TIME_TEXT_BYTES]);
