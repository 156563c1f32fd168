/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mounted.h - is a layer under a mounted root file system? The kernel knows, whoever made the
 * containers and whether or not that process still runs.
 */
#pragma once

#include <stdbool.h>

/* text: /proc/self/mountinfo. names: directories of layers, NULL-terminated. Pure. */
bool mounted_layer_in(const char *text, char *const *names);
/* Blocking. When the list cannot be read, the answer is yes. */
bool mounted_any(char *const *names);
