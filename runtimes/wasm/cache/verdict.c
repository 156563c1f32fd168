/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"

#define MEMORY_MIN_MS ((int64_t)10 * 1000)
#define MEMORY_MAX_MS ((int64_t)3600 * 1000)
enum { MEMORY_FACTOR = 10, LINE_MAX_BYTES = 900 };

/* The compiler's bound on its own memory comes before its group's: an allocation that fails is its end. */
static bool ran_out(const struct verdict_facts *f)
{
    return f->out_of_memory ||
           (f->exit.signal && (strstr(f->said, "memory allocation of") || strstr(f->said, "out of memory")));
}

static int took_too_long(int64_t deadline_ms, struct err *err)
{
    if (deadline_ms % 1000)
        return err_set(err, -ETIMEDOUT, "compiling took longer than %lld ms", (long long)deadline_ms);
    return err_set(err, -ETIMEDOUT, "compiling took longer than %lld s", (long long)deadline_ms / 1000);
}

int verdict(const struct verdict_facts *f, struct err *err)
{
    size_t len = strcspn(f->said, "\n");
    int shown = (int)(len < LINE_MAX_BYTES ? len : LINE_MAX_BYTES);
    if (f->exit.timed_out)
        return took_too_long(f->deadline_ms, err);
    if (f->exit.code == 0)
        return 0;
    if (ran_out(f))
        return err_set(err, -ENOMEM, "compiling needs more than %llu MiB of memory",
                       (unsigned long long)(f->memory_max_bytes / MIB));
    if (f->exit.signal)
        return err_set(err, -EIO, "the compiler was ended by signal %d%s%.*s", f->exit.signal, len ? ": " : "", shown,
                       f->said);
    if (len == 0)
        return err_set(err, -EIO, "the compiler has failed with exit code %d", f->exit.code);
    return err_set(err, strstr(f->said, "No space left") ? -ENOSPC : -EINVAL, "%.*s", shown, f->said);
}

int64_t verdict_memory_ms(int64_t took_ms)
{
    if (took_ms > MEMORY_MAX_MS / MEMORY_FACTOR)
        return MEMORY_MAX_MS;
    int64_t ms = took_ms * MEMORY_FACTOR;
    return ms < MEMORY_MIN_MS ? MEMORY_MIN_MS : ms;
}
