/* SPDX-License-Identifier: Apache-2.0 */
/* platform.h - in which order the entries of an index are asked for. Pure. */
#pragma once

#include "base/arena.h"
#include "rt/image.h"

struct platform_order {
    const struct rt_platform *items;
    size_t len;
};

/* A copy in the arena; wasm_first: those of WebAssembly stand before the others, otherwise the order
 * is kept. */
struct platform_order platform_order_of(const struct rt_platform *platforms, size_t len,
                                        bool wasm_first, struct arena *arena);
