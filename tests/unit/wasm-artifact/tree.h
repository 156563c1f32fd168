/* SPDX-License-Identifier: Apache-2.0 */
/* tree.h - files to look at: directories of layers and blobs, in a folder that is made and removed for a program. */
#pragma once

#include "rt/runtime.h"

#define MODULE    "\0asm\1\0\0\0"
#define COMPONENT "\0asm\x0d\0\1\0"
#define ELF       "\177ELF\2\1\1\0"

int tree_setup(void **state); /* of a group */
int tree_teardown(void **state);
const char *tree_root(void);

/* One entry below the folder; parents are made.
 *   "l0/dir/"  "l0/file"  "l0/link -> target"  "l0/gone !" (whiteout)  "l0/dir/ y" (opaque) */
void tree_add(const char *entry, const char *content, size_t len);
#define tree_file(path, text) tree_add(path, text, sizeof(text) - 1)

/* Absolute paths of l0 (the topmost) … l(n-1). Borrowed until the next call. */
struct rt_strings tree_layers(size_t n);
/* True when directories could be marked opaque so far. */
bool tree_has_opaque(void);
