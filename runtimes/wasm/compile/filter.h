/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.h - the system calls that compiling takes: reading and writing what is open, memory (also executable: the
 * engine puts code into its place before it serialises it), threads. All others fail with ENOSYS: no files, no sockets,
 * no processes, no signals to others. ENOSYS and not the end, because libraries that try a newer call first fall back
 * to the older one.
 */
#pragma once

struct err;

/* For good, for all threads to come. Empty in a build with sanitizers, whose own calls would not be among them. */
int filter_install(struct err *err);
