/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_private.h - a scan under way: sections one after the other, names into growing lists.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "reader.h"
#include "rt/wasm_scan.h"

struct name_list {
    const char *what; /* "imports", "exports" */
    struct wasm_name *items;
    size_t len, cap, max;
};
struct scanning {
    struct arena *arena;
    struct name_list imports, exports;
    size_t name_bytes; /* of both together, so far */
    uint64_t memory_min_bytes;
    struct err *err;
};

/* Adds "module.name", or "name" when module is NULL. -E2BIG. */
struct name_part {
    const char *data; /* not NUL-terminated */
    size_t len;
};
int scan_add(struct scanning *s, struct name_list *list, const struct name_part *module, struct name_part name,
             enum wasm_sort sort);
/* Says what is malformed: -EINVAL. */
int scan_malformed(struct scanning *s, const char *what);

/* One section. > 0: everything that is wanted has been seen. Unknown ids are passed over: the engine judges them. */
enum { SCAN_ENOUGH = 1 };
int scan_core_section(struct scanning *s, uint8_t id, struct reader *body);
int scan_component_section(struct scanning *s, uint8_t id, struct reader *body);
