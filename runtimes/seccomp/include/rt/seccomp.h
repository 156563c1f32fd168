/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomp.h - the profile "RuntimeDefault": which system calls a container may make.
 *
 * One table, two forms. Compiled by libseccomp into the program that the kernel takes, which costs 10 to 30 ms
 * and is therefore done once for each set of capabilities that changes it; and as the linux.seccomp object of
 * an OCI runtime specification, for runtimes that insist on compiling it themselves.
 *
 * What the table allows is allowed; what it knows and denies fails with EPERM; what it does not know fails with
 * ENOSYS, so that programs fall back as they would on an older kernel.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json_write.h"

/* A capability as a bit of the masks below. */
#define RT_CAP_BIT(cap) (UINT64_C(1) << (cap))

#define RT_SECCOMP_MAX_BYTES (64 * 1024) /* the kernel's limit: 4096 instructions of 8 bytes each, with room */

/* The bits of a container's capabilities that change the profile: equal keys, equal programs. Pure. */
uint64_t rt_seccomp_key(uint64_t capabilities);
/* The program: an array of struct sock_filter. Blocking (10 to 30 ms): a worker. */
int rt_seccomp_compile(uint64_t capabilities, struct buf *ret_program, struct err *err);
/* The linux.seccomp object, as the writer's next value. Pure. */
void rt_seccomp_write(uint64_t capabilities, struct json_writer *w);
