/* SPDX-License-Identifier: Apache-2.0 */
/*
 * failures.h - modules that could not be compiled a short while ago: they are not tried again yet.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/map.h"

struct failures {
    struct map by_key; /* the oldest first */
};
void failures_done(struct failures *f);
void failures_put(struct failures *f, const char *key, const struct err *err, int64_t until_ms);
/* NULL: none, or it is past. Borrowed until the next call. */
const struct err *failures_get(struct failures *f, const char *key, int64_t now_ms);
