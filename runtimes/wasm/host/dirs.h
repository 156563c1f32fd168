/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dirs.h - which directories a guest has open from its start (preopened directories).
 *
 * A guest finds its way by the longest name that fits. In "/" as working directory it gets "/", and each volume under
 * its own name. With another one, "." is that one, and since libraries take "/" and "." for the same, "/" is replaced
 * by each directory in it.
 *
 * What may be written is the mounts' business: the kernel says so. But the engine has no word for a read-only file
 * system and speaks of an input/output error; so a directory in which nothing can be written is one that the engine
 * refuses to write in ("operation not permitted").
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "engine/component.h"
#include "view.h"

struct dirs_input {
    const char *root; /* the guest's "/", as this process calls it, without "/" at its end: "" */
    const char *cwd;
    bool readonly;    /* the root is */
    const struct view_mount *mounts;
    size_t mounts_len;
};

/* For a process with the guest's user. -ENOTDIR, -EACCES: the working directory cannot be entered. ret lies in the arena. */
int dirs_choose(const struct dirs_input *in, struct arena *arena, const struct component_dir **ret, size_t *ret_len,
                struct err *err);
