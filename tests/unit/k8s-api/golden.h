/* SPDX-License-Identifier: Apache-2.0 */
/*
 * golden.h - the committed objects of tests/data, and comparisons with an independent reader of
 * JSON.
 */
#pragma once

#include "k8s/object.h"

/* tests/data/NAME, caller frees; fails the test when it cannot be read. */
char *golden_read(const char *name, size_t *ret_len);
struct k8s_object *golden_decode(const struct json_type *type, const char *text, size_t len);
/* Fails the test unless both say the same, where an empty value (null, "", 0, false, {} and []) and
 * an absent one do, and managedFields count for nothing. */
void golden_assert_same(const char *a, const char *b);
/* Whether a tree has a non-empty value at path ("spec.containers[].name", first elements taken). */
void *golden_tree(const char *text);
bool golden_has(void *tree, const char *path);
void golden_tree_free(void *tree);
