/* SPDX-License-Identifier: Apache-2.0 */
/* mount_wish.h - what a bundle asks of one mount, out of the words of its type and options. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bundle.h"

enum mount_kind {
    MOUNT_BIND,
    MOUNT_TMPFS,
    MOUNT_OF_KERNEL, /* /proc, /sys, /dev, …: a guest has no calls for it, so it is left out */
};

struct mount_wish {
    enum mount_kind kind;
    bool recursive;
    bool readonly, recursive_readonly;
    uint64_t propagation;   /* MS_PRIVATE, MS_SLAVE, MS_SHARED */
    const char *size, *mode; /* of a tmpfs, as the kernel takes them; NULL: not said. Borrowed from the mount */
};

/* -EOPNOTSUPP: a file system, or an option, that cannot be had. -EINVAL: something is missing. err names the mount. */
int mount_wish_of(const struct oci_mount *m, struct mount_wish *ret, struct err *err);
