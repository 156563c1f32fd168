/* SPDX-License-Identifier: Apache-2.0 */
/* store_private.h - shared by store.c (changes), store_start.c (the first look) and
 * store_collect.c. */
#pragma once

#include "store.h"

struct store_layer { /* a layer or a blob that this process knows of */
    char *key;       /* chain or digest */
    enum store_layer_state state;
};

int store_start(struct store *s, struct err *err);
bool store_needs_sync(const struct store *s);
void store_know_layer(struct store *s, const char *chain);
void store_know(struct store *s, const struct snapshot *image); /* its layers and blobs are there */
