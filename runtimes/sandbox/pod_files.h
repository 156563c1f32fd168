/* SPDX-License-Identifier: Apache-2.0 */
/* pod_files.h - what stands in a pod's resolv.conf. */
#pragma once

#include "base/buf.h"
#include "rt/runtime.h"


/* "search …", "nameserver …", "options …", as resolv.conf(5) has it. Pure. */
void pod_files_resolv_conf(const struct rt_strings *servers, const struct rt_strings *searches,
                           const struct rt_strings *options, struct buf *out);
