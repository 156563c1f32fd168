/* SPDX-License-Identifier: Apache-2.0 */
/* pinned.h - a program under a read-only mount of its own. */
#pragma once

#include "base/err.h"

/* Makes run_dir/bin/NAME a read-only bind mount of program and gives its path (caller frees); one that is there and
 * still the same file is used again. Blocking, at start. */
int pinned_program(const char *run_dir, const char *program, char **ret_path, struct err *err);
