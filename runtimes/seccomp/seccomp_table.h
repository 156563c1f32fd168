/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp_table.h - the rows of the default profile. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct seccomp_arg {
    enum { SECCOMP_ARG_NONE, SECCOMP_ARG_EQ, SECCOMP_ARG_NE, SECCOMP_ARG_MASKED_EQ } op;
    unsigned index;
    uint64_t value; /* for MASKED_EQ the mask, and what is left must be other */
    uint64_t other;
};

struct seccomp_rule {
    const char *names;  /* separated by single spaces; those that an architecture lacks are skipped */
    int errnum;         /* 0: allowed, else the error that the call gets */
    uint64_t with_caps; /* holds when the container has one of these; 0: always */
    uint64_t without_caps; /* holds when it has none of these */
    struct seccomp_arg arg;
};

extern const struct seccomp_rule seccomp_rules[];
extern const size_t seccomp_rules_len;
