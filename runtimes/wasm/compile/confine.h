/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine.h - what the compiler gives up before it looks at the first byte of a module.
 *
 * Afterwards the process is nobody's, in an empty file system, without capabilities and with no way to gain any; its
 * memory is bounded, and of the kernel it has what threads and memory take, reading and writing (see filter.h). What a
 * module could make of a mistake in the compiler is code that this module runs anyway, in its own sandbox.
 *
 * Without root the user and the file system stay what they are: the filter alone keeps it from opening files.
 */
#pragma once

#include <stdint.h>

struct err;

/* memory_max_bytes: of its data; 0: no bound. keep_fd: stays open beside 0 to 2; -1: none. */
int confine(uint64_t memory_max_bytes, int keep_fd, struct err *err);
