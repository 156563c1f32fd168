/* SPDX-License-Identifier: Apache-2.0 */
/* discard.h - takes a tree or a file away, off the loop. What remains (a kill in between) is swept
 * at the next start. */
#pragma once

struct loop;

void discard_tree(struct loop *loop, const char *path); /* copied; NULL is fine */
