/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.h - the system calls that reading an archive and writing files take. All others fail with
 * ENOSYS: no sockets, no processes, no signals to others, no mounts. ENOSYS and not the end,
 * because a C library that tries a newer call first falls back to the older one.
 */
#pragma once

struct err;

/* For good. Empty in a build with sanitizers, whose own calls would not be among them. */
int filter_install(struct err *err);
