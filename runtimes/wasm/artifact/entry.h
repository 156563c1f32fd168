/* SPDX-License-Identifier: Apache-2.0 */
/* entry.h - what a container's first argument says: "/app.wasm", "app.wasm#handle", "#handle", "sleep". Pure. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "rt/runtime.h"

enum entry_name { ENTRY_PLAIN, ENTRY_WASM, ENTRY_WAT, ENTRY_NAME_NR }; /* by its ending */

struct entry {
    const char *path;     /* in the image, absolute; "": none */
    const char *function; /* what follows the first '#'; NULL: none */
    enum entry_name name;
    bool bare; /* no slash and no known ending: native programs are looked up in PATH then */
};

/* In the arena. False: no room in it. */
bool entry_of(const struct rt_strings *args, struct arena *arena, struct entry *ret);
