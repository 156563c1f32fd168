/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.h - a list of allowed system calls, for the calling process (seccomp(2)).
 *
 * All others fail with ENOSYS. ENOSYS and not the end, because libraries that try a newer call first fall back to the
 * older one. Calls go by name: not every architecture has each, and what this one lacks is left out.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct err;

struct syscall_rule { /* allowed where the first argument … */
    const char *name;
    enum { SYSCALL_FIRST_IS, SYSCALL_FIRST_HAS } condition; /* … equals the value, or has all of its bits */
    uint64_t value;
};

/* For good, for this thread and all that it starts; sets no_new_privs. Borrows its arguments. Empty in a build with
 * sanitizers, whose own calls would not be among them. */
int syscalls_allow_only(const char *const *names, size_t names_len, const struct syscall_rule *rules, size_t rules_len,
                        struct err *err);
