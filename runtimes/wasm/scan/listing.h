/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listing.h - a few of many names, for a message: "a, b (a memory) and 7 more".
 */
#pragma once

#include <stddef.h>

#include "rt/wasm_scan.h"

#define LISTING_SHOWN 5
#define LISTING_NAME_BYTES 120 /* a longer name is cut */

struct listing {
    char text[LISTING_SHOWN * (LISTING_NAME_BYTES + 24) + 32];
    size_t len, shown, more;
};

void listing_add(struct listing *l, const char *name, const char *note); /* note: NULL, or what stands in brackets */
const char *listing_text(struct listing *l);                            /* complete; "nothing" when it is empty */
/* Functions of core modules and instances of components are the rule; anything else has its sort beside it. */
void listing_add_names(struct listing *l, const struct wasm_names *names);
