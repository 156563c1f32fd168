/* SPDX-License-Identifier: Apache-2.0 */
/* What a group uses: a table of files and keys for each version, one reader. */
#include <errno.h>
#include <fcntl.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/str.h"
#include "cgroup_internal.h"

#define FILE_BYTES (64 * KIB) /* memory.stat has 2 to 5 KiB */

struct cgroup_raw {
    struct rt_cgroup_usage usage;
    uint64_t inactive_file_bytes;
};

#define AT(member) offsetof(struct cgroup_raw, member)

/* kernel.org: admin-guide/cgroup-v1/memory.rst: "total_" includes the groups below. */
const struct cgroup_counter cgroup_counters_v1[] = {
    { CGROUP_CPUACCT, "cpuacct.usage", NULL, AT(usage.cpu_usage_ns), 1 },
    { CGROUP_MEMORY, "memory.usage_in_bytes", NULL, AT(usage.memory_usage_bytes), 1 },
    { CGROUP_MEMORY, "memory.limit_in_bytes", NULL, AT(usage.memory_limit_bytes), 1 },
    { CGROUP_MEMORY, "memory.stat", "total_rss", AT(usage.memory_rss_bytes), 1 },
    { CGROUP_MEMORY, "memory.stat", "total_inactive_file", AT(inactive_file_bytes), 1 },
    { CGROUP_MEMORY, "memory.oom_control", "oom_kill", AT(usage.oom_kills), 1 },
    { CGROUP_PIDS, "pids.current", NULL, AT(usage.pids), 1 },
    { .file = NULL },
};

/* kernel.org: admin-guide/cgroup-v2.rst */
const struct cgroup_counter cgroup_counters_v2[] = {
    { CGROUP_CPU, "cpu.stat", "usage_usec", AT(usage.cpu_usage_ns), 1000 },
    { CGROUP_MEMORY, "memory.current", NULL, AT(usage.memory_usage_bytes), 1 },
    { CGROUP_MEMORY, "memory.max", NULL, AT(usage.memory_limit_bytes), 1 },
    { CGROUP_MEMORY, "memory.stat", "anon", AT(usage.memory_rss_bytes), 1 },
    { CGROUP_MEMORY, "memory.stat", "inactive_file", AT(inactive_file_bytes), 1 },
    { CGROUP_MEMORY, "memory.events", "oom_kill", AT(usage.oom_kills), 1 },
    { CGROUP_PIDS, "pids.current", NULL, AT(usage.pids), 1 },
    { .file = NULL },
};

/* "KEY NUMBER\n" or "NUMBER\n". */
static int number_at(const char *s, uint64_t *ret)
{
    size_t len = strcspn(s, " \n");
    char digits[24];
    if (len == 0 || len >= sizeof(digits))
        return -ENOENT;
    memcpy(digits, s, len);
    digits[len] = '\0';
    if (str_eq(digits, "max")) {
        *ret = UINT64_MAX;
        return 0;
    }
    return str_to_u64(digits, UINT64_MAX, ret) < 0 ? -ENOENT : 0;
}

int cgroup_usage_number(const char *text, const char *key, uint64_t *ret)
{
    if (!key)
        return number_at(text, ret);
    size_t len = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, len) == 0 && line[len] == ' ')
            return number_at(line + len + 1, ret);
    }
    return -ENOENT;
}

static void read_counter(const struct rt_cgroups *c, const char *path,
                         const struct cgroup_counter *counter, struct buf *text, bool *same_file,
                         struct cgroup_raw *raw)
{
    const struct cgroup_hierarchy *h = cgroup_hierarchy_of(c, counter->controller);
    uint64_t value;
    if (!h)
        return;
    if (!*same_file) {
        AUTO(free) char *file = cgroup_path_in(c, h, path, counter->file);
        buf_clear(text);
        if (file_read(AT_FDCWD, file, text, NULL) < 0)
            buf_clear(text);
    }
    if (cgroup_usage_number(buf_str(text), counter->key, &value) < 0)
        return;
    if (value != UINT64_MAX)
        value *= counter->scale;
    *(uint64_t *)(void *)((char *)raw + counter->offset) = value;
}

int rt_cgroup_usage(const struct rt_cgroups *c, const char *path, struct rt_cgroup_usage *ret,
                    struct err *err)
{
    struct cgroup_raw raw = { .usage = { .cpu_usage_ns = 0 } };
    AUTO(buf_done) struct buf text = BUF_INIT(FILE_BYTES);
    int r = cgroup_path_check(path, err);
    if (r < 0)
        return r;
    if (!rt_cgroup_exists(c, path))
        return err_set(err, -ENOENT, "cgroup %s does not exist", path);
    for (const struct cgroup_counter *k = c->version->counters, *last = NULL; k->file; last = k++) {
        bool same_file = last && str_eq(last->file, k->file);
        read_counter(c, path, k, &text, &same_file, &raw);
    }
    struct rt_cgroup_usage *u = &raw.usage;
    u->memory_working_set_bytes = u->memory_usage_bytes > raw.inactive_file_bytes
                                      ? u->memory_usage_bytes - raw.inactive_file_bytes
                                      : 0;
    if (u->memory_limit_bytes >=
        (uint64_t)INT64_MAX - 4096) /* version 1 has a huge number for "none" */
        u->memory_limit_bytes = UINT64_MAX;
    *ret = *u;
    return 0;
}
