/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dirs.h - which directories a guest has open from its start (preopened directories).
 *
 * A guest finds its way by the longest name that fits. In "/" as working directory it gets "/", and each volume under
 * its own name. With another one, "." is that one, and since libraries take "/" and "." for the same, "/" is replaced
 * by each directory in it. What may be written is the mounts' business: the kernel says so.
 */
#pragma once

#include "bundle.h"
#include "engine/component.h"
#include "view.h"

/* For a process whose root is the guest's. Lives in the bundle's arena. */
int dirs_choose(const struct bundle *b, const struct view *v, const struct component_dir **ret, size_t *ret_len,
                struct err *err);
