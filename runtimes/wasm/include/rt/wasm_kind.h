/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wasm_kind.h - the kinds of module that this node runs.
 */
#pragma once

enum wasm_kind {
    WASM_CORE,    /* a core module: WASI 0.1, _start or a function by name */
    WASM_COMMAND, /* a component that exports wasi:cli/run */
    WASM_HTTP,    /* a component that exports wasi:http/incoming-handler */
    WASM_KIND_NR,
};
const char *wasm_kind_name(enum wasm_kind kind); /* "core", "command", "http". Pure */
int wasm_kind_parse(const char *name, enum wasm_kind *ret); /* 0, -EINVAL. Pure */
