/* SPDX-License-Identifier: Apache-2.0 */
/* discover.h - finds conmon and an OCI runtime, and what they are. Blocking, at start. */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/err.h"

struct discovered {
    char *conmon, *runtime; /* absolute paths; caller frees */
    char *name;             /* "crun", "runc": the last part of the path */
    char *version;          /* "1.8.1" */
    char *conmon_version;   /* "2.1.6" */
    bool seccomp_program;   /* takes a compiled filter by annotation */
};
void discovered_done(struct discovered *d);
DEFINE_CLEANUP_DONE(struct discovered, discovered_done)

/* conmon, runtime: paths or names; NULL: the usual ones. -ENOENT: the message says what to install. */
int discover(const char *conmon, const char *runtime, struct discovered *ret, struct err *err);
/* The version in what `PROGRAM --version` prints, "" when there is none. Caller frees. Pure. */
char *discover_version(const char *text);
/* Whether a crun of this version has the annotation (0.17 and later). Pure. */
bool discover_takes_program(const char *name, const char *version);
