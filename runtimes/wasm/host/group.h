/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group.h - the control group of a container: the caller's, which it has made and limited (annotation), or one that
 * is made here at linux.cgroupsPath.
 */
#pragma once

#include "bundle.h"

struct group {
    char **procs; /* files to join it by, NULL-terminated; NULL: none to join. Lives as long as the process */
};

/* *ret_made: path of a group that was made here and is to be removed with the container; NULL: none. In the arena. */
int group_make(const struct bundle *b, struct group *ret, const char **ret_made, struct err *err);
void group_remove(const char *made); /* NULL is fine */
