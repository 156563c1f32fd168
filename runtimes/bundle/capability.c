/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/capability.h"

#include <errno.h>
#include <linux/capability.h>
#include <strings.h>

#include "base/mem.h"
#include "base/str.h"

#define BIT(cap) (UINT64_C(1) << (cap))

static const char *const names[CAPABILITY_NR] = {
    [CAP_CHOWN] = "CAP_CHOWN",
    [CAP_DAC_OVERRIDE] = "CAP_DAC_OVERRIDE",
    [CAP_DAC_READ_SEARCH] = "CAP_DAC_READ_SEARCH",
    [CAP_FOWNER] = "CAP_FOWNER",
    [CAP_FSETID] = "CAP_FSETID",
    [CAP_KILL] = "CAP_KILL",
    [CAP_SETGID] = "CAP_SETGID",
    [CAP_SETUID] = "CAP_SETUID",
    [CAP_SETPCAP] = "CAP_SETPCAP",
    [CAP_LINUX_IMMUTABLE] = "CAP_LINUX_IMMUTABLE",
    [CAP_NET_BIND_SERVICE] = "CAP_NET_BIND_SERVICE",
    [CAP_NET_BROADCAST] = "CAP_NET_BROADCAST",
    [CAP_NET_ADMIN] = "CAP_NET_ADMIN",
    [CAP_NET_RAW] = "CAP_NET_RAW",
    [CAP_IPC_LOCK] = "CAP_IPC_LOCK",
    [CAP_IPC_OWNER] = "CAP_IPC_OWNER",
    [CAP_SYS_MODULE] = "CAP_SYS_MODULE",
    [CAP_SYS_RAWIO] = "CAP_SYS_RAWIO",
    [CAP_SYS_CHROOT] = "CAP_SYS_CHROOT",
    [CAP_SYS_PTRACE] = "CAP_SYS_PTRACE",
    [CAP_SYS_PACCT] = "CAP_SYS_PACCT",
    [CAP_SYS_ADMIN] = "CAP_SYS_ADMIN",
    [CAP_SYS_BOOT] = "CAP_SYS_BOOT",
    [CAP_SYS_NICE] = "CAP_SYS_NICE",
    [CAP_SYS_RESOURCE] = "CAP_SYS_RESOURCE",
    [CAP_SYS_TIME] = "CAP_SYS_TIME",
    [CAP_SYS_TTY_CONFIG] = "CAP_SYS_TTY_CONFIG",
    [CAP_MKNOD] = "CAP_MKNOD",
    [CAP_LEASE] = "CAP_LEASE",
    [CAP_AUDIT_WRITE] = "CAP_AUDIT_WRITE",
    [CAP_AUDIT_CONTROL] = "CAP_AUDIT_CONTROL",
    [CAP_SETFCAP] = "CAP_SETFCAP",
    [CAP_MAC_OVERRIDE] = "CAP_MAC_OVERRIDE",
    [CAP_MAC_ADMIN] = "CAP_MAC_ADMIN",
    [CAP_SYSLOG] = "CAP_SYSLOG",
    [CAP_WAKE_ALARM] = "CAP_WAKE_ALARM",
    [CAP_BLOCK_SUSPEND] = "CAP_BLOCK_SUSPEND",
    [CAP_AUDIT_READ] = "CAP_AUDIT_READ",
    [CAP_PERFMON] = "CAP_PERFMON",
    [CAP_BPF] = "CAP_BPF",
    [CAP_CHECKPOINT_RESTORE] = "CAP_CHECKPOINT_RESTORE",
};

const uint64_t capability_all = (UINT64_C(1) << CAPABILITY_NR) - 1;
const uint64_t capability_default =
    BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FSETID) | BIT(CAP_FOWNER) | BIT(CAP_MKNOD) | BIT(CAP_NET_RAW) |
    BIT(CAP_SETGID) | BIT(CAP_SETUID) | BIT(CAP_SETFCAP) | BIT(CAP_SETPCAP) | BIT(CAP_NET_BIND_SERVICE) |
    BIT(CAP_SYS_CHROOT) | BIT(CAP_KILL) | BIT(CAP_AUDIT_WRITE);

const char *capability_name(int number)
{
    return number >= 0 && number < CAPABILITY_NR ? names[number] : NULL;
}

static int bits_of(const char *name, uint64_t *ret, struct err *err)
{
    const char *bare = strncasecmp(name, "CAP_", 4) == 0 ? name + 4 : name;

    if (strcasecmp(bare, "ALL") == 0) {
        *ret = capability_all;
        return 0;
    }
    for (int i = 0; i < CAPABILITY_NR; i++) {
        if (strcasecmp(names[i] + 4, bare) == 0) {
            *ret = BIT(i);
            return 0;
        }
    }
    return err_set(err, -EINVAL, "unknown capability \"%s\"", name);
}

static int bits_of_all(const struct rt_strings *list, uint64_t *ret, struct err *err)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < list->len; i++) {
        uint64_t bits = 0;
        int r = bits_of(list->items[i], &bits, err);

        if (r < 0)
            return r;
        sum |= bits;
    }
    *ret = sum;
    return 0;
}

int capability_mask(const struct rt_strings *add, const struct rt_strings *drop, uint64_t *ret, struct err *err)
{
    uint64_t added, dropped;
    int r = bits_of_all(add, &added, err);

    if (r == 0)
        r = bits_of_all(drop, &dropped, err);
    if (r < 0)
        return r;
    /* What is named on both sides: all but a few dropped, or a few of all kept. The single name wins over "ALL". */
    if (added == capability_all)
        *ret = capability_all & ~(dropped == capability_all ? 0 : dropped);
    else
        *ret = (capability_default & ~dropped) | added;
    return 0;
}
