/* SPDX-License-Identifier: Apache-2.0 */
/* choose_private.h - the two halves of the decision, and what they have in common. */
#pragma once

#include <stddef.h>

#include "entry.h"
#include "rt/wasm_artifact.h"

struct choosing {
    const struct wasm_image *image;
    const struct wasm_ask *ask;
    struct arena *arena;
    struct entry entry;
};

/* By the media types. */
enum { CHOOSE_NO_ARTIFACT = 1 }; /* they say nothing of WebAssembly */
int choose_layer(const struct choosing *c, struct wasm_choice *ret, struct err *err);
/* By what the entry point is. */
int choose_file(const struct choosing *c, struct wasm_choice *ret, struct err *err);

int refuse_compiled(const char *what, struct err *err);
int refuse_text(const char *what, struct err *err);
int no_room(struct err *err); /* in the arena */
