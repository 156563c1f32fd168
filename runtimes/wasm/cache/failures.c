/* SPDX-License-Identifier: Apache-2.0 */
#include "failures.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"

struct failure {
    struct err err;
    int64_t until_ms;
};

void failures_done(struct failures *f)
{
    const char *key;
    void *value;
    for (size_t i = 0; map_next(&f->by_key, &i, &key, &value);)
        free(value);
    map_done(&f->by_key);
}

static void forget_oldest(struct failures *f)
{
    const char *key;
    void *value;
    size_t i = 0;
    if (map_next(&f->by_key, &i, &key, &value))
        free(map_remove(&f->by_key, key));
}

void failures_put(struct failures *f, const char *key, const struct err *err, int64_t until_ms)
{
    free(map_remove(&f->by_key, key));
    if (map_len(&f->by_key) >= LIMIT_WASM_KNOWN_FAILURES)
        forget_oldest(f);
    struct failure *failure = NEW(struct failure);
    err_copy(&failure->err, err);
    failure->until_ms = until_ms;
    (void)map_put(&f->by_key, key, failure);
}

const struct err *failures_get(struct failures *f, const char *key, int64_t now_ms)
{
    struct failure *failure = map_get(&f->by_key, key);
    if (!failure)
        return NULL;
    if (failure->until_ms > now_ms)
        return &failure->err;
    free(map_remove(&f->by_key, key));
    return NULL;
}
