/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group.h - the control group of a container: the caller's, which it has made and limited (annotation), or one that
 * is made here at linux.cgroupsPath.
 */
#pragma once

#include "bundle.h"

struct group {
    char **files; /* to join it by, NULL-terminated; NULL: none to join. Lives as long as the process */
    const char *born_in; /* one of them, whose group the process is in from the first */
};

/* Path of the group that is to be made here, and removed with the container, in the bundle's arena; NULL: none is. Pure.
 * -EOPNOTSUPP: one that only systemd can make. */
int group_path(const struct bundle *b, const char **ret, struct err *err);
/* path: of group_path(), which has been written down. -EEXIST: it is there, and whoever made it is in it. */
int group_make(const struct bundle *b, const char *path, struct group *ret, struct err *err);
/* As fork(2), but a group of version 2 has the child in it from the first where the kernel can do that: joining one makes
 * the kernel wait for 7 to 15 ms. */
pid_t group_fork(struct group *g);
/* For the process itself, while it has but one thread: the rest of the groups. -EINVAL: one of the files is none of a control group. */
int group_join(const struct group *g, struct err *err);
void group_remove(const char *made); /* NULL is fine */
