/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine.h - what the process gives up before a guest runs in it, in this order: limits, groups and ids, every
 * capability, the way to gain others; at last, system calls.
 */
#pragma once

#include "bundle.h"

/* oom_score_adj: while /proc is there. */
int confine_score(const struct oci_process *p, struct err *err);
/* rlimits and umask, which are the guest's and not those of what is made for it: while the capabilities are there. */
int confine_limits(const struct oci_process *p, struct err *err);
/* The container's user, no capabilities, no_new_privs. */
int confine_user(const struct oci_user *u, struct err *err);
/* The system calls that a guest of this kind needs; no executable memory is made any more. The loaded code stays. */
int confine_calls(enum wasm_kind kind, struct err *err);
