/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compilation.h - one run of the compiler, in four steps: prepare, start (or run), the end of the process, finish.
 *
 * The compiler is given descriptors and no names: the module to read, an unnamed part of the cache to write to, a piece
 * of memory for what it has to say about the module.
 */
#pragma once

#include "base/proc.h"
#include "entry.h"

struct compilation {
    const struct cache_settings *settings; /* borrowed */
    const char *key, *identity, *module_path; /* borrowed */
    char *group; /* control group; NULL: the caller's */
    uint64_t oom_kills; /* in that group, before */
    int module_fd, out_fd, description_fd;
    struct entry_temp code;
};

/* place: the name of its group below the configured one. */
void compilation_init(struct compilation *c, const struct cache_settings *s, const char *place);
void compilation_done(struct compilation *c); /* also removes what was not finished. A few system calls */
DEFINE_CLEANUP_DONE(struct compilation, compilation_done)

/* Makes the group, opens the module, makes the files. Blocking. */
int compilation_prepare(struct compilation *c, struct err *err);
/* On the loop: p is initialised and calls back with the compiler's end. */
int compilation_start(struct compilation *c, struct proc *p, struct err *err);
/* The verdict, and the entry when it is good. Blocking. */
int compilation_finish(struct compilation *c, const struct proc_exit *exit, const char *said, struct entry *ret,
                       struct err *err);
/* Start and finish together. Blocking. */
int compilation_run(struct compilation *c, struct entry *ret, struct err *err);
