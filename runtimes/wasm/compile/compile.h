/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile.h - from a module's bytes to compiled code, by the engine.
 */
#pragma once

#include <wasm.h>
#include <wasmtime/error.h>

#include "rt/wasm_scan.h"

/*
 * compile() - compiles, and serialises what has become of it.
 *
 * doubtful: imports that this node does not offer, but for which the module may have no need: an interface that holds
 *           types alone has nothing in it to be called. Only the engine knows the types; those that are needed refuse
 *           the module.
 * ret_code: caller's, wasm_byte_vec_delete()
 */
int compile(const void *module, size_t len, enum wasm_kind kind, const struct wasm_names *doubtful,
            wasm_byte_vec_t *ret_code, struct err *err);
/* Takes the engine's error: its message on one line. Returns -EINVAL. */
int compile_error(wasmtime_error_t *error, const char *what, struct err *err);
