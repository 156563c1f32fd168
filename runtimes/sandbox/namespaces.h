/* SPDX-License-Identifier: Apache-2.0 */
/* namespaces.h - makes namespaces that live without a process, held by bind mounts. Blocking: workers. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "rt/runtime.h"

struct namespaces_request {
    const char *net_path, *ipc_path, *uts_path; /* existing files; NULL: not this one */
    const char *hostname;                       /* of the uts namespace */
    const struct rt_sysctl *sysctls;
    size_t sysctls_len;
};

/* One child makes them all: lo is up, the hostname and the sysctls are set. On failure nothing is held. */
int namespaces_make(const struct namespaces_request *req, struct err *err);
/* Lets go of one; a path where nothing is held, or no file, is fine. The file stays. */
int namespaces_drop(const char *path, struct err *err);
/* "net.core.somaxconn" as "/proc/sys/net/core/somaxconn"; a name with '/' keeps its dots. -EINVAL: not a name,
 * or of something that is not the namespace's. Pure. */
int namespaces_sysctl_path(const char *name, char *ret, size_t ret_bytes);
