/* SPDX-License-Identifier: Apache-2.0 */
/* pressure.c - eviction signals against their thresholds, by one table. */
#include "pressure.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "k8s/quantity.h"

#define HOLD_MS (5 * 60 * 1000)

#define AT(member) offsetof(struct node_usage, member)
static const struct {
    const char *name;
    enum node_pressure pressure;
    size_t available, total;
} signals[] = {
    { "memory.available", NODE_MEMORY_PRESSURE, AT(memory_available_bytes), AT(memory_bytes) },
    { "nodefs.available", NODE_DISK_PRESSURE, AT(nodefs_available_bytes), AT(nodefs_bytes) },
    { "nodefs.inodesFree", NODE_DISK_PRESSURE, AT(nodefs_inodes_free), AT(nodefs_inodes) },
    { "imagefs.available", NODE_DISK_PRESSURE, AT(imagefs_available_bytes), AT(imagefs_bytes) },
    { "imagefs.inodesFree", NODE_DISK_PRESSURE, AT(imagefs_inodes_free), AT(imagefs_inodes) },
    { "pid.available", NODE_PID_PRESSURE, AT(pids_available), AT(pids) },
};
#undef AT

static int64_t usage_at(const struct node_usage *u, size_t offset)
{
    int64_t value;
    memcpy(&value, (const char *)u + offset, sizeof value);
    return value;
}

int64_t node_threshold(const struct config_map *thresholds, const char *signal, int64_t total)
{
    for (size_t i = 0; i < thresholds->len; i++) {
        const char *value = thresholds->items[i].value;
        struct k8s_quantity q;
        if (!str_eq(thresholds->items[i].key, signal))
            continue;
        size_t len = strlen(value);
        bool percent = len > 0 && value[len - 1] == '%';
        if (k8s_quantity_parse(value, percent ? len - 1 : len, &q) < 0)
            return 0;
        if (!percent)
            return k8s_quantity_value(&q);
        int64_t milli = k8s_quantity_milli(&q); /* thousandths of a percent, at most the whole */
        milli = milli > 100000 ? 100000 : milli < 0 ? 0 : milli;
        return total / 100000 * milli + total % 100000 * milli / 100000;
    }
    return 0;
}

void node_pressures_look(struct node_pressures *p, const struct config_map *thresholds, const struct node_usage *usage,
                         int64_t boot_ms)
{
    bool met[NODE_PRESSURE_NR] = { false };
    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        int64_t available = usage_at(usage, signals[i].available), total = usage_at(usage, signals[i].total);
        if (available >= 0 && total > 0 && available < node_threshold(thresholds, signals[i].name, total))
            met[signals[i].pressure] = true;
    }
    for (size_t i = 0; i < NODE_PRESSURE_NR; i++) {
        if (met[i])
            p->met_boot_ms[i] = boot_ms;
        p->is[i] = met[i] || (p->is[i] && boot_ms - p->met_boot_ms[i] < HOLD_MS);
    }
}
